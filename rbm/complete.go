package rbm

import (
	"context"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

// Complete fills in what is missing of examples v (n, ...): it draws the missing elements given the others
// by steps of Gibbs sampling, at least 1, in which those stay as they are (in-painting). known is 1 where
// an element of v is given and 0 where it is missing, for all examples alike (d) or for each (n, ...); a
// softmax group is known or missing as a whole. Missing elements start at draws from the visible biases
// alone, whatever v holds there. It returns the last states (n, d), and their means given the last hidden
// states, known elements as given.
func (m *Model) Complete(ctx context.Context, key graph.Key, v, known graph.Array, steps int) (states, means graph.Array, err error) {
	if steps < 1 {
		return states, means, errors.Wrapf(ErrConfig, "%d steps of sampling, expected 1 or more", steps)
	}
	if v, known, err = m.beginning(key.Fork("start"), v, known); err != nil {
		return states, means, err
	}
	n, d := v.Shape[0], m.cfg.Visible
	states, means = graph.Floats32(make([]float32, 0, n*d), n, d), graph.Floats32(make([]float32, 0, n*d), n, d)
	for lo := 0; lo < n; lo += chunk {
		at, mask := v.Rows(lo, min(lo+chunk, n)), known.Rows(lo, min(lo+chunk, n))
		for step := range steps {
			if err := ctx.Err(); err != nil {
				return graph.Array{}, graph.Array{}, err
			}
			outs, err := m.clamped.Run(key.ForkN(lo).Fork("step").ForkN(step), at.Shape[0], at, mask)
			if err != nil {
				return graph.Array{}, graph.Array{}, err
			}
			at = outs[0]
			if step < steps-1 {
				continue
			}
			for i := range at.Len() {
				states.F32, means.F32 = append(states.F32, float32(at.At(i))), append(means.F32, float32(outs[1].At(i)))
			}
		}
	}
	return states, means, nil
}

// clamping is the graph of one step: v and known (n, d) to the next states and their means.
func (m *Model) clamping(b *graph.Builder, n int) []*graph.Node {
	w := m.Bind(b)
	v, known := b.Input("v", n, m.cfg.Visible), b.Input("known", n, m.cfg.Visible)
	mean := w.VisibleMean(w.HiddenSample(v))
	missing := op.AddScalar(op.Neg(known), 1)
	keep := func(x *graph.Node) *graph.Node { return op.Add(op.Mul(known, v), op.Mul(missing, x)) }
	return []*graph.Node{keep(w.visibleDraw(mean)), keep(mean)}
}

// beginning returns v (n, d) with draws where it is missing, and known (n, d).
func (m *Model) beginning(key graph.Key, v, known graph.Array) (graph.Array, graph.Array, error) {
	d := m.cfg.Visible
	v, err := v.Examples(d)
	if err != nil {
		return v, known, err
	}
	n := v.Shape[0]
	if err := known.Check(); err != nil {
		return v, known, errors.WithMessage(err, "known")
	}
	if known.Len() != d && known.Len() != n*d || known.Int != nil {
		return v, known, errors.Wrapf(graph.ErrShape, "known has shape %v, expected floats (%d) or (%d, %d)", known.Shape, d, n, d)
	}
	mask, start := make([]float64, n*d), m.independent(key, m.values("b"), n)
	for i := range mask {
		mask[i] = known.At(i % known.Len())
		if mask[i] != 0 && mask[i] != 1 {
			return v, known, errors.Wrapf(graph.ErrRange, "known is %v at element %d of example %d, expected 0 or 1", mask[i], i%d, i/d)
		}
		if c := m.cfg.Categories; c > 0 && mask[i] != mask[i/c*c] {
			return v, known, errors.Wrapf(graph.ErrRange, "group %d of example %d is known in part", i%d/c, i/d)
		}
		if mask[i] == 1 {
			start.F64[i] = v.At(i)
		}
	}
	start, err = m.examples(start)
	return start, graph.Floats64(mask, n, d), err
}
