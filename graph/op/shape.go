package op

import (
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
	"github.com/pkg/errors"
)

// Reshape copies x to another shape of as many elements. One dimension may be -1: what is left.
func Reshape(x *node, shape ...int) *node {
	if x != nil && slices.Equal(x.Shape(), shape) {
		return x
	}
	return graph.Apply("reshape", nodes{x}, func() (graph.Op, error) {
		shape, err := resolve(shape, x.Len())
		if err != nil {
			return graph.Op{}, err
		}
		if !floats(x) {
			return typeError("reshape of integers")
		}
		return graph.Op{
			Shape:    shape,
			Forward:  pick(x, copyForward[float32], copyForward[float64]),
			Backward: func(in nodes, _, dy *node) nodes { return nodes{Reshape(dy, in[0].Shape()...)} },
		}, nil
	})
}

// resolve replaces a -1 in shape so that it has n elements.
func resolve(shape []int, n int) ([]int, error) {
	shape = slices.Clone(shape)
	free, rest := -1, 1
	for i, d := range shape {
		switch {
		case d == -1 && free < 0:
			free = i
		case d <= 0:
			return nil, errors.Wrapf(graph.ErrShape, "cannot be reshaped to %v", shape)
		case d > n/rest:
			return nil, errors.Wrapf(graph.ErrShape, "%d elements cannot be reshaped to %v", n, shape)
		default:
			rest *= d
		}
	}
	if free >= 0 && n%rest == 0 {
		shape[free] = n / rest
		rest = n
	}
	if rest != n {
		return nil, errors.Wrapf(graph.ErrShape, "%d elements cannot be reshaped to %v", n, shape)
	}
	return shape, nil
}

// Transpose permutes the axes: axis i of the result is axis perm[i] of x. Without perm it reverses
// them: for a matrix, the transpose.
func Transpose(x *node, perm ...int) *node {
	return graph.Apply("transpose", nodes{x}, func() (graph.Op, error) {
		rank := len(x.Shape())
		order := slices.Clone(perm)
		if len(order) == 0 {
			for i := range rank {
				order = append(order, rank-1-i)
			}
		}
		inverse := make([]int, rank)
		shape := make([]int, rank)
		seen := make([]bool, rank)
		for i, a := range order {
			if len(order) != rank || a < 0 || a >= rank || seen[a] {
				return shapeError("%v is not a permutation of the axes", perm)
			}
			seen[a], inverse[a], shape[i] = true, i, x.Shape()[a]
		}
		if !floats(x) {
			return typeError("transpose of integers")
		}
		return graph.Op{
			Shape:    shape,
			Forward:  pick(x, forwardTranspose[float32](x.Shape(), order), forwardTranspose[float64](x.Shape(), order)),
			Backward: func(_ nodes, _, dy *node) nodes { return nodes{Transpose(dy, inverse...)} },
		}, nil
	})
}

func forwardTranspose[T graph.Float](shape, order []int) func(*graph.Args) {
	if slices.Equal(order, []int{1, 0}) {
		return func(a *graph.Args) {
			kernel.Transpose(of[T](&a.Out), of[T](&a.In[0]), shape[0], shape[1])
		}
	}
	stride := make([]int, len(shape)) // of x, along the axes of the result
	dims := make([]int, len(shape))
	for i, a := range order {
		stride[i], dims[i] = product(shape[a+1:]), shape[a]
	}
	return func(a *graph.Args) { gather(of[T](&a.Out), of[T](&a.In[0]), dims, stride) }
}

// gather copies elements of x, walked with the given strides, to dst, which is dense of shape dims.
func gather[T graph.Float](dst, x []T, dims, stride []int) {
	if len(dims) == 0 {
		dst[0] = x[0]
		return
	}
	if len(dims) == 1 {
		for i := range dst {
			dst[i] = x[i*stride[0]]
		}
		return
	}
	block := len(dst) / dims[0]
	for i := range dims[0] {
		gather(dst[i*block:(i+1)*block], x[i*stride[0]:], dims[1:], stride[1:])
	}
}
