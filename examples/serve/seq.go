package main

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/lm"
	"github.com/pkg/errors"
)

func loadSeq(path string) (*model, error) {
	m, err := lm.LoadSeq(path)
	if err != nil {
		return nil, err
	}
	c := m.Config()
	if c.SourceTokens == nil || c.TargetTokens == nil {
		return nil, errors.Errorf("%s does not say which texts its tokens stand for: expected SourceTokens and TargetTokens in the lm.SeqConfig that the model was made with", path)
	}
	source, target := newSide(c.SourceTokens), newSide(c.TargetTokens)
	translate := func(ctx context.Context, q query, texts []string) ([]any, error) {
		sources, err := encodeTexts("sources", texts, func(text string) ([]int, error) {
			ids, err := source.encode(text)
			if err == nil && (len(ids) < 1 || len(ids) > c.SourceLength) {
				err = errors.Wrapf(graph.ErrShape, "it has %d tokens, expected 1 to %d", len(ids), c.SourceLength)
			}
			return ids, err
		})
		if err != nil {
			return nil, err
		}
		found, err := m.Translate(ctx, sources, q.beam)
		if err != nil {
			return nil, err
		}
		targets, logp := make([]string, len(found)), make([]float64, len(found))
		for i, f := range found {
			targets[i], logp[i] = target.decode(f.Tokens), f.LogProb
		}
		return []any{targets, logp}, nil
	}
	example := "March 3, 1987"
	if slices.Equal(c.SourceTokens, c.TargetTokens) { // noise is taken away
		example = "teh ligth"
	}
	layers := append([]int{c.Source}, slices.Repeat([]int{c.Units}, 2*c.Layers)...)
	return &model{
		kind: "seq2seq", config: c, layers: append(layers, c.Target), vocabulary: c.Source,
		example: firstKnown(source.encode, example, "a", c.SourceTokens[c.Source-1]),
		ops: map[string]operation{
			"translate": {takes: "sources", gives: []string{"targets", "log_probabilities"}, asks: []string{"beam"}, write: translate},
		},
	}, nil
}

// A side is the tokens of sources or targets. A file does not say whether they are characters or words with spaces
// between, but characters are one rune each.
type side struct {
	tokens []string
	words  bool
	ids    map[string]int
}

func newSide(tokens []string) side {
	s := side{tokens: tokens, ids: map[string]int{}}
	for i, t := range tokens[lm.SeqFirst:] {
		s.ids[t] = lm.SeqFirst + i
		s.words = s.words || utf8.RuneCountInString(t) > 1
	}
	return s
}

func (s side) encode(text string) ([]int, error) {
	parts := strings.Split(text, "")
	if s.words {
		parts = strings.Fields(text)
	}
	ids := make([]int, len(parts))
	for i, token := range parts {
		id, ok := s.ids[token]
		if !ok {
			return nil, unknown(i, token, s.decode(idsFrom(lm.SeqFirst, len(s.tokens))))
		}
		ids[i] = id
	}
	return ids, nil
}

func (s side) decode(ids []int) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = s.tokens[id]
	}
	if s.words {
		return strings.Join(parts, " ")
	}
	return strings.Join(parts, "")
}
