package vae

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// terms are what the bounds of a batch of n examples are made of, each in nats.
type terms struct {
	bound          *graph.Node // lower bound of log p(x), (n)
	loss           *graph.Node // its negative, averaged over the batch
	kl             *graph.Node // of q(z|x) from p(z), (n, l)
	reconstruction *graph.Node // -log p(x|z), averaged over the batch and the samples
}

// terms adds the bound of x (n, d), with labels y (n, Classes) or nil, to a graph: the ELBO for one sample (Kingma & Welling 2014, equation
// 7), the importance-weighted bound for more (Burda et al. 2015, equation 8).
func (c Config) terms(b *graph.Builder, x, y *graph.Node) terms {
	k := c.samples()
	mean, logVar := c.posterior(b, x, y)
	z, noise := drawNormal(mean, logVar, k)
	nll := c.nll(b, c.output(b, z, y), x)
	t := terms{kl: op.StandardNormalKL(mean, logVar), reconstruction: op.Mean(nll)}
	if k == 1 {
		t.bound = op.Neg(op.Add(nll, op.Sum(t.kl, 1)))
		t.loss = op.Add(t.reconstruction, perExample(t.kl))
		return t
	}
	weights := op.Sub(op.LogPriorRatio(logVar, noise, z), nll)
	t.bound = op.LogMeanExp(op.Reshape(weights, x.Dim(0), k))
	t.loss = op.Neg(op.Mean(t.bound))
	return t
}

// drawNormal draws k samples z (n k, l) of N(mean, e^logVar), mean and logVar (n, l), from noise of
// N(0, 1).
func drawNormal(mean, logVar *graph.Node, k int) (z, noise *graph.Node) {
	noise = op.NormalRows(mean, k)
	return op.Reparameterize(mean, logVar, noise), noise
}

// perExample is the sum of x (n, ...) over n.
func perExample(x *graph.Node) *graph.Node {
	return op.Scale(op.Sum(x), 1/float64(max(1, x.Dim(0))))
}

// seen is what of an input x (n, d) the model sees when a bound is computed.
func (c Config) seen(x *graph.Node) *graph.Node {
	if c.Binarize {
		return op.Bernoulli(x)
	}
	return x
}

// trained is the scalar that training lowers.
func (c Config) trained(b *graph.Builder, t terms) *graph.Node {
	if c.samples() > 1 || c.beta() == 1 && c.FreeBits == 0 && c.WarmUp == 0 {
		return t.loss
	}
	// max(FreeBits, kl) for each unit
	kl := op.Sum(op.AddScalar(op.ReLU(op.AddScalar(op.Mean(t.kl, 0), -c.FreeBits)), c.FreeBits))
	if c.WarmUp > 0 {
		kl = op.Mul(kl, op.Sum(b.Input("warmup", 1)))
	}
	return op.Add(t.reconstruction, op.Scale(kl, c.beta()))
}

// warmth is how much of its weight the KL divergence has at a training step, counted from 0.
func (c Config) warmth(step uint64) float64 {
	return min(1, float64(step)/float64(max(1, c.WarmUp)))
}
