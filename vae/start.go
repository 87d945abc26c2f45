package vae

import (
	"fmt"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// InitOutput sets the biases of the output layer by mean (d), the mean of the training data, so that a
// decoder without weights would give it: to the log-odds of Bernoulli elements, the logarithms of
// Categorical ones, the mean of Gaussian ones. It is for the time before training and spares it the learning
// of the mean (Burda et al. 2015 start like this). Probabilities are kept 0.001 from 0 and 1.
func (m *Model) InitOutput(mean []float64) error {
	d := m.cfg.Inputs()
	if len(mean) != d {
		return errors.Wrapf(graph.ErrShape, "a mean of %d elements for examples of %d", len(mean), d)
	}
	a := graph.Floats64(append([]float64(nil), mean...), d)
	if m.cfg.Likelihood == Gaussian {
		if err := a.CheckFinite(); err != nil {
			return errors.WithMessage(err, "mean")
		}
	} else if err := a.CheckRange(0, 1); err != nil {
		return errors.WithMessage(err, "mean")
	}
	for i, p := range a.F64 {
		p = min(max(p, 1e-3), 1-1e-3)
		switch m.cfg.Likelihood {
		case Bernoulli:
			a.F64[i] = math.Log(p) - math.Log1p(-p)
		case Categorical:
			a.F64[i] = math.Log(p)
		}
	}
	return m.params.Lookup(fmt.Sprintf("dec/%d/b", len(m.cfg.decoder())-1)).Set(a)
}
