package text

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph/data"
)

// Unknown is the id of the token that stands for all that is not in a vocabulary.
const Unknown = 0

// What the unknown token looks like in a text: no token of the other kind is like it.
const (
	unknownCharacter = string(utf8.RuneError)
	unknownWord      = "<unk>"
)

// maxTokens is the size of the largest vocabulary.
const maxTokens = 1 << 20

// A Vocabulary numbers the tokens of a text: its characters or its words. Their ids are 0 to Len()-1, and 0 is
// Unknown. Its JSON form, a list of the tokens by id, is part of model files. It does not change, and may be
// used by several goroutines at once.
type Vocabulary struct {
	words  bool
	tokens []string
	ids    map[string]int
}

// Characters is the vocabulary of the characters (Unicode code points) of a text, in their order in Unicode.
func Characters(text string) (*Vocabulary, error) {
	seen := map[string]int{}
	for c := range characters(text) {
		seen[c]++
	}
	delete(seen, unknownCharacter)
	return newVocabulary(false, append([]string{unknownCharacter}, slices.Sorted(maps.Keys(seen))...))
}

// Words is the vocabulary of the n most frequent words of a text, from the most frequent on; of those that are as
// frequent, the first in the alphabet count. A word is a run of letters, digits, apostrophes and marks; any other
// character is a word of its own, the end of a line among them, but other space only separates. Upper and
// lower case differ.
func Words(text string, n int) (*Vocabulary, error) {
	if n < 1 || n >= maxTokens {
		return nil, errors.Wrapf(data.ErrConfig, "text: a vocabulary of %d words, expected 1 to %d", n, maxTokens-1)
	}
	counts := map[string]int{}
	for w := range words(text) {
		counts[w]++
	}
	delete(counts, unknownCharacter)
	order := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	return newVocabulary(true, append([]string{unknownWord}, order[:min(n, len(order))]...))
}

// newVocabulary checks the tokens, which it keeps.
func newVocabulary(ofWords bool, tokens []string) (*Vocabulary, error) {
	v := &Vocabulary{words: ofWords, tokens: tokens, ids: make(map[string]int, len(tokens))}
	switch {
	case len(tokens) < 2:
		return nil, errors.Wrap(data.ErrEmpty, "text: a vocabulary needs a token besides the unknown one")
	case len(tokens) > maxTokens:
		return nil, errors.Wrapf(data.ErrFormat, "text: a vocabulary of %d tokens, at most %d are possible", len(tokens), maxTokens)
	case tokens[Unknown] != v.unknown():
		return nil, errors.Wrapf(data.ErrFormat, "text: token 0 of a vocabulary is %.20q, expected %q", tokens[Unknown], v.unknown())
	}
	for id, token := range tokens {
		if _, twice := v.ids[token]; twice {
			return nil, errors.Wrapf(data.ErrFormat, "text: token %.20q is twice in a vocabulary", token)
		}
		if id != Unknown && !v.isToken(token) {
			return nil, errors.Wrapf(data.ErrFormat, "text: token %d of a vocabulary, %.20q, is not one %s", id, token, v.what())
		}
		v.ids[token] = id
	}
	return v, nil
}

func (v *Vocabulary) unknown() string {
	if v.words {
		return unknownWord
	}
	return unknownCharacter
}

func (v *Vocabulary) what() string {
	if v.words {
		return "word"
	}
	return "character"
}

// isToken reports whether a text of this token alone would have it as its only one.
func (v *Vocabulary) isToken(token string) bool {
	count, first := 0, ""
	for t := range v.split(token) {
		if count == 0 {
			first = t
		}
		count++
	}
	return count == 1 && first == token && token != unknownCharacter && utf8.ValidString(token)
}

// split yields the tokens of a text, known or not.
func (v *Vocabulary) split(text string) iter.Seq[string] {
	if v.words {
		return words(text)
	}
	return characters(text)
}

// Len is the number of tokens, the unknown one among them.
func (v *Vocabulary) Len() int { return len(v.tokens) }

// Encode returns the ids of the tokens of a text; those that are not in the vocabulary are Unknown.
func (v *Vocabulary) Encode(text string) []int {
	ids := make([]int, 0, len(text)/4)
	for t := range v.split(text) {
		ids = append(ids, v.ids[t]) // of no token 0, which is Unknown
	}
	return ids
}

// Decode returns the text of tokens. Characters give back the text that was encoded. Words are separated by
// spaces, but for those around the end of a line, and on the inner side of punctuation.
func (v *Vocabulary) Decode(ids []int) string {
	var b strings.Builder
	before := "\n"
	for _, id := range ids {
		token := v.unknown()
		if id > Unknown && id < len(v.tokens) {
			token = v.tokens[id]
		}
		if v.words && spaced(before, token) {
			b.WriteByte(' ')
		}
		b.WriteString(token)
		before = token
	}
	return b.String()
}
