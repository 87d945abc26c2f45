package lm

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

func TestObjective(t *testing.T) {
	for name, cfg := range kinds() {
		m := model(t, cfg, graph.Float32)
		if err := graphtest.CheckObjective(m, batches(cfg), 1, 2, 7); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var _ train.Evaluator = m
	}
}

func TestGradients(t *testing.T) {
	for name, cfg := range kinds() {
		m := model(t, cfg, graph.Float64)
		b := batches(cfg)(4)
		if err := graphtest.GradCheck(m, graph.NewKey(5), b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		b.Y = graphtest.Uniform(3, 4, cfg.Context)
		if err := graphtest.GradCheck(m, graph.NewKey(5), b); err != nil {
			t.Errorf("%s, weighted: %v", name, err)
		}
	}
}

// TestLoss: the loss is the mean of -log p over tokens, in training, but for dropout, and without.
func TestLoss(t *testing.T) {
	for name, cfg := range kinds() {
		m := model(t, cfg, graph.Float64)
		b := batches(cfg)(5)
		sequences := slices.Collect(slices.Chunk(b.X.Int, cfg.Context+1))
		logp := must(m.LogLikelihood(sequences))(t)
		want := 0.0
		for _, v := range logp {
			want -= v / float64(5*cfg.Context)
		}
		near(t, name+": evaluation", must(m.Evaluate(graph.Key{}, b))(t)["loss"], want, 1e-12)
		loss := must(m.Gradient(graph.NewKey(1), b))(t)["loss"]
		if cfg.Dropout == 0 {
			near(t, name+": training", loss, want, 1e-12)
		} else if other := must(m.Gradient(graph.NewKey(2), b))(t)["loss"]; math.Abs(loss-want) < 1e-6 || loss == other {
			t.Errorf("%s: losses %g and %g of two keys, %g without dropout", name, loss, other, want)
		}
		// The weights pick out the last token of each window.
		y := graph.Floats32(make([]float32, 5*cfg.Context), 5, cfg.Context)
		want = 0
		for i, s := range sequences {
			y.F32[(i+1)*cfg.Context-1] = 1
			want -= logp[i] / 5
			if cfg.Context > 1 {
				want += must(m.LogLikelihood([][]int{s[:cfg.Context]}))(t)[0] / 5
			}
		}
		b.Y = y
		near(t, name+": weighted evaluation", must(m.Evaluate(graph.Key{}, b))(t)["loss"], want, 1e-12)
		if cfg.Dropout == 0 {
			near(t, name+": weighted training", must(m.Gradient(graph.Key{}, b))(t)["loss"], want, 1e-12)
		}
	}
}

func TestBadBatches(t *testing.T) {
	m := model(t, kinds()["recurrent"], graph.Float32)
	good := batches(m.cfg)(3)
	change := func(f func(b *data.Batch)) data.Batch {
		b := batches(m.cfg)(3)
		f(&b)
		return b
	}
	for name, c := range map[string]struct {
		b    data.Batch
		want error
	}{
		"floats":       {change(func(b *data.Batch) { b.X = graphtest.Uniform(1, 3, 5) }), graph.ErrShape},
		"short":        {change(func(b *data.Batch) { b.X = graph.Ints(b.X.Int[:12], 3, 4) }), graph.ErrShape},
		"long":         {change(func(b *data.Batch) { b.X = graph.Ints(make([]int, 18), 3, 6) }), graph.ErrShape},
		"flat":         {change(func(b *data.Batch) { b.X = graph.Ints(b.X.Int, 15) }), graph.ErrShape},
		"damaged":      {change(func(b *data.Batch) { b.X.Int = b.X.Int[:14] }), graph.ErrShape},
		"token":        {change(func(b *data.Batch) { b.X.Int[7] = 3 }), graph.ErrRange},
		"negative":     {change(func(b *data.Batch) { b.X.Int[0] = -1 }), graph.ErrRange},
		"labels":       {change(func(b *data.Batch) { b.Y = graph.Ints(make([]int, 12), 3, 4) }), graph.ErrShape},
		"weights":      {change(func(b *data.Batch) { b.Y = graphtest.Uniform(1, 3, 5) }), graph.ErrShape},
		"damaged Y":    {change(func(b *data.Batch) { b.Y = graph.Floats32(make([]float32, 3), 3, 4) }), graph.ErrShape},
		"no examples":  {data.Batch{}, graph.ErrShape},
		"number wrong": {change(func(b *data.Batch) { b.N = 2 }), graph.ErrShape},
	} {
		_, err := m.Gradient(graph.Key{}, c.b)
		_, err2 := m.Evaluate(graph.Key{}, c.b)
		if !errors.Is(err, c.want) || !errors.Is(err2, c.want) {
			t.Errorf("%s: %v and %v, want %v", name, err, err2, c.want)
		}
	}
	must(m.Gradient(graph.Key{}, good))(t)
}

func TestBitsForAnyNumberOfThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for k := FeedForward; k.valid(); k++ {
		cfg := Config{Kind: k, Vocabulary: 11, Context: 33, Units: 40, Dropout: 0.1}
		b := batches(cfg)(9)
		var grads [2]graph.Array
		var words [2][][]int
		for i := range 2 {
			runtime.GOMAXPROCS(i + 1)
			m := model(t, cfg, graph.Float32)
			must(m.Gradient(graph.NewKey(1), b))(t)
			_, g := graph.Slab[float32](m.params)
			grads[i] = graph.Floats32(slices.Clone(g), len(g))
			words[i] = must(m.Generate(t.Context(), graph.NewKey(2), [][]int{{1}, {2, 1}, {3}}, 50, 1))(t)
		}
		if !sameBits(grads[0], grads[1]) || !slices.EqualFunc(words[0], words[1], slices.Equal) {
			t.Errorf("%v: one and two threads differ", k)
		}
	}
}
