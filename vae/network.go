package vae

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

// inputs declares the inputs of a graph for n examples: x (n, d), and y (n, Classes), their labels
// one-hot, or nil for a model without labels.
func (c Config) inputs(b *graph.Builder, n int) (x, y *graph.Node) {
	return b.Input("x", n, c.Inputs()), c.labelInput(b, n)
}

func (c Config) labelInput(b *graph.Builder, n int) *graph.Node {
	if c.Classes == 0 {
		return nil
	}
	return b.Input("y", n, c.Classes)
}

// posterior adds the encoder to a graph: x (n, d), results mean and log-variance (n, l) of q(z|x).
func (c Config) posterior(b *graph.Builder, x, y *graph.Node) (mean, logVar *graph.Node) {
	b = b.Scope("enc")
	h := nn.Stack(b, beside(x, y), c.Encoder)
	return c.head().Apply(b.Scope("mean"), h), c.head().Apply(b.Scope("logvar"), h)
}

// output adds the decoder to a graph: z (n k, l) for k samples of each of n examples, result (n k, d),
// logits or means.
func (c Config) output(b *graph.Builder, z, y *graph.Node) *graph.Node {
	if y != nil {
		// One number of a label is not 0, and l of z are about 1. With equal weight the decoder heeds the label from
		// the start; else the encoder would tell it too, and in samples z would decide.
		y = op.Scale(y, math.Sqrt(float64(c.Latent)))
	}
	return nn.Stack(b.Scope("dec"), beside(z, y), c.decoder())
}

// beside joins the rows of x (n k, h) with those of y (n, c), each of which counts k times.
func beside(x, y *graph.Node) *graph.Node {
	if y == nil {
		return x
	}
	return op.Concat(1, x, op.Repeat(y, samplesOf(x, y)))
}

// samplesOf is k for rows (n k, ...) of samples and (n, ...) of examples.
func samplesOf(samples, examples *graph.Node) int {
	return samples.Dim(0) / max(1, examples.Dim(0))
}
