package vae

import (
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

// kinds are configurations of 6 inputs, one for each thing that a model can have.
func kinds() map[string]Config {
	hidden := []nn.Dense{{Units: 5, Activation: op.TanhActivation}}
	configs := map[string]Config{
		"plain":       {Encoder: hidden},
		"linear":      {Decoder: []nn.Dense{}},
		"own decoder": {Encoder: hidden, Decoder: []nn.Dense{{Units: 4, Activation: op.GELUActivation}, {Units: 3, Activation: op.TanhActivation}}},
		"dropout":     {Encoder: []nn.Dense{{Units: 8, Activation: op.SigmoidActivation, Dropout: 0.4}}},
		"images":      {Shape: []int{1, 2, 3}, Encoder: hidden},
		"fixed":       {Encoder: hidden, Likelihood: Gaussian, Variance: 0.3},
		"learnt":      {Encoder: hidden, Likelihood: Gaussian},
		"beta":        {Encoder: hidden, Beta: 2.5},
		"free bits":   {Encoder: hidden, FreeBits: 0.3, Beta: 0.5},
		"IWAE":        {Encoder: hidden, Samples: 4},
		"IWAE learnt": {Encoder: hidden, Samples: 3, Likelihood: Gaussian},
		"binarised":   {Encoder: hidden, Binarize: true},
		"warm-up":     {Encoder: hidden, WarmUp: 8, FreeBits: 0.1},
		"categorical": {Encoder: hidden, Likelihood: Categorical, Categories: 3},
		"conditional": {Encoder: hidden, Classes: 3},
		"labels only": {Decoder: []nn.Dense{}, Classes: 2, Likelihood: Gaussian},
		"IWAE labels": {Encoder: hidden, Classes: 3, Samples: 3, Likelihood: Categorical, Categories: 2},
		"everything":  {Encoder: []nn.Dense{{Units: 5, Activation: op.ELUActivation, Dropout: 0.2}}, Samples: 3, Binarize: true},
	}
	for name, c := range configs {
		if c.Shape == nil {
			c.Shape = []int{6}
		}
		c.Latent, c.Seed = 3, 3
		configs[name] = c
	}
	return configs
}

// model makes a model whose biases are not at 0 either.
func model(t *testing.T, cfg Config, dtype graph.DType) *Model {
	t.Helper()
	m := must(newModel(cfg, dtype))(t)
	graphtest.Shake(m.Params(), 9)
	return m
}

func set(t *testing.T, m *Model, name string, values []float64) {
	t.Helper()
	q := m.params.Lookup(name)
	if err := q.Set(graph.Floats64(values, q.Shape...)); err != nil {
		t.Fatal(err)
	}
}

// batches makes batches that the likelihood takes, with labels if the model has any.
func batches(cfg Config) func(n int) data.Batch {
	return func(n int) data.Batch {
		b := data.Batch{N: n, X: uniform(4, n, cfg.Shape...)}
		if cfg.Likelihood == Categorical {
			oneHot(b.X.F32, cfg.Categories)
		}
		if cfg.Classes > 0 {
			labels := make([]int, n)
			for i := range labels {
				labels[i] = (2*i + 1) % cfg.Classes
			}
			b.Y = graph.Ints(labels, n)
		}
		return b
	}
}

// oneHot makes the largest of each group of v numbers 1 and the others 0.
func oneHot(x []float32, v int) {
	for ; len(x) > 0; x = x[v:] {
		most := slices.Index(x[:v], slices.Max(x[:v]))
		clear(x[:v])
		x[most] = 1
	}
}

func must[T any](v T, err error) func(t testing.TB) T { return graphtest.Must(v, err) }

var (
	uniform  = graphtest.Uniform
	sameBits = graphtest.SameBits
	near     = graphtest.Near
	moments  = graphtest.Moments
)
