package lm

import (
	"context"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/pkg/errors"
)

// TestSeqStepsAreTheWhole: log p of what a search finds, put together step by step, is that of the whole sequences.
func TestSeqStepsAreTheWhole(t *testing.T) {
	for name, cfg := range seqConfigs() {
		m := seqModel(t, cfg, graph.Float64)
		sources, _ := seqSome(cfg, 9, false)
		for _, beam := range []int{1, 3} {
			check := func(found []SeqTranslation) {
				t.Helper()
				var targets [][]int
				for _, f := range found {
					targets = append(targets, f.Tokens)
				}
				for i, want := range must(m.LogLikelihood(sources, targets))(t).F64 {
					near(t, name, found[i].LogProb, want, 1e-12)
				}
			}
			check(must(m.Translate(t.Context(), sources, beam))(t))
			check(must(m.Sample(t.Context(), graph.NewKey(uint64(beam)), sources))(t))
		}
	}
}

// TestSeqBeam: a beam for all targets finds the most probable one, and a beam of 1 what a greedy search finds.
func TestSeqBeam(t *testing.T) {
	wrong := 0
	for name, cfg := range seqConfigs() {
		if cfg.TargetLength > 4 {
			continue
		}
		m := seqModel(t, cfg, graph.Float64)
		for _, q := range m.params.List() {
			for i := range q.Size { // so that the first choices tell little of the best targets
				q.Value().F64[i] *= 2
			}
		}
		sources, _ := seqSome(cfg, 8, false)
		all := seqAll(cfg)
		wide := must(m.Translate(t.Context(), sources, len(all)))(t)
		greedy := must(m.Translate(t.Context(), sources, 1))(t)
		for i, source := range sources {
			_, logp := seqProbabilities(t, m, source)
			best := 0
			for j, v := range logp {
				if v > logp[best] {
					best = j
				}
			}
			if !slices.Equal(wide[i].Tokens, all[best]) {
				t.Errorf("%s: found %v, expected %v", name, wide[i], all[best])
			}
			near(t, name, wide[i].LogProb, logp[best], 1e-12)
			if want := seqGreedy(t, m, source); !slices.Equal(greedy[i].Tokens, want) {
				t.Errorf("%s: a beam of 1 finds %v, a greedy search %v", name, greedy[i].Tokens, want)
			}
			if !slices.Equal(greedy[i].Tokens, all[best]) {
				wrong++
			}
		}
	}
	if wrong == 0 {
		t.Error("greedy search is always right: nothing is tested")
	}
}

// seqGreedy takes the most probable choice at each place, by sums over all targets that begin so.
func seqGreedy(t *testing.T, m *SeqModel, source []int) []int {
	all, logp := seqProbabilities(t, m, source)
	prefix := []int{}
	for len(prefix) < m.cfg.TargetLength {
		choices := make([]float64, m.cfg.Target)
		for j, tokens := range all {
			if len(tokens) == len(prefix) && slices.Equal(tokens, prefix) {
				choices[SeqEnd] += math.Exp(logp[j])
			} else if len(tokens) > len(prefix) && slices.Equal(tokens[:len(prefix)], prefix) {
				choices[tokens[len(prefix)]] += math.Exp(logp[j])
			}
		}
		best := SeqEnd
		for id, p := range choices {
			if p > choices[best] {
				best = id
			}
		}
		if best == SeqEnd {
			break
		}
		prefix = append(prefix, best)
	}
	return prefix
}

// TestSeqSampleFrequencies counts samples beside their probabilities.
func TestSeqSampleFrequencies(t *testing.T) {
	m := seqModel(t, seqConfigs()["plain"], graph.Float32)
	source := []int{4, 3, 5}
	all, logp := seqProbabilities(t, m, source)
	const n = 6000
	sources := make([][]int, n)
	for i := range sources {
		sources[i] = source
	}
	samples := must(m.Sample(t.Context(), graph.NewKey(4), sources))(t)
	for j, tokens := range all {
		count := 0.0
		for _, s := range samples {
			if slices.Equal(s.Tokens, tokens) {
				count++
				near(t, "log p of a sample", s.LogProb, logp[j], 1e-5)
			}
		}
		if want := n * math.Exp(logp[j]); math.Abs(count-want) > 5*math.Sqrt(want)+1e-9 {
			t.Errorf("%v was drawn %v times, expected %.1f", tokens, count, want)
		}
	}
	few := must(m.Sample(t.Context(), graph.NewKey(4), sources[:2]))(t)
	if !reflect.DeepEqual(few, samples[:2]) {
		t.Errorf("the first samples are %v of many and %v of few", samples[:2], few)
	}
}

