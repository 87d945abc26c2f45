package op

import (
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
	"github.com/pkg/errors"
)

// Sum adds over the given axes, which vanish from the shape; over all axes, to a scalar, if none is
// given. Negative axes count from the last.
func Sum(x *node, axes ...int) *node { return reduce("sum", x, axes, func(int) float64 { return 1 }) }

// Mean averages over the given axes; see Sum.
func Mean(x *node, axes ...int) *node {
	return reduce("mean", x, axes, func(summed int) float64 { return 1 / float64(summed) })
}

// reduce is the sum over axes times a factor that depends on the number of elements of each sum.
func reduce(name string, x *node, axes []int, factor func(summed int) float64) *node {
	return graph.Apply(name, nodes{x}, func() (graph.Op, error) {
		over, err := axisSet(x.Shape(), axes)
		if err != nil {
			return graph.Op{}, err
		}
		if !floats(x) {
			return typeError("%s of integers", name)
		}
		kept := make([]int, 0, len(x.Shape())) // shape of the result
		summed := 1
		for i, d := range x.Shape() {
			if over[i] {
				summed *= d
			} else {
				kept = append(kept, d)
			}
		}
		c := factor(summed)
		return graph.Op{
			Shape:   kept,
			Forward: pick(x, forwardSum[float32](x.Shape(), over, c), forwardSum[float64](x.Shape(), over, c)),
			Backward: func(in nodes, _, dy *node) nodes {
				return nodes{spread(dy, in[0].Shape(), over, c)}
			},
		}, nil
	})
}

// spread is the gradient of reduce: dy, times c, repeated along the axes that were summed.
func spread(dy *node, shape []int, over []bool, c float64) *node {
	return graph.Apply("spread", nodes{dy}, func() (graph.Op, error) {
		from := slices.Clone(shape)
		for i := range from {
			if over[i] {
				from[i] = 1
			}
		}
		return graph.Op{
			Shape:   slices.Clone(shape),
			Forward: pick(dy, forwardSpread[float32](from, shape, c), forwardSpread[float64](from, shape, c)),
		}, nil
	})
}

func forwardSpread[T graph.Float](from, to []int, c float64) func(*graph.Args) {
	var scaled []T
	return func(a *graph.Args) {
		dst, dy := of[T](&a.Out), of[T](&a.In[0])
		if c != 1 {
			if scaled == nil {
				scaled = make([]T, len(dy))
			}
			kernel.Scale(scaled, T(c), dy)
			dy = scaled
		}
		repeat(dst, dy, from, to)
	}
}

// axisSet marks the axes of a sum.
func axisSet(shape []int, axes []int) ([]bool, error) {
	over := make([]bool, len(shape))
	for _, a := range axes {
		i := a
		if i < 0 {
			i += len(shape)
		}
		if i < 0 || i >= len(shape) {
			return nil, errors.Wrapf(graph.ErrShape, "no axis %d", a)
		}
		if over[i] {
			return nil, errors.Wrapf(graph.ErrShape, "axis %d is given twice", a)
		}
		over[i] = true
	}
	if len(axes) == 0 {
		for i := range over {
			over[i] = true
		}
	}
	return over, nil
}

// A reduction sums the middle axis of a block (outer, middle, inner).
type reduction struct{ outer, middle, inner int }

// reductions turns a sum over any axes into a sequence of reductions: neighbouring axes that are
// all summed, or all kept, count as one, and the last ones are summed first.
func reductions(shape []int, over []bool) []reduction {
	var rs []reduction
	shape = slices.Clone(shape)
	for hi := len(shape); hi > 0; {
		lo := hi
		for lo > 0 && over[lo-1] == over[hi-1] {
			lo--
		}
		if over[hi-1] {
			inner := 1
			for i := hi; i < len(shape); i++ {
				if !over[i] {
					inner *= shape[i]
				}
			}
			rs = append(rs, reduction{product(shape[:lo]), product(shape[lo:hi]), inner})
		}
		hi = lo
	}
	return rs
}

func forwardSum[T graph.Float](shape []int, over []bool, c float64) func(*graph.Args) {
	rs := reductions(shape, over)
	var scratch [][]T
	return func(a *graph.Args) {
		x, out := of[T](&a.In[0]), of[T](&a.Out)
		if len(rs) == 0 {
			kernel.Scale(out, T(c), x)
			return
		}
		if scratch == nil {
			scratch = make([][]T, len(rs))
			for i, r := range rs[:len(rs)-1] {
				scratch[i] = make([]T, r.outer*r.inner)
			}
		}
		scratch[len(rs)-1] = out
		for i, r := range rs {
			r := r
			sumMiddle(scratch[i], x, r)
			x = scratch[i]
		}
		if c != 1 {
			kernel.Scale(out, T(c), out)
		}
	}
}

// sumMiddle sets dst[o,i] to the sum over m of x[o,m,i].
func sumMiddle[T graph.Float](dst, x []T, r reduction) {
	if r.inner == 1 {
		if r.outer == 1 {
			dst[0] = T(sumOf(len(x), func(lo, hi int) float64 { return kernel.Sum(x[lo:hi]) }))
			return
		}
		forRows(r.outer, r.middle, func(lo, hi int) {
			kernel.RowSums(dst[lo:hi], x[lo*r.middle:hi*r.middle], hi-lo, r.middle)
		})
		return
	}
	block := r.middle * r.inner
	forRows(r.outer, block, func(lo, hi int) {
		for o := lo; o < hi; o++ {
			kernel.ColumnSums(dst[o*r.inner:(o+1)*r.inner], x[o*block:(o+1)*block], r.middle, r.inner)
		}
	})
}

// sumOf adds f over the fixed pieces of [0, n), in order: the result does not depend on the number
// of threads.
func sumOf(n int, f func(lo, hi int) float64) float64 {
	const piece = 8192
	parts := make([]float64, (n+piece-1)/piece)
	kernel.Parallel(len(parts), func(i int) { parts[i] = f(i*piece, min((i+1)*piece, n)) })
	total := 0.0
	for _, p := range parts {
		total += p
	}
	return total
}
