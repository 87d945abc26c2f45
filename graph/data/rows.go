package data

import (
	"slices"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// newLike returns an Array of n examples, of the element type and example shape of a.
func newLike(a graph.Array, n int) graph.Array {
	if a.IsZero() {
		return a
	}
	size := n * rowLen(a)
	b := graph.Array{Shape: append([]int{n}, a.Shape[1:]...)}
	switch {
	case a.F32 != nil:
		b.F32 = make([]float32, size)
	case a.F64 != nil:
		b.F64 = make([]float64, size)
	default:
		b.Int = make([]int, size)
	}
	return b
}

// rowLen is the number of elements of one example of a.
func rowLen(a graph.Array) int { return numel(a.Shape[1:]) }

func numel(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// gather copies the examples of src whose numbers are in rows to dst, in that order.
func gather(dst, src graph.Array, rows []int) {
	switch {
	case src.F32 != nil:
		gatherSlice(dst.F32, src.F32, rows, rowLen(src))
	case src.F64 != nil:
		gatherSlice(dst.F64, src.F64, rows, rowLen(src))
	case src.Int != nil:
		gatherSlice(dst.Int, src.Int, rows, rowLen(src))
	}
}

func gatherSlice[T any](dst, src []T, rows []int, d int) {
	for i, r := range rows {
		copy(dst[i*d:(i+1)*d], src[r*d:(r+1)*d])
	}
}

// copyAll copies the elements of src to the front of dst, which has the same element type.
func copyAll(dst, src graph.Array) {
	copy(dst.F32, src.F32)
	copy(dst.F64, src.F64)
	copy(dst.Int, src.Int)
}

// rowsOf is a.Rows, but leaves the zero Array alone.
func rowsOf(a graph.Array, lo, hi int) graph.Array {
	if a.IsZero() {
		return a
	}
	return a.Rows(lo, hi)
}

// sameKind reports whether a and b have one element type and shape.
func sameKind(a, b graph.Array) bool {
	return (a.F32 != nil) == (b.F32 != nil) && (a.F64 != nil) == (b.F64 != nil) && (a.Int != nil) == (b.Int != nil) &&
		slices.Equal(a.Shape, b.Shape)
}

// checkFloats returns an error unless dst and src are float32 arrays of one shape (n, ...)
// that do not share memory.
func checkFloats(dst, src graph.Array) error {
	for _, a := range []graph.Array{dst, src} {
		if err := a.Check(); err != nil {
			return err
		}
		if a.F32 == nil {
			return errors.Wrap(graph.ErrType, "expected a float32 array")
		}
	}
	if len(src.Shape) == 0 || !slices.Equal(dst.Shape, src.Shape) {
		return errors.Wrapf(graph.ErrShape, "from shape %v to shape %v: must be equal, with a batch axis", src.Shape, dst.Shape)
	}
	if &dst.F32[0] == &src.F32[0] {
		return errors.Wrap(graph.ErrShape, "source and destination must not be the same memory")
	}
	return nil
}