func TestSeqUseErrors(t *testing.T) {
	m := seqModel(t, seqConfigs()["plain"], graph.Float32)
	ctx, key := t.Context(), graph.Key{}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	good, long := [][]int{{3, 4}}, [][]int{{3, 3, 3, 3, 3}}
	batch := func(change func(x, y []int)) error {
		b := seqBatch(t, m.cfg, 4, false)
		change(b.X.Int, b.Y.Int)
		_, err := m.Gradient(key, b)
		return err
	}
	broken := seqModel(t, seqConfigs()["plain"], graph.Float32)
	broken.params.Lookup("out/b").Value().F32[1] = float32(math.NaN())
	for name, c := range map[string]struct{ err, want error }{
		"no beam":             {seqSecond(m.Translate(ctx, good, 0)), ErrConfig},
		"wide beam":           {seqSecond(m.Translate(ctx, good, 1<<40)), ErrConfig},
		"cancelled":           {seqSecond(m.Translate(cancelled, good, 1)), context.Canceled},
		"cancelled sample":    {seqSecond(m.Sample(cancelled, key, good)), context.Canceled},
		"no source":           {seqSecond(m.Translate(ctx, nil, 1)), graph.ErrShape},
		"no sample":           {seqSecond(m.Sample(ctx, key, nil)), graph.ErrShape},
		"empty source":        {seqSecond(m.Translate(ctx, [][]int{{3}, {}}, 1)), graph.ErrShape},
		"long source":         {seqSecond(m.Sample(ctx, key, long)), graph.ErrShape},
		"begin in a source":   {seqSecond(m.Translate(ctx, [][]int{{3, SeqBegin}}, 1)), graph.ErrRange},
		"unknown token":       {seqSecond(m.Translate(ctx, [][]int{{6}}, 1)), graph.ErrRange},
		"unknown target":      {seqSecond(m.LogLikelihood(good, [][]int{{5}})), graph.ErrRange},
		"end in a target":     {seqSecond(m.LogLikelihood(good, [][]int{{3, SeqEnd}})), graph.ErrRange},
		"long target":         {seqSecond(m.Attention(good, long)), graph.ErrShape},
		"fewer targets":       {seqSecond(m.LogLikelihood(good, nil)), graph.ErrShape},
		"not a number":        {seqSecond(broken.Translate(ctx, good, 2)), graph.ErrNotFinite},
		"pairs":               {seqSecond(SeqPairs(m.cfg, good, long)), graph.ErrShape},
		"pairs of nothing":    {seqSecond(SeqPairs(SeqConfig{}, good, good)), ErrConfig},
		"gap in a source":     {batch(func(x, _ []int) { x[11], x[10] = 0, 3 }), graph.ErrRange},
		"no token":            {batch(func(x, _ []int) { clear(x[:4]) }), graph.ErrShape},
		"source out of range": {batch(func(x, _ []int) { x[3] = 6 }), graph.ErrRange},
		"target out of range": {batch(func(_, y []int) { y[9] = 99 }), graph.ErrRange},
		"begin in targets":    {batch(func(_, y []int) { y[9] = SeqBegin }), graph.ErrRange},
		"no end":              {batch(func(_, y []int) { y[0] = SeqPad }), graph.ErrRange},
		"after the end":       {batch(func(_, y []int) { y[1] = 3 }), graph.ErrRange},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
	for name, change := range map[string]func(b *data.Batch){
		"longer":     func(b *data.Batch) { b.X = graph.Ints(make([]int, 20), 4, 5) },
		"floats":     func(b *data.Batch) { b.Y = graph.Floats32(make([]float32, 12), 4, 3) },
		"no targets": func(b *data.Batch) { b.Y = graph.Array{} },
		"fewer":      func(b *data.Batch) { b.N = 3 },
		"empty":      func(b *data.Batch) { *b = data.Batch{X: graph.Ints([]int{}, 0, 4), Y: graph.Ints([]int{}, 0, 3)} },
	} {
		b := seqBatch(t, m.cfg, 4, false)
		change(&b)
		if _, err := m.Evaluate(key, b); !errors.Is(err, graph.ErrShape) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func seqSecond[T any](_ T, err error) error { return err }
