package vae

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// chunk is how many rows one run computes at most.
const chunk = 256

// Encode returns the mean and the variance (n, l) of q(z|x) for examples (n, ...) of any number. They
// are taken as they are, without binarisation.
func (m *Model) Encode(x graph.Array, labels ...int) (mean, variance graph.Array, err error) {
	mean, variance, err = m.posterior(x, labels)
	for i, v := range variance.F32 {
		variance.F32[i] = float32(math.Exp(float64(v)))
	}
	for i, v := range variance.F64 {
		variance.F64[i] = math.Exp(v)
	}
	return mean, variance, err
}

// posterior is Encode with the logarithm of the variance.
func (m *Model) posterior(x graph.Array, labels []int) (mean, logVar graph.Array, err error) {
	in, err := m.given(x, labels)
	if err != nil {
		return mean, logVar, err
	}
	outs, err := m.encode.Map(graph.Key{}, chunk, in...)
	if err != nil {
		return mean, logVar, err
	}
	return outs[0], outs[1], nil
}

// Decode returns the means E[x|z] (n, d), for Bernoulli and Categorical probabilities, of latent units z
// (n, l).
func (m *Model) Decode(z graph.Array, labels ...int) (graph.Array, error) {
	z, err := z.Examples(m.cfg.Latent)
	if err != nil {
		return graph.Array{}, err
	}
	in, err := m.with(z.Shape[0], labels, z)
	if err != nil {
		return graph.Array{}, err
	}
	return graph.First(m.decode.Map(graph.Key{}, chunk, in...))
}

// Reconstruct returns E[x|z] (n, d) at the mean z of the posterior of examples (n, ...).
func (m *Model) Reconstruct(x graph.Array, labels ...int) (graph.Array, error) {
	mean, _, err := m.posterior(x, labels)
	if err != nil {
		return graph.Array{}, err
	}
	return m.Decode(mean, labels...)
}

// Sample returns E[x|z] (n, d) for n draws of z from the prior: of a conditional model, n examples of the
// given labels.
func (m *Model) Sample(key graph.Key, n int, labels ...int) (graph.Array, error) {
	if err := m.checkPictures("samples", n, 1); err != nil {
		return graph.Array{}, err
	}
	z := make([]float64, n*m.cfg.Latent)
	graph.Normal(key, z)
	return m.Decode(graph.Floats64(z, n, m.cfg.Latent), labels...)
}

// Score returns an anomaly score (n), in nats, for examples (n, ...): the negative bound of Samples
// samples for each. What the model has not been trained on has a low likelihood. ReconstructionProbability
// is another.
func (m *Model) Score(key graph.Key, x graph.Array, labels ...int) (graph.Array, error) {
	in, err := m.given(x, labels)
	if err != nil {
		return graph.Array{}, err
	}
	return graph.First(m.score.Map(key, max(1, chunk/m.cfg.samples()), in...))
}

// checkPictures returns an error unless n pictures are at least least, and not more than memory is for.
func (m *Model) checkPictures(what string, n, least int) error {
	if most := min(maxUnits, maxWeights/max(m.cfg.Inputs(), m.cfg.Latent)); n < least || n > most {
		return errors.Wrapf(ErrConfig, "%d %s, expected %d to %d", n, what, least, most)
	}
	return nil
}

// given returns the inputs of a graph of examples and their labels.
func (m *Model) given(x graph.Array, labels []int) ([]graph.Array, error) {
	x, err := m.examples(x)
	if err != nil {
		return nil, err
	}
	return m.with(x.Shape[0], labels, x)
}

// examples views x as (n, d), and refuses values that the likelihood does not have.
func (m *Model) examples(x graph.Array) (graph.Array, error) {
	x, err := x.Examples(m.cfg.Shape...)
	if err != nil {
		return x, err
	}
	return x, m.cfg.check(x)
}
