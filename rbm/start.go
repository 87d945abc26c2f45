package rbm

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// InitVisible sets the visible biases by mean (d), the mean of the training data: to the log-odds of
// Bernoulli units, the logarithms of softmax units, the mean of Gaussian ones. It sets persistent chains
// to draws from units of these biases alone, and the visible offsets of centring to the mean. It is for
// the time before training and spares it the learning of the units' means (Hinton 2010, section 8.1).
// Probabilities are kept 0.001 from 0 and 1 for the biases.
func (m *Model) InitVisible(mean []float64) error {
	b, err := m.biases(mean)
	if err != nil {
		return err
	}
	if offset := m.params.Lookup("offset/visible"); offset != nil {
		if err := offset.Set(graph.Floats64(mean, len(mean))); err != nil {
			return err
		}
	}
	if err := m.params.Lookup("b").Set(graph.Floats64(b, len(b))); err != nil {
		return err
	}
	chains := m.params.Lookup("chains")
	if chains == nil {
		return nil
	}
	v := m.independent(graph.NewKey(m.cfg.Seed).Fork("chains/init"), b, chains.Shape[0])
	return chains.Set(v)
}

// biases are those of visible units that have the given means (d) and no weights.
func (m *Model) biases(mean []float64) ([]float64, error) {
	d := m.cfg.Visible
	if len(mean) != d {
		return nil, errors.Wrapf(graph.ErrShape, "a mean of %d units for %d visible units", len(mean), d)
	}
	a := graph.Floats64(mean, d)
	b := append([]float64(nil), mean...)
	if m.cfg.VisibleUnits == Gaussian {
		return b, a.CheckFinite()
	}
	if err := a.CheckRange(0, 1); err != nil {
		return nil, err
	}
	for i, p := range mean {
		p = min(max(p, 1e-3), 1-1e-3)
		if b[i] = math.Log(p); m.cfg.VisibleUnits == Bernoulli {
			b[i] -= math.Log(1 - p)
		}
	}
	return b, nil
}

// startChains is the initial value of persistent chains: independent units of bias 0.
func (m *Model) startChains(key graph.Key, shape []int, v []float64) {
	copy(v, m.independent(key, make([]float64, m.cfg.Visible), shape[0]).F64)
}

// independent draws (n, d) states of visible units of the given biases without weights.
func (m *Model) independent(key graph.Key, bias []float64, n int) graph.Array {
	d := m.cfg.Visible
	v := make([]float64, n*d)
	switch m.cfg.VisibleUnits {
	case Bernoulli:
		for i := range v {
			v[i] = sigmoid(bias[i%d])
		}
		graph.Bernoulli(key, v, v)
	case Softmax:
		u := make([]float64, n*d/m.cfg.Categories)
		graph.Uniform(key, u)
		for i, part := range u {
			lo := i * m.cfg.Categories
			v[lo+category(bias[lo%d:lo%d+m.cfg.Categories], part)] = 1
		}
	case Gaussian:
		graph.Normal(key, v)
		std := m.stds()
		for i := range v {
			v[i] = bias[i%d] + std[i%d]*v[i]
		}
	}
	return graph.Floats64(v, n, d)
}

// category is where a part u of the sum of e^x is passed.
func category(x []float64, u float64) int {
	var total logSum
	for _, v := range x {
		total.add(v)
	}
	for i, v := range x {
		if u -= math.Exp(v - total.value()); u < 0 {
			return i
		}
	}
	return len(x) - 1
}

// stds are the standard deviations of Gaussian visible units (d); those of a model in the making are
// the configuration's.
func (m *Model) stds() []float64 {
	std := make([]float64, m.cfg.Visible)
	for i := range std {
		std[i] = m.cfg.std()
	}
	if q := m.params.Lookup("logvar"); q != nil {
		for i := range std {
			std[i] = math.Exp(q.Value().At(i) / 2)
		}
	}
	return std
}

// values is a parameter's value as float64.
func (m *Model) values(name string) []float64 {
	a := m.params.Lookup(name).Value()
	v := make([]float64, a.Len())
	for i := range v {
		v[i] = a.At(i)
	}
	return v
}
