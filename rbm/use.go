package rbm

import (
	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

const chunk = 256 // how many examples one run takes at most

// Energy returns E(v, h) (n) of examples (n, ...) and hidden states (n, h), in nats.
func (m *Model) Energy(v, h graph.Array) (graph.Array, error) {
	v, err := m.examples(v)
	if err != nil {
		return graph.Array{}, err
	}
	if h, err = m.hidden(h); err != nil {
		return graph.Array{}, errors.WithMessage(err, "hidden states")
	}
	return graph.First(m.joint.Map(graph.Key{}, chunk, v, h))
}

// FreeEnergy returns F(v) (n) of examples (n, ...), in nats: log p(v) is -F(v) - log Z. Rectified units
// have none in closed form: an error.
func (m *Model) FreeEnergy(v graph.Array) (graph.Array, error) {
	if m.cfg.HiddenUnits == Rectified {
		return graph.Array{}, errNoFreeEnergy(Rectified)
	}
	return m.ofVisible(m.free, graph.Key{}, v)
}

// FreeEnergyGap returns mean F(held) - mean F(training), in nats, of held-out and training examples
// (n, ...), as many of either as one likes. It needs no log Z. Growing, it shows overfitting (Hinton 2010,
// section 6).
func (m *Model) FreeEnergyGap(training, held graph.Array) (float64, error) {
	gap := 0.0
	for i, x := range []graph.Array{held, training} {
		f, err := m.FreeEnergy(x)
		if err != nil {
			return 0, err
		}
		mean := 0.0
		for j := range f.Len() {
			mean += f.At(j) / float64(f.Len())
		}
		gap += mean * float64(1-2*i)
	}
	return gap, nil
}

// Transform returns the features (n, h) of examples (n, ...): the probabilities p(h = 1 | v) of Bernoulli
// hidden units, the means of Gaussian ones, and max(0, x) of the logits x of rectified ones.
func (m *Model) Transform(v graph.Array) (graph.Array, error) {
	return m.ofVisible(m.transform, graph.Key{}, v)
}

// HiddenMean returns E[h | v] (n, h) of examples (n, ...).
func (m *Model) HiddenMean(v graph.Array) (graph.Array, error) {
	return m.ofVisible(m.hiddenMean, graph.Key{}, v)
}

// SampleHidden draws from p(h | v) (n, h) for examples (n, ...).
func (m *Model) SampleHidden(key graph.Key, v graph.Array) (graph.Array, error) {
	return m.ofVisible(m.hiddenDraw, key, v)
}

// VisibleMean returns E[v | h] (n, d) of hidden states (n, h): probabilities, but for Gaussian units.
func (m *Model) VisibleMean(h graph.Array) (graph.Array, error) {
	return m.ofHidden(m.visibleMean, graph.Key{}, h)
}

// SampleVisible draws from p(v | h) (n, d) for hidden states (n, h).
func (m *Model) SampleVisible(key graph.Key, h graph.Array) (graph.Array, error) {
	return m.ofHidden(m.visibleDraw, key, h)
}

// Reconstruct returns the means (n, d) of the visible units given the features of examples (n, ...).
// Nothing is drawn.
func (m *Model) Reconstruct(v graph.Array) (graph.Array, error) {
	return m.ofVisible(m.reconstruct, graph.Key{}, v)
}

func (w Weights) reconstruction(v *graph.Node) *graph.Node { return w.VisibleMean(w.Features(v)) }

func (m *Model) ofVisible(f *graph.Function, key graph.Key, v graph.Array) (graph.Array, error) {
	v, err := m.examples(v)
	if err != nil {
		return graph.Array{}, err
	}
	return graph.First(f.Map(key, chunk, v))
}

func (m *Model) ofHidden(f *graph.Function, key graph.Key, h graph.Array) (graph.Array, error) {
	h, err := m.hidden(h)
	if err != nil {
		return graph.Array{}, err
	}
	return graph.First(f.Map(key, chunk, h))
}
