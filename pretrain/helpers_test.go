package pretrain

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/rbm"
)

// bars are n binary examples of d units in which neighbours resemble one another, of two classes: the
// left or the right half is mostly on.
func bars(n, d int) *data.Set {
	x, y := make([]float32, n*d), make([]int, n)
	for i := range x {
		row, col := i/d, i%d
		y[row] = row % 2
		x[i] = 0.15
		if (col < d/2) == (y[row] == 0) {
			x[i] = 0.85
		}
	}
	graph.Bernoulli(graph.NewKey(4), x, x)
	return &data.Set{X: graph.Floats32(x, n, d), Y: graph.Ints(y, n)}
}

func sgd(epochs int) train.Config {
	return train.Config{Epochs: epochs, BatchSize: 8, Optim: optim.Config{Method: optim.Momentum, Rate: 0.1, Momentum: 0.5}}
}

func denoising(units int) Layer {
	return Layer{Train: sgd(2), AE: &ae.Config{
		Encoder: []nn.Dense{{Units: units, Activation: op.SigmoidActivation}}, Tied: true, Loss: ae.CrossEntropy, Corruption: "masking:0.25",
	}}
}

func plain(units int) Layer {
	return Layer{Train: sgd(2), AE: &ae.Config{
		Encoder: []nn.Dense{{Units: units, Activation: op.SigmoidActivation}}, Output: op.SigmoidActivation,
	}}
}

func machine(units int) Layer {
	return Layer{Train: sgd(2), RBM: &rbm.Config{Hidden: units, Steps: 1, InitStd: 0.3}}
}

// mixed is a stack of all kinds of layers for examples of 12 units.
func mixed() Config {
	return Config{Layers: []Layer{denoising(10), machine(9), plain(7), machine(5)}, Seed: 3}
}

func mustTrain(t *testing.T, cfg Config, src data.Source) *Stack {
	t.Helper()
	s, _, err := Train(context.Background(), cfg, src)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// bitsOf are the bits of all parameters and buffers of a model.
func bitsOf(m Model) []uint64 {
	var bits []uint64
	for _, q := range m.Params().List() {
		v := q.Value()
		for i := range v.Len() {
			bits = append(bits, math.Float64bits(v.At(i)))
		}
	}
	return bits
}

func sameBits(t *testing.T, what string, a, b *Stack) {
	t.Helper()
	for i := range min(a.Len(), b.Len()) {
		if !slices.Equal(bitsOf(a.Layer(i)), bitsOf(b.Layer(i))) {
			t.Errorf("%s: layer %d differs", what, i)
		}
	}
}
