package main

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/text"
	"github.com/latent-go/latent/lm"
	"github.com/pkg/errors"
)

// A language is a language model with what its tokens stand for.
type language struct {
	*lm.Model
	tokens *text.Vocabulary
}

func loadLM(path string) (*model, error) {
	m, err := lm.Load(path)
	if err != nil {
		return nil, err
	}
	c := m.Config()
	if c.Tokens == nil {
		return nil, errors.Errorf("%s does not say which texts its %d tokens stand for: expected Tokens in the lm.Config that the model was made with", path, c.Vocabulary)
	}
	l := language{m, c.Tokens}
	layers := append([]int{c.Vocabulary}, slices.Repeat([]int{c.Units}, c.Layers)...)
	return &model{
		kind: "lm", config: c, layers: append(layers, c.Vocabulary), vocabulary: c.Vocabulary,
		example: firstKnown(l.encode, "The light", c.Tokens.Decode([]int{c.Vocabulary - 1, c.Vocabulary - 1})),
		ops: map[string]operation{
			"score":    {takes: "texts", gives: []string{"log_probabilities", "perplexities", "tokens", "surprisals"}, write: l.score},
			"generate": {takes: "prompts", gives: []string{"continuations"}, asks: []string{"length", "temperature"}, random: true, write: l.generate},
		},
	}, nil
}

// firstKnown is the first of some texts that has no unknown token, or the last.
func firstKnown(encode func(string) ([]int, error), texts ...string) string {
	for _, t := range texts {
		if _, err := encode(t); err == nil {
			return t
		}
	}
	return texts[len(texts)-1]
}

// encode refuses characters that the vocabulary lacks; of words it knows frequent ones alone, and takes all. The sign of
// the unknown token stands for it, since a model may have written it.
func (l language) encode(s string) ([]int, error) {
	sign := l.tokens.Decode([]int{text.Unknown})
	characters := utf8.RuneCountInString(sign) == 1
	var all []int
	for i, part := range strings.Split(s, sign) {
		if i > 0 {
			all = append(all, text.Unknown)
		}
		ids := l.tokens.Encode(part)
		if place := slices.Index(ids, text.Unknown); characters && place >= 0 {
			return nil, unknown(len(all)+place, string([]rune(part)[place]), l.tokens.Decode(idsFrom(1, l.tokens.Len())))
		}
		all = append(all, ids...)
	}
	return all, nil
}

// pieces are the texts of tokens, with the spaces that are between them.
func (l language) pieces(ids []int) []string {
	list := make([]string, len(ids))
	for i := range ids {
		list[i] = l.after(ids[max(0, i-1):i], ids[i:i+1])
	}
	return list
}

// after is the text of tokens that follow others.
func (l language) after(before, ids []int) string {
	return l.tokens.Decode(slices.Concat(before, ids))[len(l.tokens.Decode(before)):]
}

// score gives log p of texts, their perplexities, and their tokens with -log p of each but the first.
func (l language) score(ctx context.Context, _ query, texts []string) ([]any, error) {
	all, err := encodeTexts("texts", texts, l.encode)
	if err != nil {
		return nil, err
	}
	n := len(all)
	logp, perplexities := make([]float64, n), make([]float64, n)
	tokens, surprisals := make([][]string, n), make([][]float64, n)
	for i, ids := range all {
		if surprisals[i], err = l.Surprisal(ctx, ids); err != nil {
			return nil, errors.WithMessagef(err, "texts[%d]", i)
		}
		for _, v := range surprisals[i] {
			logp[i] -= v
		}
		perplexities[i], tokens[i] = math.Exp(-logp[i]/float64(len(ids)-1)), l.pieces(ids)
		if err := graph.Floats64([]float64{logp[i], perplexities[i]}, 2).CheckFinite(); err != nil {
			return nil, errors.WithMessagef(err, "log probability and perplexity of texts[%d]", i)
		}
	}
	return []any{logp, perplexities, tokens, surprisals}, nil
}

// generate gives what follows prompts, without them.
func (l language) generate(ctx context.Context, q query, prompts []string) ([]any, error) {
	all, err := encodeTexts("prompts", prompts, l.encode)
	if err != nil {
		return nil, err
	}
	if len(all)*q.length > maxTokens {
		return nil, refuse(http.StatusUnprocessableEntity, "%d prompts with length=%d, expected %d tokens at most in all", len(all), q.length, maxTokens)
	}
	next, err := l.Generate(ctx, q.key(), all, q.length, q.temperature)
	if err != nil {
		return nil, err
	}
	more := make([]string, len(all))
	for i, ids := range next {
		more[i] = l.after(all[i][len(all[i])-1:], ids)
	}
	return []any{more}, nil
}
