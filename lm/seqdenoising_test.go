package lm

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/text"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// seqSentences are n sequences of 1 to most tokens of a vocabulary, the first a number of its own.
func seqSentences(n, most, vocabulary int) [][]int {
	clean := make([][]int, n)
	draw := seqDraws(4)
	for i := range clean {
		clean[i] = append([]int{vocabulary + i}, draw.tokens(i%most, vocabulary)...)
	}
	return clean
}

// seqEpoch is the pairs of an epoch, by the first token of the target.
func seqEpoch(t *testing.T, cfg SeqConfig, src data.Source, key graph.Key, size int) map[int][2][]int {
	t.Helper()
	pairs := map[int][2][]int{}
	for b, err := range src.Batches(key, size) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.N {
			x, y := b.X.Int[i*cfg.SourceLength:(i+1)*cfg.SourceLength], b.Y.Int[i*cfg.TargetLength:(i+1)*cfg.TargetLength]
			pairs[y[0]] = [2][]int{slices.Clone(x[seqLeading(x):]), slices.Clone(y[:seqTokensOf(y)])}
		}
	}
	return pairs
}

// TestSeqDenoising: targets are the clean sequences, sources what the noise makes of them with a key of the epoch and the
// sequence's number.
func TestSeqDenoising(t *testing.T) {
	cfg := SeqConfig{Source: 1020, Target: 1020, SourceLength: 9, TargetLength: 8}
	clean := seqSentences(300, 8, 20)
	ids := text.IDs{First: SeqFirst, End: 1020, Mask: SeqEnd}
	for _, noise := range []text.Corruption{
		text.Chain{}, text.Chain{text.Deletion{Rate: 0.3, IDs: ids}, text.Shuffle{Distance: 2, IDs: ids}}, text.Insertion{Rate: 0.6, IDs: ids},
	} {
		src := must(SeqDenoising(cfg, clean, noise))(t)
		if src.Len() != 300 || !slices.Equal(src.Shape(), []int{9}) {
			t.Errorf("%d examples of %v", src.Len(), src.Shape())
		}
		key := graph.NewKey(1).At(5)
		one, longest := seqEpoch(t, cfg, src, key, 7), 0
		for i, tokens := range clean {
			pair, want := one[tokens[0]], must(noise.Corrupt(key.Fork("noise").ForkN(i), tokens))(t)
			longest = max(longest, len(want))
			if !slices.Equal(pair[1], tokens) || !slices.Equal(pair[0], want[:min(9, len(want))]) {
				t.Fatalf("%s: %v became %v, to be restored to %v, expected %v", noise, tokens, pair[0], pair[1], want)
			}
		}
		if _, longer := noise.(text.Insertion); longer != (longest > 9) {
			t.Errorf("%s: the longest source has %d tokens", noise, longest)
		}
		if again := seqEpoch(t, cfg, src, key, 50); fmt.Sprint(again) != fmt.Sprint(one) {
			t.Errorf("%s: the size of batches changes the noise", noise)
		}
		other, same := seqEpoch(t, cfg, src, key.At(6), 7), 0
		for first, pair := range other {
			if slices.Equal(pair[0], one[first][0]) {
				same++
			}
		}
		if len(other) != 300 || noise.String() == "none" != (same == 300) || noise.String() != "none" && same > 150 {
			t.Errorf("%s: %d of %d sequences are the same in another epoch", noise, same, len(other))
		}
	}
}

// careless is noise that gives what no model can read.
type careless struct{ tokens []int }

func (c careless) Corrupt(graph.Key, []int) ([]int, error) { return c.tokens, nil }
func (c careless) String() string                          { return "careless" }

