package op

import (
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// LSTM is a long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000)
// over a whole sequence. z (n, t, 4h) is the input's part of the gates, bias included, u (h, 4h) the weights
// from state to state, and start (n, 2h) the state [h | c] before the first step, nil for zeros. The columns of
// z and u are the gates i, f, o, g, in this order. In each step, with its row of z and the state before it,
//
//	i, f, o = sigmoid(z + h u), g = tanh(z + h u), c' = f c + i g, h' = o tanh(c').
//
// It returns h' (n, t, h) of all steps and the last state (n, 2h), from which another call can go on.
func LSTM(z, u, start *node) (h, last *node) { return lstm("lstm", z, u, start, 3, 0) }

// RowLSTM is an LSTM from row to row of an image, whose map from state to state is a convolution along the row
// (van den Oord et al. 2016, section 3.1). z is (n, y, x, 4h) and start (n, x, 2h) or nil. To the gates at place x
// of a row, the row before it adds h[x+dx] u[dx] for dx from -reach to reach, with h = 0 outside of the row.
// u ((2 reach + 1) h, 4h) holds the weights of one dx below those of the one before. It returns h (n, y, x, h) of
// all rows and the last state (n, x, 2h).
func RowLSTM(z, u, start *node, reach int) (h, last *node) {
	if reach < 0 {
		bad := outOfRange("rowlstm", z, "reach %d is negative", reach)
		return bad, bad
	}
	return lstm("rowlstm", z, u, start, 4, reach)
}

// lstm is the operation behind both, whose result is h. A second one takes the last state from its memory.
func lstm(name string, z, u, start *node, rank, reach int) (h, last *node) {
	in := nodes{z, u}
	if start != nil {
		in = append(in, start)
	}
	var r32 *lstmRun[float32]
	var r64 *lstmRun[float64]
	h = graph.Apply(name, in, func() (graph.Op, error) {
		size, err := lstmSizeOf(in, rank, reach)
		if err != nil {
			return graph.Op{}, err
		}
		r32, r64 = &lstmRun[float32]{lstmSize: size}, &lstmRun[float64]{lstmSize: size}
		return graph.Op{
			Shape:   withDim(z.Shape(), rank-1, size.h),
			Forward: pick(z, r32.forward, r64.forward),
			Backward: func(in nodes, h, dh *node) nodes {
				size.keep = true
				dz := gatesGrad(name, in[0], h, dh, r32, r64)
				grads := nodes{dz, ifNeeded(in[1], func() *node { return weightsGrad(name, in, h, dz, size) })}
				if size.start {
					grads = append(grads, ifNeeded(in[2], func() *node { return startGrad(name, in[2], dz, r32, r64) }))
				}
				return grads
			},
		}, nil
	})
	last = graph.Apply(name+"state", nodes{h}, func() (graph.Op, error) {
		return graph.Op{
			Shape:   r32.stateShape(rank),
			Forward: pick(h, r32.last, r64.last),
			Backward: func(in nodes, _, dLast *node) nodes {
				r32.lastGrad = true
				return nodes{lastGrad(name, in[0], dLast, r32, r64)}
			},
		}, nil
	})
	return h, last
}

// An lstmSize is the dimensions of an LSTM: n sequences of t steps with x places of h units.
type lstmSize struct {
	n, t, x, h int
	taps       int  // places of the step before that a place sees
	places     int  // n x
	start      bool // whether there is a state before the first step
	keep       bool // whether a gradient needs gates and cells of all steps
	lastGrad   bool // whether the loss depends on the last state
}

// lstmSizeOf checks the shapes of z, u and perhaps start.
func lstmSizeOf(in nodes, rank, reach int) (*lstmSize, error) {
	z, u := in[0], in[1]
	switch {
	case !floats(in...):
		return nil, errors.Wrap(graph.ErrType, "an LSTM of integers")
	case len(z.Shape()) != rank || z.Dim(-1)%4 != 0:
		return nil, errors.Wrapf(graph.ErrShape, "the gates must have %d axes, the last of four equal parts", rank)
	}
	s := &lstmSize{n: z.Dim(0), t: z.Dim(1), x: 1, h: z.Dim(-1) / 4, taps: 2*reach + 1, start: len(in) == 3}
	if rank == 4 {
		s.x = z.Dim(2)
	}
	s.places = s.n * s.x
	if len(u.Shape()) != 2 || u.Dim(0)%s.h != 0 || u.Dim(0)/s.h != s.taps || u.Dim(1) != 4*s.h {
		return nil, errors.Wrapf(graph.ErrShape, "the weights from state to state must be (%d, %d)", s.taps*s.h, 4*s.h)
	}
	if s.start && !slices.Equal(in[2].Shape(), s.stateShape(rank)) {
		return nil, errors.Wrapf(graph.ErrShape, "the state before the first step must have shape %v", s.stateShape(rank))
	}
	return s, nil
}

// stateShape is (n, 2h) or (n, x, 2h).
func (s *lstmSize) stateShape(rank int) []int {
	if rank == 3 {
		return []int{s.n, 2 * s.h}
	}
	return []int{s.n, s.x, 2 * s.h}
}

// row is the first row of sequence i and a step in a matrix of n t x rows.
func (s *lstmSize) row(i, step int) int { return (i*s.t + step) * s.x }
