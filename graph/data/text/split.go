package text

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// characters yields the code points of a text.
func characters(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for len(text) > 0 {
			r, n := utf8.DecodeRuneInString(text)
			c := text[:n]
			if r == utf8.RuneError { // or a byte that is no part of one
				c = unknownCharacter
			}
			if !yield(c) {
				return
			}
			text = text[n:]
		}
	}
}

// words yields the words of a text, as Words has them.
func words(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for len(text) > 0 {
			r, n := utf8.DecodeRuneInString(text)
			switch {
			case inWord(r):
				if n = strings.IndexFunc(text, func(r rune) bool { return !inWord(r) }); n < 0 {
					n = len(text)
				}
			case r != '\n' && unicode.IsSpace(r):
				text = text[n:]
				continue
			}
			w := text[:n]
			if r == utf8.RuneError {
				w = unknownCharacter
			}
			if !yield(w) {
				return
			}
			text = text[n:]
		}
	}
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '\''
}

const (
	opening = "([{“‘"
	closing = ".,;:!?)]}”’"
)

// spaced reports whether there is a space between two words.
func spaced(before, word string) bool {
	return before != "\n" && word != "\n" && !strings.Contains(opening, before) && !strings.Contains(closing, word)
}
