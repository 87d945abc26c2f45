package rbm

import (
	"context"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

// AISConfig says how AIS estimates log Z.
type AISConfig struct {
	// Chains is the number of independent runs, 2 to 1048576, side by side; 100 is usual.
	Chains int

	// Temperatures is the number of intermediate distributions, at least 1. Too few underestimate
	// log Z. They lie, as in the paper, 1/29 of them evenly in the first half, 8/29 up to 0.9, the
	// rest above; its number is 14500.
	Temperatures int

	// Mean (d) is the mean of the training data, in [0, 1]: the start is a model of independent units
	// with that base rate, smoothed as in InitVisible. nil starts from uniform visible units.
	Mean []float64
}

// AISResult is an estimate of log Z, in nats.
type AISResult struct {
	LogZ   float64
	StdErr float64 // of LogZ, from the spread of the weights over the chains (delta method)
}

// AIS estimates log Z by annealed importance sampling (Salakhutdinov & Murray 2008, "On the
// quantitative analysis of deep belief networks", section 4.2). The estimate of Z is unbiased; that of
// log Z lies below it on average.
func (m *Model) AIS(ctx context.Context, key graph.Key, cfg AISConfig) (AISResult, error) {
	if cfg.Chains < 2 || cfg.Chains > maxUnits || cfg.Temperatures < 1 {
		return AISResult{}, errors.Wrapf(ErrConfig, "AIS with %d chains and %d temperatures, expected 2 to %d and at least 1", cfg.Chains, cfg.Temperatures, maxUnits)
	}
	base := make([]float64, m.cfg.Visible)
	if cfg.Mean != nil {
		if err := checkMean(cfg.Mean, m.cfg.Visible); err != nil {
			return AISResult{}, err
		}
		for i, p := range cfg.Mean {
			base[i] = logit(p)
		}
	}
	v := m.baseSamples(key.Fork("start"), base, cfg.Chains)
	logW := make([]float64, cfg.Chains)
	for i := range cfg.Temperatures {
		if err := ctx.Err(); err != nil {
			return AISResult{}, err
		}
		lo, hi := temperature(i, cfg.Temperatures), temperature(i+1, cfg.Temperatures)
		outs, err := m.anneal.Run(key.Fork("anneal").ForkN(i), cfg.Chains, v,
			graph.Floats64([]float64{lo}, 1), graph.Floats64([]float64{hi}, 1), graph.Floats64(base, len(base)))
		if err != nil {
			return AISResult{}, err
		}
		v = outs[0]
		for c := range logW {
			logW[c] += outs[1].At(c)
		}
	}
	start := sumSoftplus(base) + float64(m.cfg.Hidden)*math.Ln2
	logMean, stdErr := logMeanExp(logW)
	return AISResult{LogZ: start + logMean, StdErr: stdErr}, nil
}

// annealing is the graph of one temperature: the visible states v (n, d) gain log p(v at hi) - log p(v at lo),
// and then take a Gibbs step at hi, where p(v at t) is exp(((1-t) base + t b) v) prod (1 + exp(t (v w + c))).
func (m *Model) annealing(b *graph.Builder, n int) []*graph.Node {
	w := m.bind(b)
	v := b.Input("v", n, m.cfg.Visible)
	lo, hi := b.Input("lo", 1), b.Input("hi", 1)
	base := b.Input("base", m.cfg.Visible)
	logits := w.hiddenLogits(v)
	// The differences are taken unit by unit, since in float32 that of two sums would be lost in rounding.
	bias := op.Mul(op.Sub(hi, lo), op.Sum(op.Mul(v, op.Sub(w.b, base)), -1))
	hidden := op.Sub(op.Softplus(op.Mul(logits, hi)), op.Softplus(op.Mul(logits, lo)))
	gain := op.Add(bias, op.Sum(hidden, -1))
	h := op.Bernoulli(op.Sigmoid(op.Mul(logits, hi)))
	up := op.Mul(op.AffineT(h, w.w, w.b, op.Identity), hi)
	next := op.Bernoulli(op.Sigmoid(op.Add(up, op.Sub(base, op.Mul(base, hi)))))
	return []*graph.Node{next, gain}
}

// temperature is the inverse temperature i of n, from 0 at 0 to 1 at n.
func temperature(i, n int) float64 {
	x := 29 * float64(i) / float64(n)
	switch {
	case i == n:
		return 1
	case x <= 1:
		return 0.5 * x
	case x <= 9:
		return 0.5 + 0.4*(x-1)/8
	}
	return 0.9 + 0.1*(x-9)/20
}

// logMeanExp is the logarithm of the mean of e^x, and its standard error: that of the mean, relative to it.
func logMeanExp(xs []float64) (logMean, stdErr float64) {
	var s logSum
	for _, x := range xs {
		s.add(x)
	}
	n := float64(len(xs))
	logMean = s.value() - math.Log(n)
	variance := 0.0
	for _, x := range xs {
		r := math.Exp(x-logMean) - 1
		variance += r * r / (n - 1)
	}
	return logMean, math.Sqrt(variance / n)
}
