package lm

import (
	"fmt"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
)

// TestSeqLearns: sequences of 3 to 6 of 8 tokens turned round, of which the model has seen less than one in a hundred.
// Attention must lie on the token that is to be written next.
func TestSeqLearns(t *testing.T) {
	cfg := SeqConfig{Source: 11, Target: 11, SourceLength: 6, TargetLength: 6, Units: 24, Embedding: 16, Seed: 1}
	m := must(NewSeq(cfg))(t)
	draw := seqDraws(3)
	seen := map[string]bool{}
	pairs := func(n int, isNew bool) (source, target [][]int) {
		for len(source) < n {
			tokens := draw.tokens(3+draw.upTo(4), 11)
			text := fmt.Sprint(tokens)
			if isNew && seen[text] {
				continue
			}
			seen[text] = true
			turned := slices.Clone(tokens)
			slices.Reverse(turned)
			source, target = append(source, tokens), append(target, turned)
		}
		return source, target
	}
	source, target := pairs(4000, false)
	set := must(SeqPairs(cfg, source, target))(t)
	_, err := train.Run(t.Context(), m, set, train.Config{Epochs: 12, BatchSize: 32, Optim: optim.Config{Rate: 3e-3}})
	if err != nil {
		t.Fatal(err)
	}
	source, target = pairs(1000, true)
	right, mirrored, choices := 0, 0, 0
	mean := map[[2]int][]float64{} // weights at each choice of each length, added up
	maps := must(m.Attention(source, target))(t)
	for i, found := range must(m.Translate(t.Context(), source, 1))(t) {
		if slices.Equal(found.Tokens, target[i]) {
			right++
		}
		s := len(source[i])
		for at := range s {
			row := maps[i].F64[at*s : (at+1)*s]
			if choices++; seqLargest(row) == s-1-at {
				mirrored++
			}
			key := [2]int{s, at}
			if mean[key] == nil {
				mean[key] = make([]float64, s)
			}
			for j, v := range row {
				mean[key][j] += v
			}
		}
	}
	if right < 980 {
		t.Errorf("%d of 1000 sequences that it has not seen are turned round", right)
	}
	if mirrored < choices*9/10 { // neighbours tell of one another
		t.Errorf("attention is on the mirrored place at %d of %d choices", mirrored, choices)
	}
	for key, row := range mean {
		if s, at := key[0], key[1]; seqLargest(row) != s-1-at {
			t.Errorf("at choice %d for %d tokens most attention is on token %d: %.3f", at, s, seqLargest(row), row)
		}
	}
}

func seqLargest(row []float64) int { return slices.Index(row, slices.Max(row)) }
