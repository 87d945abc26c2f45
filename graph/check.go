package graph

import (
	"math"

	"github.com/latent-go/latent/graph/internal/kernel"
	"github.com/pkg/errors"
)

// Examples views an array (n, ...) as examples (n, d), floats, d the product of the shape of one example.
// It is an error if it holds anything else.
func (a Array) Examples(shape ...int) (Array, error) {
	if err := a.Check(); err != nil {
		return a, err
	}
	d, ok := size(shape)
	if !ok || len(a.Shape) < 2 || a.Int != nil || a.Len()/a.Shape[0] != d {
		return a, errors.Wrapf(ErrShape, "got an array of shape %v, expected floats (n, ...) with examples of shape %v", a.Shape, shape)
	}
	return a.Reshape(a.Shape[0], d), nil
}

// CheckFinite returns an error that names the first NaN or Inf.
func (a Array) CheckFinite() error {
	row := max(1, a.Len())
	if len(a.Shape) > 0 && a.Shape[0] > 0 {
		row = max(1, a.Len()/a.Shape[0])
	}
	bad := -1
	if a.F32 != nil && !kernel.AllFinite(a.F32) {
		bad = firstNotFinite(a.F32)
	} else if a.F64 != nil {
		bad = firstNotFinite(a.F64)
	}
	if bad < 0 {
		return nil
	}
	return errors.Wrapf(ErrNotFinite, "element %d of example %d is %v", bad%row, bad/row, a.At(bad))
}

// CheckRange returns an error that names the first element outside [lo, hi].
func (a Array) CheckRange(lo, hi float64) error {
	bad := -1
	if a.F32 != nil {
		if lo == 0 && hi == 1 && allProbabilities(a.F32) {
			return nil
		}
		bad = firstOutside(a.F32, float32(lo), float32(hi))
	} else if a.F64 != nil {
		bad = firstOutside(a.F64, lo, hi)
	}
	if bad < 0 {
		return nil
	}
	row := a.Len() / a.Shape[0]
	return errors.Wrapf(ErrRange, "element %d of example %d is %v, expected a number in [%g, %g]", bad%row, bad/row, a.At(bad), lo, hi)
}

// allProbabilities reports whether all x are in [0, 1], fast. It may be wrong for a negative zero. The
// bits of floats that are not negative are ordered as the floats are; negative ones and NaN lie above.
func allProbabilities(x []float32) bool {
	const one = 0x3f800000 // the bits of 1
	var a, b, c, d uint64
	for ; len(x) >= 4; x = x[4:] {
		a |= one - uint64(math.Float32bits(x[0]))
		b |= one - uint64(math.Float32bits(x[1]))
		c |= one - uint64(math.Float32bits(x[2]))
		d |= one - uint64(math.Float32bits(x[3]))
	}
	for _, v := range x {
		a |= one - uint64(math.Float32bits(v))
	}
	return (a|b|c|d)>>63 == 0
}

func firstOutside[T Float](x []T, lo, hi T) int {
	for i, v := range x {
		if !(v >= lo && v <= hi) { // NaN is outside too
			return i
		}
	}
	return -1
}

// firstNotFinite returns the index of the first NaN or Inf, or -1.
func firstNotFinite[T Float](x []T) int {
	for i, v := range x {
		if v-v != 0 { // NaN and Inf alone differ from zero here
			return i
		}
	}
	return -1
}

// CheckOneHot returns an error unless each group of v consecutive elements of every example (n, ...) holds
// one 1 and else zeros: the values of categorical variables. v divides the size of an example.
func (a Array) CheckOneHot(v int) error {
	row := a.Len() / a.Shape[0]
	for lo := 0; lo < a.Len(); lo += v {
		ones := 0
		for i := lo; i < lo+v; i++ {
			switch a.At(i) {
			case 1:
				ones++
			case 0:
			default: // NaN too
				return errors.Wrapf(ErrRange, "element %d of example %d is %v, expected 0 or 1: groups of %d elements are one-hot",
					i%row, i/row, a.At(i), v)
			}
		}
		if ones != 1 {
			return errors.Wrapf(ErrRange, "group %d of example %d has %d ones, expected one among its %d elements", lo%row/v, lo/row, ones, v)
		}
	}
	return nil
}
