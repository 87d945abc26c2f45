package vae

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

const maxSide = 1024 // pictures of a row of Manifold

// Interpolate returns steps pictures (steps, d), at least 2, on the straight line between the means of
// the posteriors of two examples (1, ...): the first is Reconstruct of from, the last that of to.
func (m *Model) Interpolate(from, to graph.Array, steps int, labels ...int) (graph.Array, error) {
	if err := m.checkPictures("steps of interpolation", steps, 2); err != nil {
		return graph.Array{}, err
	}
	var ends [2]graph.Array
	for i, x := range []graph.Array{from, to} {
		mean, err := m.code(x, labels)
		if err != nil {
			return graph.Array{}, err
		}
		ends[i] = mean
	}
	l := m.cfg.Latent
	z := make([]float64, steps*l)
	for s := range steps {
		weight := float64(s) / float64(steps-1)
		for j := range l {
			z[s*l+j] = (1-weight)*ends[0].At(j) + weight*ends[1].At(j)
		}
	}
	return m.Decode(graph.Floats64(z, steps, l), same(labels, steps)...)
}

// Traverse returns E[x|z] (len(values), d) where z is the mean of the posterior of one example (1, ...)
// but for one unit, 0 to l-1, which takes the given values: what that unit stands for. From -3 to
// 3 covers the prior.
func (m *Model) Traverse(x graph.Array, unit int, values []float64, labels ...int) (graph.Array, error) {
	l := m.cfg.Latent
	if unit < 0 || unit >= l || len(values) == 0 {
		return graph.Array{}, errors.Wrapf(ErrConfig, "traversal of unit %d by %d values, expected a unit from 0 to %d and at least one value", unit, len(values), l-1)
	}
	mean, err := m.code(x, labels)
	if err != nil {
		return graph.Array{}, err
	}
	z := make([]float64, len(values)*l)
	for i, v := range values {
		for j := range l {
			z[i*l+j] = mean.At(j)
		}
		z[i*l+unit] = v
	}
	return m.Decode(graph.Floats64(z, len(values), l), same(labels, len(values))...)
}

// Manifold returns E[x|z] (side side, d) over a square grid of z, row by row, for a model with 2 latent
// units: equal steps of the prior's distribution function, so that each cell is as probable as another
// (Kingma & Welling 2014, figure 4). The first unit grows along a row, the second from row to row.
func (m *Model) Manifold(side int, labels ...int) (graph.Array, error) {
	if m.cfg.Latent != 2 || side < 1 || side > maxSide {
		return graph.Array{}, errors.Wrapf(ErrConfig, "manifold of side %d with %d latent units, expected a side of 1 to %d and 2 units", side, m.cfg.Latent, maxSide)
	}
	quantiles := make([]float64, side)
	for i := range quantiles {
		p := (float64(i) + 0.5) / float64(side)
		quantiles[i] = math.Sqrt2 * math.Erfinv(2*p-1)
	}
	z := make([]float64, 0, 2*side*side)
	for _, second := range quantiles {
		for _, first := range quantiles {
			z = append(z, first, second)
		}
	}
	return m.Decode(graph.Floats64(z, side*side, 2), same(labels, side*side)...)
}

// code is the mean (1, l) of the posterior of one example.
func (m *Model) code(x graph.Array, labels []int) (graph.Array, error) {
	mean, _, err := m.posterior(x, labels)
	if err != nil {
		return graph.Array{}, err
	}
	if mean.Shape[0] != 1 {
		return graph.Array{}, errors.Wrapf(graph.ErrShape, "got %d examples, expected one (1, ...)", mean.Shape[0])
	}
	return mean, nil
}
