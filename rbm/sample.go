package rbm

import (
	"context"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// Sample draws n visible states (n, d) from up to 256 Gibbs chains side by side, which start at draws
// from the visible biases alone. A chain's first sample comes after burnIn steps, at
// least 0, each further one after thin more, at least 1: the fewer, the less the samples are those of the
// model, and the more those of one chain resemble each other. With units that have no limit on both sides,
// and weights too large for a distribution, chains grow until the error is graph.ErrNotFinite.
func (m *Model) Sample(ctx context.Context, key graph.Key, n, burnIn, thin int) (graph.Array, error) {
	d := m.cfg.Visible
	if most := m.cfg.maxStates(); n < 1 || n > most || burnIn < 0 || thin < 1 {
		return graph.Array{}, errors.Wrapf(ErrConfig, "%d samples after %d steps, then every %d: expected 1 to %d samples, no negative burn-in, thinning of 1 or more", n, burnIn, thin, most)
	}
	chains := min(n, chunk)
	v := m.independent(key.Fork("start"), m.values("b"), chains)
	samples := make([]float32, 0, n*d)
	for step := 0; ; step++ {
		if step >= burnIn && (step-burnIn)%thin == 0 {
			for i := range min(chains*d, n*d-len(samples)) {
				samples = append(samples, float32(v.At(i)))
			}
			if len(samples) == n*d {
				return graph.Floats32(samples, n, d), nil
			}
		}
		if err := ctx.Err(); err != nil {
			return graph.Array{}, err
		}
		outs, err := m.step.Run(key.Fork("step").ForkN(step), chains, v)
		if err != nil {
			return graph.Array{}, err
		}
		v = outs[0]
	}
}
