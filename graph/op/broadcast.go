package op

import (
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// broadcastPair brings two nodes to their common shape. If they have none, or one is dead, it
// returns them as they are after recording the error.
func broadcastPair(name string, a, b *node) (*node, *node) {
	if a == nil || b == nil || graph.SameShape(a, b) {
		return a, b
	}
	shape, ok := commonShape(a.Shape(), b.Shape())
	if !ok {
		bad := graph.Apply(name, nodes{a, b}, func() (graph.Op, error) { return shapeError("shapes do not broadcast") })
		return bad, bad
	}
	return Broadcast(a, shape...), Broadcast(b, shape...)
}

// commonShape is the shape to which two shapes broadcast.
func commonShape(a, b []int) ([]int, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	shape := slices.Clone(a)
	off := len(a) - len(b)
	for i, d := range b {
		switch {
		case shape[off+i] == d || d == 1:
		case shape[off+i] == 1:
			shape[off+i] = d
		default:
			return nil, false
		}
	}
	return shape, true
}

// Broadcast repeats x to the given shape: axes are matched from the last, and those of size 1, or
// absent, are repeated.
func Broadcast(x *node, shape ...int) *node {
	if x != nil && slices.Equal(x.Shape(), shape) {
		return x
	}
	return graph.Apply("broadcast", nodes{x}, func() (graph.Op, error) {
		common, ok := commonShape(x.Shape(), shape)
		if !ok || !slices.Equal(common, shape) {
			return graph.Op{}, errors.Wrapf(graph.ErrShape, "cannot be repeated to %v", shape)
		}
		if !floats(x) {
			return typeError("broadcast of integers")
		}
		off := len(shape) - len(x.Shape())
		from := make([]int, len(shape)) // x's shape with leading ones
		var axes []int                  // along which x is repeated
		for i := range shape {
			from[i] = 1
			if i >= off {
				from[i] = x.Shape()[i-off]
			}
			if from[i] != shape[i] {
				axes = append(axes, i)
			}
		}
		return graph.Op{
			Shape: slices.Clone(shape),
			Forward: pick(x,
				func(a *graph.Args) { repeat(of[float32](&a.Out), of[float32](&a.In[0]), from, shape) },
				func(a *graph.Args) { repeat(of[float64](&a.Out), of[float64](&a.In[0]), from, shape) }),
			Backward: func(in nodes, _, dy *node) nodes {
				if len(axes) > 0 { // else there are only new axes of size 1, and Sum would add up everything
					dy = Sum(dy, axes...)
				}
				return nodes{Reshape(dy, in[0].Shape()...)}
			},
		}, nil
	})
}

// Repeat is (n k, ...): k equal rows for every one of x (n, ...), one after the other.
func Repeat(x *node, k int) *node {
	if k == 1 {
		return x
	}
	return graph.Apply("repeat", nodes{x}, func() (graph.Op, error) {
		shape, err := moreRows(x, k)
		if err != nil {
			return graph.Op{}, err
		}
		if !floats(x) {
			return typeError("repetition of integers")
		}
		n, row := x.Dim(0), x.Len()/x.Dim(0)
		from, to := []int{n, 1, row}, []int{n, k, row}
		return graph.Op{
			Shape: shape,
			Forward: pick(x,
				func(a *graph.Args) { repeat(of[float32](&a.Out), of[float32](&a.In[0]), from, to) },
				func(a *graph.Args) { repeat(of[float64](&a.Out), of[float64](&a.In[0]), from, to) }),
			Backward: func(in nodes, _, dy *node) nodes {
				return nodes{Reshape(Sum(Reshape(dy, to...), 1), in[0].Shape()...)}
			},
		}, nil
	})
}

// moreRows is the shape of x (n, ...) with k times as many rows.
func moreRows(x *node, k int) ([]int, error) {
	if k == 1 {
		return x.Shape(), nil
	}
	if len(x.Shape()) == 0 || k < 1 {
		return nil, errors.Wrapf(graph.ErrShape, "cannot have %d times as many rows", k)
	}
	return withDim(x.Shape(), 0, k*x.Dim(0)), nil
}

// repeat copies src, of shape from, to dst, of shape to; they have equally many axes and from is 1
// wherever they differ.
func repeat[T graph.Float](dst, src []T, from, to []int) {
	if len(to) == 0 {
		dst[0] = src[0]
		return
	}
	inner, outer := len(src)/from[0], len(dst)/to[0]
	for i := range to[0] {
		if from[0] == 1 && i > 0 {
			copy(dst[i*outer:(i+1)*outer], dst[:outer]) // a repetition of what has been written
			continue
		}
		if inner == outer && from[0] == to[0] {
			copy(dst, src) // no axis further in is repeated
			return
		}
		repeat(dst[i*outer:(i+1)*outer], src[i*inner:(i+1)*inner], from[1:], to[1:])
	}
}
