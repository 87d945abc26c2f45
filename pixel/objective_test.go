package pixel

import (
	"math"
	"runtime"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
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
		if err := graphtest.GradCheck(m, graph.NewKey(5), batches(cfg)(4)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEvaluate: the loss is the mean of -log p(x), in training and without.
func TestEvaluate(t *testing.T) {
	for name, cfg := range kinds() {
		if cfg.Binarize {
			continue
		}
		m := model(t, cfg, graph.Float64)
		b := batches(cfg)(5)
		logp := must(m.LogLikelihood(graph.Key{}, b.X, labels(cfg, 5)...))(t)
		want := 0.0
		for i := range 5 {
			want -= logp.At(i) / 5
		}
		near(t, name+": training", must(m.Gradient(graph.Key{}, b))(t)["loss"], want, 1e-12)
		near(t, name+": evaluation", must(m.Evaluate(graph.Key{}, b))(t)["loss"], want, 1e-12)
	}
}

func TestBitsForAnyNumberOfThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for k := Convolutional; k.valid(); k++ {
		cfg := Config{Shape: []int{1, 13, 11}, Kind: k, Layers: 2, Features: 20, Levels: 3}
		b := batches(cfg)(9)
		var grads, samples [2]graph.Array
		for i := range 2 {
			runtime.GOMAXPROCS(i + 1)
			m := model(t, cfg, graph.Float32)
			must(m.Gradient(graph.NewKey(1), b))(t)
			_, g := graph.Slab[float32](m.params)
			grads[i] = graph.Floats32(g, len(g))
			samples[i] = must(m.Sample(t.Context(), graph.NewKey(2), 3))(t)
		}
		if !sameBits(grads[0], grads[1]) || !sameBits(samples[0], samples[1]) {
			t.Errorf("%v: one and two threads differ", k)
		}
	}
}

// TestLearns: images of 4 by 4 whose lower half is the upper one upside down, and whose rows are palindromes,
// have 4 bits. Every network must find them.
func TestLearns(t *testing.T) {
	x := graph.Floats32(make([]float32, 16*16), 16, 4, 4)
	for e := range 16 {
		for i := range 16 {
			row, col := min(i/4, 3-i/4), min(i%4, 3-i%4)
			x.F32[16*e+i] = float32(e >> (2*row + col) & 1)
		}
	}
	set := must(data.NewSet(x, graph.Array{}))(t)
	for k := Convolutional; k.valid(); k++ {
		m := must(New(Config{Shape: []int{4, 4}, Kind: k, Layers: 2, Features: 16}))(t)
		_, err := train.Run(t.Context(), m, set, train.Config{Steps: 400, BatchSize: 16, Optim: optim.Config{
			Rate: 1e-2, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: 400},
		}})
		if err != nil {
			t.Fatal(err)
		}
		loss := must(m.Evaluate(graph.Key{}, data.Batch{N: 16, X: x}))(t)["loss"]
		if least := 4 * math.Ln2; !(loss > least-1e-4 && loss < least+0.01) {
			t.Errorf("%v: -log p is %.4f nats, of which %.4f are in the data", k, loss, least)
		}
	}
}
