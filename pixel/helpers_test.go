package pixel

import (
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
)

// kinds are small configurations, one for each thing that a model can have.
func kinds() map[string]Config {
	configs := map[string]Config{}
	for _, k := range []Kind{Convolutional, Recurrent, SelfAttention} {
		configs[k.String()] = Config{Kind: k}
		configs[k.String()+", levels"] = Config{Kind: k, Shape: []int{1, 2, 2}, Levels: 3}
		configs[k.String()+", labels"] = Config{Kind: k, Classes: 3, Layers: 2}
	}
	configs["binarised"] = Config{Binarize: true}
	configs["one row"] = Config{Shape: []int{1, 4}, Kind: SelfAttention}
	configs["one column"] = Config{Shape: []int{4, 1}, Kind: Recurrent}
	for name, c := range configs {
		if c.Shape == nil {
			c.Shape = []int{2, 3}
		}
		if c.Layers == 0 {
			c.Layers = 1
		}
		c.Features, c.Heads, c.Seed = 4, 2, 3
		if c.Kind == SelfAttention {
			c.Features = 8 // normalised over fewer, the loss is too curved for differences
		}
		configs[name] = c
	}
	return configs
}

// model makes a model whose biases are not at 0 either.
func model(t testing.TB, cfg Config, dtype graph.DType) *Model {
	t.Helper()
	m := must(newModel(cfg, dtype))(t)
	graphtest.Shake(m.Params(), 9)
	return m
}

// batches makes batches of grey images, with labels if the model has any.
func batches(cfg Config) func(n int) data.Batch {
	return func(n int) data.Batch {
		b := data.Batch{N: n, X: uniform(4, n, cfg.Shape...)}
		if cfg.Classes > 0 {
			b.Y = graph.Ints(labels(cfg, n), n)
		}
		return b
	}
}

// labels are some for n examples, none for a model without.
func labels(cfg Config, n int) []int {
	if cfg.Classes == 0 {
		return nil
	}
	l := make([]int, n)
	for i := range l {
		l[i] = (2*i + 1) % cfg.Classes
	}
	return l
}

// all are all images (v^d, d) of a model's levels; the last pixel changes quickest.
func all(cfg Config) graph.Array {
	d, v := cfg.pixels(), cfg.complete().Levels
	n := 1
	for range d {
		n *= v
	}
	x := graph.Floats32(make([]float32, n*d), n, d)
	for e := range n {
		rest := e
		for i := d - 1; i >= 0; i-- {
			x.F32[e*d+i] = float32(rest%v) / float32(v-1)
			rest /= v
		}
	}
	return x
}

func must[T any](v T, err error) func(t testing.TB) T { return graphtest.Must(v, err) }

var (
	uniform  = graphtest.Uniform
	sameBits = graphtest.SameBits
	near     = graphtest.Near
)
