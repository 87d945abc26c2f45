package rbm

import (
	"github.com/latent-go/latent/graph"
)

// examples views x (n, ...) as (n, d) and checks that visible units can have its values.
func (m *Model) examples(x graph.Array) (graph.Array, error) {
	x, err := x.Examples(m.cfg.Visible)
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
	h, err := h.Examples(m.cfg.Hidden)
	switch {
	case err != nil:
		return h, err
	case m.cfg.HiddenUnits == Bernoulli:
		return h, h.CheckRange(0, 1)
	}
	return h, h.CheckFinite()
}
