package rbm

import (
	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// examples views x (n, ...) as (n, d) and checks that visible units can have its values.
func (m *Model) examples(x graph.Array) (graph.Array, error) {
	x, err := matrix(x, m.cfg.Visible)
	switch {
	case err != nil:
		return x, err
	case m.cfg.VisibleUnits == Gaussian:
		return x, x.CheckFinite()
	case m.cfg.VisibleUnits == Softmax:
		return x, x.CheckOneHot(m.cfg.Categories)
	}
	return x, x.CheckRange(0, 1)
}

// hidden views h (n, ...) as (n, h) and checks that hidden units can have its values.
func (m *Model) hidden(h graph.Array) (graph.Array, error) {
	h, err := matrix(h, m.cfg.Hidden)
	switch {
	case err != nil:
		return h, err
	case m.cfg.HiddenUnits == Bernoulli:
		return h, h.CheckRange(0, 1)
	}
	return h, h.CheckFinite()
}

// matrix views x (n, ...) as (n, units).
func matrix(x graph.Array, units int) (graph.Array, error) {
	if err := x.Check(); err != nil {
		return x, err
	}
	if len(x.Shape) < 2 || x.Shape[0] == 0 || x.Len()/x.Shape[0] != units || x.Int != nil {
		return x, errors.Wrapf(graph.ErrShape, "got an array of shape %v, expected floats (n, %d)", x.Shape, units)
	}
	return x.Reshape(x.Shape[0], units), nil
}
