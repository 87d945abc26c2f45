package pixel

import (
	"context"
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// TestRowsAreTheWhole runs a network row by row over an image: the logits must be those of the whole image.
func TestRowsAreTheWhole(t *testing.T) {
	for k := Convolutional; k.valid(); k++ {
		cfg := Config{Shape: []int{7, 5}, Kind: k, Layers: 3, Features: 8, Levels: 4, Classes: 2}
		m := model(t, cfg, graph.Float64)
		const n = 3
		x := uniform(7, n, 35)
		rounded, _ := m.rounded(x)
		y := must(m.with(n, []int{1, 0, 1}))(t)
		whole := must(graph.First(m.predict.Run(graph.Key{}, n, append([]graph.Array{rounded}, y...)...)))(t)
		past := m.outside(n)
		for at := range 7 {
			row := graph.Floats64(make([]float64, n*5), n, 5)
			for i := range row.F64 {
				row.F64[i] = rounded.At(i/5*35 + at*5 + i%5)
			}
			in := m.rowInputs(row, y, at, past)
			logits := must(graph.First(m.draw.Run(graph.Key{}, n, in...)))(t)
			past = must(m.advance.Run(graph.Key{}, n, in...))(t)
			for i := range n * 5 {
				for l := range 4 {
					near(t, k.String(), logits.At(4*i+l), whole.At(4*(i/5*35+at*5+i%5)+l), 1e-12)
				}
			}
		}
	}
}

// TestSampleFrequencies counts samples of a model of 4 pixels, and its completions, beside p(x).
func TestSampleFrequencies(t *testing.T) {
	for name, cfg := range kinds() {
		cfg.Shape = []int{2, 2}
		m := model(t, cfg, graph.Float32)
		cfg = m.Config()
		x := all(cfg)
		label := labels(cfg, 1)
		expand := func(n int) []int {
			many := make([]int, 0, n)
			for range n * len(label) {
				many = append(many, label[0])
			}
			return many
		}
		logp := must(m.LogLikelihood(graph.Key{}, x, expand(x.Shape[0])...))(t)
		const n = 4000
		for _, known := range []int{0, 1, 3} {
			start := graph.Floats32(make([]float32, 4*n), n, 2, 2)
			for i := range start.F32 {
				start.F32[i] = float32(i % 2) // 0 1 0 1
			}
			got := must(m.Complete(t.Context(), graph.NewKey(uint64(known)), start, known, expand(n)...))(t)
			counts := make([]float64, x.Shape[0])
			for e := range n {
				at := 0
				for i := range 4 {
					at = at*cfg.Levels + int(math.Round(got.At(4*e+i)*float64(cfg.Levels-1)))
				}
				counts[at]++
			}
			p, total := make([]float64, len(counts)), 0.0
			for e := range p {
				fits := true
				for i := range known {
					fits = fits && x.At(4*e+i) == float64(i%2)
				}
				if fits {
					p[e] = math.Exp(logp.At(e))
					total += p[e]
				}
			}
			for e := range p {
				want := n * p[e] / total
				if math.Abs(counts[e]-want) > 5*math.Sqrt(want)+1e-9 {
					t.Errorf("%s, %d known: image %d was drawn %v times, expected %.1f", name, known, e, counts[e], want)
				}
			}
		}
	}
}

func TestSample(t *testing.T) {
	cfg := kinds()["convolutional"]
	cfg.Shape = []int{1, 5, 4}
	m := model(t, cfg, graph.Float32)
	key := graph.NewKey(1)
	many := must(m.Sample(t.Context(), key, 600))(t) // more than one chunk
	few := must(m.Sample(t.Context(), key, 3))(t)
	if !sameBits(many.Rows(0, 3), few) {
		t.Error("the first images depend on how many are drawn")
	}
	if err := many.CheckRange(0, 1); err != nil || many.Shape[0] != 600 || many.Shape[1] != 20 {
		t.Errorf("samples of shape %v, %v", many.Shape, err)
	}
	if sameBits(few, must(m.Sample(t.Context(), graph.NewKey(2), 3))(t)) {
		t.Error("another key gives the same samples")
	}
	x := uniform(3, 2, 5, 4)
	whole := must(m.Complete(t.Context(), key, x, 20))(t)
	for i, v := range whole.F32 {
		if v != float32(math.Round(float64(x.F32[i]))) {
			t.Error("a known pixel was drawn")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Sample(ctx, key, 3); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestUseErrors(t *testing.T) {
	plain, labelled := model(t, kinds()["convolutional"], graph.Float32), model(t, kinds()["convolutional, labels"], graph.Float32)
	ctx, key, x := t.Context(), graph.Key{}, uniform(1, 2, 6)
	outside := uniform(1, 2, 6)
	outside.F32[7] = 1.5
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"no samples":     {second(plain.Sample(ctx, key, 0)), ErrConfig},
		"many samples":   {second(plain.Sample(ctx, key, 1<<40)), ErrConfig},
		"known":          {second(plain.Complete(ctx, key, x, 7)), ErrConfig},
		"negative":       {second(plain.Complete(ctx, key, x, -1)), ErrConfig},
		"shape":          {second(plain.LogLikelihood(key, uniform(1, 2, 5))), graph.ErrShape},
		"range":          {second(plain.LogLikelihood(key, outside)), graph.ErrRange},
		"predict":        {second(plain.Predict(outside)), graph.ErrRange},
		"complete":       {second(plain.Complete(ctx, key, outside, 1)), graph.ErrRange},
		"labels":         {second(plain.LogLikelihood(key, x, 1, 2)), graph.ErrShape},
		"no labels":      {second(labelled.LogLikelihood(key, x)), graph.ErrShape},
		"label":          {second(labelled.Sample(ctx, key, 2, 0, 3)), graph.ErrRange},
		"negative label": {second(labelled.Predict(x, -1, 0)), graph.ErrRange},
		"no targets":     {second(labelled.Gradient(key, batches(kinds()["convolutional"])(2))), graph.ErrShape},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }
