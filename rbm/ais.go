package rbm

import (
	"context"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// AISConfig says how AIS estimates log Z.
type AISConfig struct {
	// Chains is the number of independent runs, at least 2, side by side; 100 is usual.
	Chains int

	// Temperatures is the number of intermediate distributions, at least 1. Too few underestimate
	// log Z. They lie, as in the paper, 1/29 of them evenly in the first half, 8/29 up to 0.9, the
	// rest above; its number is 14500.
	Temperatures int

	// Mean (d) is the mean of the training data: the start is a model of independent units with that
	// mean, smoothed as in InitVisible. nil starts from units of bias 0.
	Mean []float64
}

// AISResult is an estimate of log Z, in nats.
type AISResult struct {
	LogZ   float64
	StdErr float64 // of LogZ, from the spread of the weights over the chains (delta method)
}

// AIS estimates log Z by annealed importance sampling (Salakhutdinov & Murray 2008, "On the
// quantitative analysis of deep belief networks", section 4.2). The estimate of Z is unbiased; that of
// log Z lies below it on average. Hidden units must be Bernoulli or Gaussian.
func (m *Model) AIS(ctx context.Context, key graph.Key, cfg AISConfig) (AISResult, error) {
	base, err := m.checkAIS(cfg)
	if err != nil {
		return AISResult{}, err
	}
	v := m.independent(key.Fork("start"), base, cfg.Chains)
	logW, err := m.annealed(ctx, key, v, base, cfg.Temperatures, func(i int) (from, to float64) {
		return temperature(i, cfg.Temperatures), temperature(i+1, cfg.Temperatures)
	})
	if err != nil {
		return AISResult{}, err
	}
	logMean, stdErr := logMeanExp(logW)
	return AISResult{LogZ: m.baseLogZ(base) + logMean, StdErr: stdErr}, nil
}

// ReverseAIS estimates log Z by annealing the other way, from samples (Chains, ...) of the model to
// independent units. If the samples are exact, the estimate of 1/Z is unbiased and that of log Z lies
// above it on average: with AIS it encloses log Z (Burda, Grosse & Salakhutdinov 2015, "Accurate and
// conservative estimates of MRF log-likelihood using reverse annealing"). Samples of long chains, as
// Sample gives, make that approximate: modes that the chains have not found count for nothing in it.
func (m *Model) ReverseAIS(ctx context.Context, key graph.Key, cfg AISConfig, samples graph.Array) (AISResult, error) {
	base, err := m.checkAIS(cfg)
	if err != nil {
		return AISResult{}, err
	}
	v, err := m.examples(samples)
	if err != nil {
		return AISResult{}, err
	}
	if v.Shape[0] != cfg.Chains {
		return AISResult{}, errors.Wrapf(graph.ErrShape, "%d samples for %d chains", v.Shape[0], cfg.Chains)
	}
	logW, err := m.annealed(ctx, key, v, base, cfg.Temperatures, func(i int) (from, to float64) {
		return temperature(cfg.Temperatures-i, cfg.Temperatures), temperature(cfg.Temperatures-i-1, cfg.Temperatures)
	})
	if err != nil {
		return AISResult{}, err
	}
	logMean, stdErr := logMeanExp(logW)
	return AISResult{LogZ: m.baseLogZ(base) - logMean, StdErr: stdErr}, nil
}

// checkAIS returns the biases of the independent units.
func (m *Model) checkAIS(cfg AISConfig) ([]float64, error) {
	if most := m.cfg.maxStates(); cfg.Chains < 2 || cfg.Chains > most || cfg.Temperatures < 1 {
		return nil, errors.Wrapf(ErrConfig, "AIS with %d chains and %d temperatures, expected 2 to %d and at least 1", cfg.Chains, cfg.Temperatures, most)
	}
	if m.cfg.HiddenUnits == Rectified {
		return nil, errNoFreeEnergy(Rectified)
	}
	if cfg.Mean == nil {
		return make([]float64, m.cfg.Visible), nil
	}
	return m.biases(cfg.Mean)
}

// annealed takes chains v through n temperature changes, each followed by a Gibbs step, and returns the
// logarithms of their weights.
func (m *Model) annealed(ctx context.Context, key graph.Key, v graph.Array, base []float64, n int, change func(i int) (from, to float64)) ([]float64, error) {
	logW := make([]float64, v.Shape[0])
	for i := range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		from, to := change(i)
		outs, err := m.anneal.Run(key.Fork("anneal").ForkN(i), len(logW), v,
			graph.Floats64([]float64{from}, 1), graph.Floats64([]float64{to}, 1), graph.Floats64(base, len(base)))
		if err != nil {
			return nil, err
		}
		v = outs[0]
		for c := range logW {
			logW[c] += outs[1].At(c)
		}
	}
	return logW, nil
}

// baseLogZ is log Z at temperature 0: visible units of the given biases, hidden ones without weights.
func (m *Model) baseLogZ(base []float64) float64 {
	hidden := float64(m.cfg.Hidden) * math.Ln2
	if m.cfg.HiddenUnits == Gaussian {
		hidden = float64(m.cfg.Hidden) * 0.5 * math.Log(2*math.Pi)
	}
	return m.visiblePartition(base)(base) + hidden
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
