package kernel

// Transpose sets dst, a cols by rows matrix, to the transpose of x, rows by cols. dst must
// not overlap x.
func Transpose[T Float](dst, x []T, rows, cols int) {
	checkRows(x, rows, cols)
	checkLen2(dst, x)
	vector[T]().transpose(dst, x, rows, cols)
}

// transposeGeneric goes by square tiles, which keeps the lines of both matrices in cache.
func transposeGeneric[T Float](dst, x []T, rows, cols int) {
	const tile = 32
	for r0 := 0; r0 < rows; r0 += tile {
		r1 := min(r0+tile, rows)
		for c0 := 0; c0 < cols; c0 += tile {
			transposeTile(dst, x, rows, cols, r0, r1, c0, min(c0+tile, cols))
		}
	}
}

// transposeTile transposes rows [r0, r1) and columns [c0, c1) of x.
func transposeTile[T Float](dst, x []T, rows, cols, r0, r1, c0, c1 int) {
	for c := c0; c < c1; c++ {
		out := dst[c*rows+r0 : c*rows+r1]
		for i := range out {
			out[i] = x[(r0+i)*cols+c]
		}
	}
}
