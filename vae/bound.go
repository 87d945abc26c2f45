package vae

import (
	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// Bound returns the importance-weighted lower bound of log p(x) (n), in nats as float64, of examples
// (n, ...) by k samples for each, at least 1 (Burda et al. 2015, equation 8). It rises with k and goes
// to log p(x); papers use 5,000. The samples are computed a few at a time: memory does not grow with
// k. With Binarize each example is drawn once for all its samples.
func (m *Model) Bound(x graph.Array, k int, key graph.Key) (graph.Array, error) {
	if k < 1 {
		return graph.Array{}, errors.Wrapf(ErrConfig, "a bound by %d samples, expected at least 1", k)
	}
	x, err := m.examples(x)
	if err != nil {
		return graph.Array{}, err
	}
	if m.cfg.Binarize {
		if x, err = first(m.binarize.Map(key.Fork("binarize"), chunk, x)); err != nil {
			return graph.Array{}, err
		}
	}
	mean, logVar, err := m.posterior(x)
	if err != nil {
		return graph.Array{}, err
	}
	in := []graph.Array{x, mean, logVar}
	n := x.Shape[0]
	bounds := make([]logMeanExp, n)
	// Row r of all n k rows is a sample of example r/k.
	for lo := 0; lo < n*k; lo += chunk {
		hi := min(lo+chunk, n*k)
		outs, err := m.weigh.Run(key.ForkN(lo/chunk), hi-lo, pick(in, lo, hi, k)...)
		if err != nil {
			return graph.Array{}, err
		}
		if err := outs[0].CheckFinite(); err != nil {
			return graph.Array{}, errors.WithMessagef(err, "importance weights of examples %d to %d", lo/k, (hi-1)/k)
		}
		for r := lo; r < hi; r++ {
			bounds[r/k].add(outs[0].At(r - lo))
		}
	}
	values := make([]float64, n)
	for i := range values {
		values[i] = bounds[i].value()
	}
	return graph.Floats64(values, n), nil
}

// pick copies, of each array (n, h), the rows r/k for r from lo to hi-1.
func pick(in []graph.Array, lo, hi, k int) []graph.Array {
	picked := make([]graph.Array, len(in))
	for i, a := range in {
		out := &picked[i]
		out.Shape = []int{hi - lo, a.Shape[1]}
		for r := lo; r < hi; r++ {
			row := a.Rows(r/k, r/k+1)
			out.F32 = append(out.F32, row.F32...)
			out.F64 = append(out.F64, row.F64...)
		}
	}
	return picked
}