func TestSeqDenoisingErrors(t *testing.T) {
	cfg := SeqConfig{Source: 8, Target: 9, SourceLength: 4, TargetLength: 5}
	ids := text.IDs{First: SeqFirst, End: 8}
	good := text.Swap{Rate: 0.5, IDs: ids}
	for say, c := range map[string]struct {
		cfg   SeqConfig
		clean [][]int
		noise text.Corruption
		err   error
	}{
		"Units 3":                   {SeqConfig{Source: 8, Target: 9, SourceLength: 4, TargetLength: 5, Units: 3}, [][]int{{3}}, good, ErrConfig},
		"SourceLength -1":           {SeqConfig{Source: 8, Target: 9, SourceLength: -1, TargetLength: 5}, [][]int{{3}}, good, ErrConfig},
		"no source":                 {cfg, nil, good, graph.ErrShape},
		"source 1: it has 0":        {cfg, [][]int{{3}, {}}, good, graph.ErrShape},
		"source 1: it has 5 tokens": {cfg, [][]int{{3}, {3, 3, 3, 3, 3}}, good, graph.ErrShape},
		"token 0 is 8":              {cfg, [][]int{{8}}, good, graph.ErrRange},
		"token 1 is 2":              {cfg, [][]int{{3, 2}}, good, graph.ErrRange},
		"swap:2 of sequence 0":      {cfg, [][]int{{3}}, text.Swap{Rate: 2, IDs: ids}, data.ErrConfig},
		"careless: lm: source 0":    {cfg, [][]int{{3}}, careless{}, graph.ErrShape},
		"source 0: token 1 is 8, e": {cfg, [][]int{{3}}, careless{[]int{3, 8}}, graph.ErrRange},
	} {
		_, err := SeqDenoising(c.cfg, c.clean, c.noise)
		if !errors.Is(err, c.err) || !strings.Contains(err.Error(), say) {
			t.Errorf("%v, expected %v with %q", err, c.err, say)
		}
	}
	src := must(SeqDenoising(cfg, [][]int{{3, 4}}, good))(t)
	for _, err := range src.Batches(graph.Key{}, 2) {
		if !errors.Is(err, data.ErrBatch) {
			t.Errorf("%v", err)
		}
	}
}

// TestSeqDenoisingLearns: in sequences that count up by 1, of tokens that are masked, replaced and swapped, nearly all
// are restored; half of them as they are.
func TestSeqDenoisingLearns(t *testing.T) {
	const digits = 10
	cfg := SeqConfig{Source: SeqFirst + digits + 1, Target: SeqFirst + digits, SourceLength: 8, TargetLength: 8, Units: 32, Embedding: 16, Seed: 1}
	ids := text.IDs{First: SeqFirst, End: cfg.Target, Mask: cfg.Source - 1}
	noise := must(text.ParseCorruption("swap:0.05,replacement:0.05,masking:0.05", ids))(t)
	draw := seqDraws(2)
	counts := func(n int) (clean [][]int) {
		for range n {
			first, length := draw.upTo(digits), 5+draw.upTo(4)
			var tokens []int
			for i := range length {
				tokens = append(tokens, SeqFirst+(first+i)%digits)
			}
			clean = append(clean, tokens)
		}
		return clean
	}
	m := must(NewSeq(cfg))(t)
	src := must(SeqDenoising(cfg, counts(1000), noise))(t)
	_, err := train.Run(t.Context(), m, src, train.Config{Epochs: 20, BatchSize: 25, Optim: optim.Config{Rate: 3e-3}})
	if err != nil {
		t.Fatal(err)
	}
	clean := counts(500)
	sources := make([][]int, len(clean))
	before, after := 0, 0
	for i, tokens := range clean {
		sources[i] = must(noise.Corrupt(graph.NewKey(99).ForkN(i), tokens))(t)
		if slices.Equal(sources[i], tokens) {
			before++
		}
	}
	for i, found := range must(m.Translate(t.Context(), sources, 2))(t) {
		if slices.Equal(found.Tokens, clean[i]) {
			after++
		}
	}
	if before > 300 || after < 470 {
		t.Errorf("%d of 500 sequences are right with noise, %d without", before, after)
	}
}
