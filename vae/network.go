package vae

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

// posterior adds the encoder to a graph: x (n, d), results mean and log-variance (n, l) of q(z|x).
func (c Config) posterior(b *graph.Builder, x *graph.Node) (mean, logVar *graph.Node) {
	b = b.Scope("enc")
	h := nn.Stack(b, x, c.Encoder)
	return c.head().Apply(b.Scope("mean"), h), c.head().Apply(b.Scope("logvar"), h)
}

// output adds the decoder to a graph: z (n, l), result (n, d), logits or means.
func (c Config) output(b *graph.Builder, z *graph.Node) *graph.Node {
	return nn.Stack(b.Scope("dec"), z, c.decoder())
}

// repeat makes k equal rows of each: x (n, h), result (n k, h).
func repeat(x *graph.Node, k int) *graph.Node {
	if k == 1 {
		return x
	}
	n, h := x.Dim(0), x.Dim(1)
	return op.Reshape(op.Broadcast(op.Reshape(x, n, 1, h), n, k, h), n*k, h)
}
