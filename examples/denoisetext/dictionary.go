package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// A dictionary corrects words one by one, in the manner of Norvig (2007, "How to write a spelling corrector"): a word that
// is not in it becomes the one that is nearest, if that is at most two edits away, and of those that are as near the most
// frequent. Punctuation around words stays.
type dictionary struct {
	counts map[string]int
	words  [][]rune // from the most frequent on
}

// farthest is how many edits away a correction may be.
const farthest = 2

// newDictionary counts words, as spaces divide them.
func newDictionary(words []string) *dictionary {
	d := &dictionary{counts: map[string]int{}}
	for _, w := range words {
		if _, core, _ := peel(w); core != "" {
			d.counts[core]++
		}
	}
	order := slices.SortedFunc(maps.Keys(d.counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(d.counts[b], d.counts[a]), cmp.Compare(a, b))
	})
	for _, w := range order {
		d.words = append(d.words, []rune(w))
	}
	return d
}

// correct corrects the words of a text.
func (d *dictionary) correct(text string) string {
	words := strings.Fields(text)
	for i, w := range words {
		before, core, after := peel(w)
		words[i] = before + d.nearest(core) + after
	}
	return strings.Join(words, " ")
}

func (d *dictionary) nearest(word string) string {
	if word == "" || d.counts[word] > 0 {
		return word
	}
	runes, best, least := []rune(word), word, farthest+1
	for _, w := range d.words {
		if max(len(w)-len(runes), len(runes)-len(w)) < least {
			if n := typingDistance(runes, w); n < least {
				best, least = string(w), n
			}
		}
	}
	return best
}

// peel takes what is no letter or digit from both ends of a word.
func peel(word string) (before, core, after string) {
	other := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	rest := strings.TrimLeftFunc(word, other)
	core = strings.TrimRightFunc(rest, other)
	return word[:len(word)-len(rest)], core, rest[len(core):]
}

// typingDistance is the least number of insertions, deletions, substitutions and swaps of neighbours, none of which is
// edited again, that make b of a (Damerau 1964).
func typingDistance(a, b []rune) int {
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next[0] = i + 1
		for j := range b {
			n := row[j]
			if a[i] != b[j] {
				n++
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				n = min(n, before[j-1]+1)
			}
			next[j+1] = min(n, row[j+1]+1, next[j]+1)
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
