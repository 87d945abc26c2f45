package show

// EditDistance is the least number of insertions, deletions and substitutions that make b of a (Levenshtein 1966).
func EditDistance[T comparable](a, b []T) int {
	row := make([]int, len(b)+1) // distances from what of a has been seen to the beginnings of b
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			same := diagonal
			if x != y {
				same++
			}
			diagonal = row[j+1]
			row[j+1] = min(same, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
