// Package op holds the differentiable operations of which models are made. Each is a function from
// nodes to a node, with checked shapes, a forward kernel and an exact symbolic gradient built of
// other operations.
//
// An operation's result lies in memory that is allocated when the graph is compiled and holds other
// results as soon as no operation needs it any more; inputs are never changed. Errors (wrong shapes, nodes of different
// graphs) are kept by the graph's Builder. In comments, (n, d) is a shape; "..." is any number of
// axes.
package op

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
	"github.com/pkg/errors"
)

type (
	node  = graph.Node
	nodes = []*graph.Node
)

// of returns the floats of an array. T must be their type.
func of[T graph.Float](a *graph.Array) []T {
	if p, ok := any(&a.F32).(*[]T); ok {
		return *p
	}
	return *any(&a.F64).(*[]T)
}

// pick chooses the forward function for the element type of x's graph.
func pick(x *node, f32, f64 func(*graph.Args)) func(*graph.Args) error {
	f := f32
	if x.DType() == graph.Float64 {
		f = f64
	}
	return func(a *graph.Args) error { f(a); return nil }
}

// rowsAndColumns views a shape as a matrix: all axes but the last are rows.
func rowsAndColumns(shape []int) (rows, cols int) {
	if len(shape) == 0 {
		return 1, 1
	}
	return product(shape[:len(shape)-1]), shape[len(shape)-1]
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// forRows calls f on consecutive blocks of rows of a matrix with the given number of columns, in
// parallel where that pays. The blocks depend on the sizes alone.
func forRows(rows, cols int, f func(lo, hi int)) {
	const work = 8192 // elements of a block
	block := max(1, work/max(1, cols))
	pieces := (rows + block - 1) / block
	kernel.Parallel(pieces, func(i int) { f(i*block, min((i+1)*block, rows)) })
}

// shapeError is a graph.ErrShape with an explanation; Apply adds the inputs and the place.
func shapeError(format string, args ...any) (graph.Op, error) {
	return graph.Op{}, errors.Wrapf(graph.ErrShape, format, args...)
}

func typeError(format string, args ...any) (graph.Op, error) {
	return graph.Op{}, errors.Wrapf(graph.ErrType, format, args...)
}

// outOfRange fails because of an argument that is no node.
func outOfRange(name string, x *node, format string, args ...any) *node {
	return graph.Apply(name, nodes{x}, func() (graph.Op, error) {
		return graph.Op{}, errors.Wrapf(graph.ErrRange, format, args...)
	})
}

// floats reports whether all nodes hold floats.
func floats(xs ...*node) bool {
	for _, x := range xs {
		if x.IsInt() {
			return false
		}
	}
	return true
}
