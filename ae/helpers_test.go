package ae

import (
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

func dense(units int, act op.Activation) nn.Dense { return nn.Dense{Units: units, Activation: act} }

// kinds are configurations of 6 inputs, one for each thing that a model can have.
func kinds() map[string]Config {
	sigmoid, tanh := op.SigmoidActivation, op.TanhActivation
	shallow := []nn.Dense{dense(4, sigmoid)}
	deep := []nn.Dense{dense(5, tanh), dense(3, sigmoid)}
	configs := map[string]Config{
		"plain":         {Encoder: shallow},
		"linear":        {Encoder: []nn.Dense{dense(2, op.Identity)}},
		"tied":          {Encoder: shallow, Tied: true},
		"deep":          {Encoder: deep, Output: sigmoid},
		"deep tied":     {Encoder: deep, Tied: true, Loss: CrossEntropy},
		"own decoder":   {Encoder: deep, Decoder: []nn.Dense{dense(7, op.GELUActivation)}},
		"no decoder":    {Encoder: deep, Decoder: []nn.Dense{}},
		"cross-entropy": {Encoder: shallow, Loss: CrossEntropy},
		"L1":            {Encoder: []nn.Dense{dense(4, tanh)}, L1: 0.3},
		"KL":            {Encoder: shallow, SparsityTarget: 0.1, SparsityWeight: 0.7},
		"dropout":       {Encoder: []nn.Dense{{Units: 5, Activation: tanh, Dropout: 0.4}, dense(3, sigmoid)}},
		"tied dropout":  {Encoder: []nn.Dense{{Units: 5, Activation: tanh, Dropout: 0.4}, dense(3, sigmoid)}, Tied: true},
		"denoising":     {Encoder: shallow, Tied: true, Loss: CrossEntropy, Corruption: "masking:0.4"},
		"images":        {Shape: []int{1, 2, 3}, Encoder: shallow, Corruption: "shift:1,gaussian:0.2"},
		"everything": {Encoder: []nn.Dense{dense(5, tanh), dense(4, sigmoid)}, Tied: true, Loss: CrossEntropy,
			Corruption: "saltpepper:0.3", L1: 0.1, SparsityTarget: 0.2, SparsityWeight: 0.3, Contractive: 0.2},
	}
	for _, act := range []op.Activation{op.Identity, sigmoid, tanh, op.ReLUActivation} {
		configs["contractive "+act.String()] = Config{Encoder: []nn.Dense{dense(4, act)}, Contractive: 0.5}
		configs["deep contractive "+act.String()] = Config{Encoder: []nn.Dense{dense(5, act), dense(3, sigmoid)}, Contractive: 0.5}
	}
	for name, c := range configs {
		if c.Shape == nil {
			c.Shape = []int{6}
		}
		c.Seed = 3
		configs[name] = c
	}
	return configs
}

// model makes a model whose biases are not at 0 either.
func model(t *testing.T, cfg Config, dtype graph.DType) *Model {
	t.Helper()
	m, err := newModel(cfg, dtype)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range m.Params().List() {
		noise := make([]float64, q.Size)
		graph.Normal(graph.NewKey(9).Fork(q.Name), noise)
		for i, v := range noise {
			if dtype == graph.Float64 {
				q.Value().F64[i] += 0.3 * v
			} else {
				q.Value().F32[i] += float32(0.3 * v)
			}
		}
	}
	return m
}

// uniform is an array (n, shape...) of float32 numbers in [0, 1).
func uniform(seed uint64, n int, shape ...int) graph.Array {
	size := n
	for _, s := range shape {
		size *= s
	}
	x := make([]float32, size)
	graph.Uniform(graph.NewKey(seed), x)
	return graph.Floats32(x, append([]int{n}, shape...)...)
}

func batches(cfg Config) func(n int) data.Batch {
	return func(n int) data.Batch { return data.Batch{N: n, X: uniform(4, n, cfg.Shape...)} }
}

// must returns v, or ends the test.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// sameBits reports whether two arrays have the same shape and bits.
func sameBits(a, b graph.Array) bool {
	return slices.Equal(a.Shape, b.Shape) && slices.EqualFunc(a.F32, b.F32, func(x, y float32) bool {
		return math.Float32bits(x) == math.Float32bits(y)
	}) && slices.Equal(a.F64, b.F64)
}

// near fails unless got is want up to a relative error.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*(1+math.Abs(want))) {
		t.Errorf("%s: %.12g, want %.12g", what, got, want)
	}
}
