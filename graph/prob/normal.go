// Package prob holds functions of probability distributions that are given by nodes: divergences,
// draws and averages of likelihoods. Single likelihoods are losses of package op.
package prob

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// StandardNormalKL is KL(N(mean, e^logVar) || N(0, 1)) element by element, in nats, at least 0 but for
// rounding (Kingma & Welling 2014, appendix B): mean and logVar of one shape, which is the result's.
func StandardNormalKL(mean, logVar *graph.Node) *graph.Node {
	// (e^logVar + mean^2 - 1 - logVar) / 2
	spread := op.AddScalar(op.Sub(op.Exp(logVar), logVar), -1)
	return op.Scale(op.Add(spread, op.Square(mean)), 0.5)
}

// DrawNormal draws z from N(mean, e^logVar), element by element, so that gradients pass to mean and
// logVar (Kingma & Welling 2014, section 2.4). z = mean + e^(logVar/2) noise; the noise, of N(0, 1), is
// returned with it.
func DrawNormal(mean, logVar *graph.Node) (z, noise *graph.Node) {
	noise = op.Normal(mean)
	return op.Add(mean, op.Mul(op.Exp(op.Scale(logVar, 0.5)), noise)), noise
}
