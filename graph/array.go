package graph

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
)

// Float is the set of element types that a graph computes with.
type Float interface{ float32 | float64 }

// A DType is the element type of a graph.
type DType int

const (
	Float32 DType = iota // the default, for training and use
	Float64              // for gradient checks
)

func (d DType) String() string {
	switch d {
	case Float32:
		return "float32"
	case Float64:
		return "float64"
	}
	return fmt.Sprintf("DType(%d)", int(d))
}

// An Array is a dense row-major block of numbers: what goes into a Program and comes out.
// Exactly one of F32, F64 and Int is set. A scalar has an empty Shape and one element.
type Array struct {
	Shape []int
	F32   []float32
	F64   []float64
	Int   []int // class labels, token ids
}

// Floats32 is an Array over data, which it keeps.
func Floats32(data []float32, shape ...int) Array { return Array{Shape: shape, F32: data} }

// Floats64 is an Array over data, which it keeps.
func Floats64(data []float64, shape ...int) Array { return Array{Shape: shape, F64: data} }

// Ints is an Array over data, which it keeps.
func Ints(data []int, shape ...int) Array { return Array{Shape: shape, Int: data} }

// Len is the number of elements.
func (a Array) Len() int { return len(a.F32) + len(a.F64) + len(a.Int) }

// IsZero reports whether the Array is the zero value: absent.
func (a Array) IsZero() bool { return a.Shape == nil && a.F32 == nil && a.F64 == nil && a.Int == nil }

// At returns element i, counted over the whole block, as a float64.
func (a Array) At(i int) float64 {
	switch {
	case a.F32 != nil:
		return float64(a.F32[i])
	case a.F64 != nil:
		return a.F64[i]
	}
	return float64(a.Int[i])
}

// Rows returns examples lo to hi of the first axis, sharing memory.
func (a Array) Rows(lo, hi int) Array {
	row := 1
	for _, d := range a.Shape[1:] {
		row *= d
	}
	b := Array{Shape: append([]int{hi - lo}, a.Shape[1:]...)}
	switch {
	case a.F32 != nil:
		b.F32 = a.F32[lo*row : hi*row]
	case a.F64 != nil:
		b.F64 = a.F64[lo*row : hi*row]
	case a.Int != nil:
		b.Int = a.Int[lo*row : hi*row]
	}
	return b
}

// Reshape returns the same memory under another shape of as many elements; Check tells if not.
func (a Array) Reshape(shape ...int) Array { a.Shape = shape; return a }

// Check returns an error unless the Array holds one kind of number, as many as its shape says.
func (a Array) Check() error {
	kinds := 0
	for _, set := range []bool{a.F32 != nil, a.F64 != nil, a.Int != nil} {
		if set {
			kinds++
		}
	}
	n, ok := size(a.Shape)
	if !ok {
		return errors.Wrapf(ErrShape, "array of shape %v: every dimension must be positive", a.Shape)
	}
	if kinds != 1 {
		return errors.Wrapf(ErrShape, "array of shape %v: exactly one of F32, F64 and Int must be set, got %d", a.Shape, kinds)
	}
	if a.Len() != n {
		return errors.Wrapf(ErrShape, "array of shape %v needs %d elements, got %d", a.Shape, n, a.Len())
	}
	return nil
}

// size is the number of elements of a shape; not ok if a dimension is not positive or the
// product overflows.
func size(shape []int) (n int, ok bool) {
	n = 1
	for _, d := range shape {
		if d <= 0 || n > math.MaxInt/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}
