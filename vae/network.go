package vae

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
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
