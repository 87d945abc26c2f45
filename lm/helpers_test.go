package lm

import (
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
)

// kinds are small configurations, one for each thing that a model can have.
func kinds() map[string]Config {
	configs := map[string]Config{}
	for k := FeedForward; k.valid(); k++ {
		configs[k.String()] = Config{Kind: k, Layers: 1}
		configs[k.String()+", tied"] = Config{Kind: k, Layers: 2, Tied: true}
		configs[k.String()+", dropout"] = Config{Kind: k, Layers: 2, Dropout: 0.3}
		configs[k.String()+", one token"] = Config{Kind: k, Layers: 1, Context: 1}
	}
	for name, c := range configs {
		if c.Context == 0 {
			c.Context = 4
		}
		c.Vocabulary, c.Units, c.Heads, c.Seed = 3, 8, 2, 3
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

// tokens are n random ids.
func tokens(seed uint64, n, vocabulary int) []int {
	u := make([]float64, n)
	graph.Uniform(graph.NewKey(seed), u)
	ids := make([]int, n)
	for i := range ids {
		ids[i] = int(u[i] * float64(vocabulary))
	}
	return ids
}

// batches makes batches of random windows.
func batches(cfg Config) func(n int) data.Batch {
	cfg = cfg.complete()
	return func(n int) data.Batch {
		return data.Batch{N: n, X: graph.Ints(tokens(4, n*(cfg.Context+1), cfg.Vocabulary), n, cfg.Context+1)}
	}
}

// all are all sequences of a number of tokens after a first one; the last token changes quickest.
func all(first, length, vocabulary int) [][]int {
	sequences := [][]int{{first}}
	for range length {
		var longer [][]int
		for _, s := range sequences {
			for id := range vocabulary {
				longer = append(longer, append(s[:len(s):len(s)], id))
			}
		}
		sequences = longer
	}
	return sequences
}

// logits returns a function from windows of t tokens to the logits (n, t, v) of the tokens that follow each.
func logits(m *Model) func(t testing.TB, windows []int) graph.Array {
	f := graph.NewFunction(m.params, func(b *graph.Builder, n int) []*graph.Node {
		w, tokens := m.cfg.newNetwork(b, n, m.cfg.Context, false)
		return []*graph.Node{w.logits(tokens)}
	})
	return func(t testing.TB, windows []int) graph.Array {
		t.Helper()
		n := len(windows) / m.cfg.Context
		in := []graph.Array{graph.Ints(windows, n, m.cfg.Context)}
		if m.cfg.Kind == Transformer {
			at := make([]int, len(windows))
			for i := range at {
				at[i] = i % m.cfg.Context
			}
			in = append(in, graph.Ints(at, n, m.cfg.Context))
		}
		return must(graph.First(f.Run(graph.Key{}, n, in...)))(t)
	}
}

func must[T any](v T, err error) func(t testing.TB) T { return graphtest.Must(v, err) }

var (
	sameBits = graphtest.SameBits
	near     = graphtest.Near
)
