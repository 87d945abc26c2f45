package ae

import (
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

func dense(units int, act op.Activation) nn.Dense { return nn.Dense{Units: units, Activation: act} }

// kinds are configurations, of 6 inputs but for those of images, one for each thing that a model can have.
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
	conv := func(units, size, stride int, act op.Activation) nn.Conv {
		return nn.Conv{Units: units, Size: size, Stride: stride, Activation: act}
	}
	configs["conv"] = Config{Shape: []int{5, 4}, Conv: []nn.Conv{conv(3, 3, 0, tanh)}, Encoder: shallow}
	configs["conv of colours"] = Config{Shape: []int{3, 5, 7}, Conv: []nn.Conv{conv(2, 3, 3, tanh)}, Encoder: shallow, Output: sigmoid}
	configs["deep conv"] = Config{Shape: []int{1, 7, 6}, Encoder: deep,
		Conv: []nn.Conv{conv(2, 5, 2, sigmoid), conv(3, 3, 1, op.GELUActivation), conv(2, 1, 3, op.Identity)}}
	configs["conv, everything"] = Config{Shape: []int{2, 3, 4}, Conv: []nn.Conv{conv(3, 3, 2, tanh), conv(2, 3, 1, sigmoid)},
		Encoder: []nn.Dense{{Units: 5, Activation: tanh, Dropout: 0.3}, dense(4, sigmoid)}, Decoder: []nn.Dense{dense(6, tanh)},
		Loss: CrossEntropy, Corruption: "masking:0.3", L1: 0.1, SparsityTarget: 0.2, SparsityWeight: 0.3}
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
	m := must(newModel(cfg, dtype))(t)
	graphtest.Shake(m.Params(), 9)
	return m
}

func batches(cfg Config) func(n int) data.Batch {
	return func(n int) data.Batch { return data.Batch{N: n, X: uniform(4, n, cfg.Shape...)} }
}

func must[T any](v T, err error) func(t testing.TB) T { return graphtest.Must(v, err) }

var (
	uniform  = graphtest.Uniform
	sameBits = graphtest.SameBits
	near     = graphtest.Near
)
