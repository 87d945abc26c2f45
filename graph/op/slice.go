package op

import (
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// Slice keeps elements lo to hi-1 of one axis. A negative axis counts from the last.
func Slice(x *node, axis, lo, hi int) *node {
	return graph.Apply("slice", nodes{x}, func() (graph.Op, error) {
		at, err := oneAxis(x.Shape(), axis)
		if err != nil {
			return graph.Op{}, err
		}
		if lo < 0 || hi <= lo || hi > x.Dim(at) {
			return shapeError("no elements %d to %d on axis %d", lo, hi-1, axis)
		}
		if !floats(x) {
			return typeError("slice of integers")
		}
		outer, length, inner := around(x.Shape(), at)
		return graph.Op{
			Shape:    withDim(x.Shape(), at, hi-lo),
			Forward:  pick(x, forwardSlice[float32](outer, length, inner, lo, hi), forwardSlice[float64](outer, length, inner, lo, hi)),
			Backward: func(_ nodes, _, dy *node) nodes { return nodes{pad(dy, at, lo, length)} },
		}, nil
	})
}

func forwardSlice[T graph.Float](outer, length, inner, lo, hi int) func(*graph.Args) {
	return func(a *graph.Args) {
		dst, x := of[T](&a.Out), of[T](&a.In[0])
		n := (hi - lo) * inner
		for o := range outer {
			copy(dst[o*n:(o+1)*n], x[(o*length+lo)*inner:])
		}
	}
}

// pad is the inverse of Slice: x lies at lo of an axis of the given length, the rest is zero. Only
// gradients use it.
func pad(x *node, axis, lo, length int) *node {
	return graph.Apply("pad", nodes{x}, func() (graph.Op, error) {
		outer, width, inner := around(x.Shape(), axis)
		return graph.Op{
			Shape: withDim(x.Shape(), axis, length),
			Forward: pick(x,
				forwardPad[float32](outer, width, inner, lo, length),
				forwardPad[float64](outer, width, inner, lo, length)),
		}, nil
	})
}

func forwardPad[T graph.Float](outer, width, inner, lo, length int) func(*graph.Args) {
	return func(a *graph.Args) {
		dst, x := of[T](&a.Out), of[T](&a.In[0])
		clear(dst)
		n := width * inner
		for o := range outer {
			copy(dst[(o*length+lo)*inner:], x[o*n:(o+1)*n])
		}
	}
}

// Concat joins nodes along an axis; their other dimensions must agree. A negative axis counts from
// the last.
func Concat(axis int, xs ...*node) *node {
	return graph.Apply("concat", xs, func() (graph.Op, error) {
		at, err := oneAxis(xs[0].Shape(), axis)
		if err != nil {
			return graph.Op{}, err
		}
		starts := make([]int, len(xs)+1)
		for i, x := range xs {
			if len(x.Shape()) != len(xs[0].Shape()) || !slices.Equal(withDim(x.Shape(), at, 0), withDim(xs[0].Shape(), at, 0)) {
				return shapeError("input %d differs from input 0 on an axis other than %d", i, axis)
			}
			if !floats(x) {
				return typeError("concat of integers")
			}
			starts[i+1] = starts[i] + x.Dim(at)
		}
		outer, _, inner := around(xs[0].Shape(), at)
		return graph.Op{
			Shape:   withDim(xs[0].Shape(), at, starts[len(xs)]),
			Forward: pick(xs[0], forwardConcat[float32](outer, inner, starts), forwardConcat[float64](outer, inner, starts)),
			Backward: func(in nodes, _, dy *node) nodes {
				grads := make(nodes, len(in))
				for i, x := range in {
					grads[i] = ifNeeded(x, func() *node { return Slice(dy, at, starts[i], starts[i+1]) })
				}
				return grads
			},
		}, nil
	})
}

func forwardConcat[T graph.Float](outer, inner int, starts []int) func(*graph.Args) {
	return func(a *graph.Args) {
		dst := of[T](&a.Out)
		row := starts[len(starts)-1] * inner
		for i := range a.In {
			x := of[T](&a.In[i])
			n := (starts[i+1] - starts[i]) * inner
			for o := range outer {
				copy(dst[o*row+starts[i]*inner:], x[o*n:(o+1)*n])
			}
		}
	}
}

// oneAxis resolves a negative axis and checks the range.
func oneAxis(shape []int, axis int) (int, error) {
	at := axis
	if at < 0 {
		at += len(shape)
	}
	if at < 0 || at >= len(shape) {
		return 0, errors.Wrapf(graph.ErrShape, "no axis %d", axis)
	}
	return at, nil
}

// around views a shape as (outer, length, inner) with the given axis in the middle.
func around(shape []int, axis int) (outer, length, inner int) {
	return product(shape[:axis]), shape[axis], product(shape[axis+1:])
}

// withDim is shape with another length on one axis.
func withDim(shape []int, axis, length int) []int {
	s := slices.Clone(shape)
	s[axis] = length
	return s
}
