package vae

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/prob"
)

// terms are what the bounds of a batch of n examples are made of, each in nats.
type terms struct {
	bound          *graph.Node // lower bound of log p(x), (n)
	kl             *graph.Node // of q(z|x) from p(z), (n, l)
	reconstruction *graph.Node // mean of -log p(x|z) over the samples, (n)
}

// terms adds the bound of x (n, d) to a graph: the ELBO for one sample (Kingma & Welling 2014, equation
// 7), the importance-weighted bound for more (Burda et al. 2015, equation 8).
func (c Config) terms(b *graph.Builder, x *graph.Node) terms {
	k := c.samples()
	mean, logVar := c.posterior(b, x)
	t := terms{kl: prob.StandardNormalKL(mean, logVar)}
	nll, prior := c.draw(b, repeat(x, k), repeat(mean, k), repeat(logVar, k))
	if k == 1 {
		t.reconstruction = nll
		t.bound = op.Neg(op.Add(nll, op.Sum(t.kl, 1)))
		return t
	}
	n := x.Dim(0)
	t.reconstruction = op.Mean(op.Reshape(nll, n, k), 1)
	t.bound = prob.LogMeanExp(op.Reshape(op.Sub(prior, nll), n, k))
	return t
}

// draw draws one z for each row: x (n, d), mean and logVar (n, l). nll is -log p(x|z) (n) and
// prior is log p(z) - log q(z|x) (n).
func (c Config) draw(b *graph.Builder, x, mean, logVar *graph.Node) (nll, prior *graph.Node) {
	z, noise := prob.DrawNormal(mean, logVar)
	// The normalisation of the two normal distributions cancels but for the variance.
	ratio := op.Sub(op.Add(op.Square(noise), logVar), op.Square(z))
	return c.nll(b, c.output(b, z), x), op.Scale(op.Sum(ratio, 1), 0.5)
}

// seen is what of an input x (n, d) the model sees when a bound is computed.
func (c Config) seen(x *graph.Node) *graph.Node {
	if c.Binarize {
		return op.Bernoulli(x)
	}
	return x
}

// loss is the scalar that training lowers.
func (c Config) loss(t terms) *graph.Node {
	if c.samples() > 1 || c.beta() == 1 && c.FreeBits == 0 {
		return op.Neg(op.Mean(t.bound))
	}
	// max(FreeBits, kl) for each unit
	kl := op.AddScalar(op.ReLU(op.AddScalar(op.Mean(t.kl, 0), -c.FreeBits)), c.FreeBits)
	return op.Add(op.Mean(t.reconstruction), op.Scale(op.Sum(kl), c.beta()))
}
