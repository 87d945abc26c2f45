package rbm

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
)

// Gradient implements train.Objective. It is the symbolic gradient of mean F(v0) - mean F(vk), v0 the
// batch and vk the ends of the Gibbs chains, held fixed: the positive minus the negative statistics
// (Hinton 2002, equation 5), with Centring turned into the direction of the centred machine. Rectified
// hidden units have no F in closed form: in its place stands E(v, h) with h fixed at E[h | v], whose
// gradient is those statistics.
//
// The metric "loss" is that difference, no likelihood, and with a sparsity target that term;
// "free-energy" is mean F(v0), for rectified units absent; with contrastive divergence there is "error",
// the squared error of the first step's reconstruction, summed over an example. Values of the batch that the
// visible units cannot have are an error; for Bernoulli units those are outside [0, 1], and those between
// are used as they are.
func (m *Model) Gradient(key graph.Key, b data.Batch) (train.Metrics, error) {
	v, err := m.examples(b.X)
	if err != nil {
		return nil, err
	}
	outs, err := m.gradient.Run(key, b.N, v)
	if err != nil {
		return nil, err
	}
	if m.cfg.Centring > 0 {
		if m.params.DType() == graph.Float64 {
			centre[float64](m.params)
		} else {
			centre[float32](m.params)
		}
	}
	metrics := train.Metrics{"loss": outs[0].At(0)}
	if m.cfg.HiddenUnits != Rectified {
		metrics["free-energy"] = outs[1].At(0)
	}
	if len(outs) > 2 {
		metrics["error"] = outs[2].At(0)
	}
	return metrics, nil
}
