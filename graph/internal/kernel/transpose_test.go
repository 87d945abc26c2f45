package kernel

import (
	"fmt"
	"testing"
)

// checkTranspose compares transpose with its definition, for shapes around the tile sizes.
func checkTranspose[T Float](transpose func(dst, x []T, rows, cols int)) error {
	for _, rows := range []int{0, 1, 2, 7, 8, 9, 31, 33, 64, 73, 130} {
		for _, cols := range []int{0, 1, 3, 8, 15, 16, 17, 32, 65, 100} {
			x, dst := sequence[T](rows*cols, 13), make([]T, rows*cols+1)
			dst[rows*cols] = 99
			transpose(dst[:rows*cols], x, rows, cols)
			for i, v := range x {
				if r, c := i/cols, i%cols; dst[c*rows+r] != v {
					return fmt.Errorf("%d by %d: element %d,%d is %v, want %v", rows, cols, r, c, dst[c*rows+r], v)
				}
			}
			if dst[rows*cols] != 99 {
				return fmt.Errorf("%d by %d: wrote past the end", rows, cols)
			}
		}
	}
	return nil
}

func TestTranspose(t *testing.T) {
	for _, l := range Levels() {
		at(l, func() {
			if err := checkTranspose(Transpose[float32]); err != nil {
				t.Errorf("float32 at %v: %v", l, err)
			}
			if err := checkTranspose(Transpose[float64]); err != nil {
				t.Errorf("float64 at %v: %v", l, err)
			}
		})
	}
	if checkTranspose(func(dst, x []float32, _, _ int) { copy(dst, x) }) == nil {
		t.Error("a copy passed for a transpose")
	}
}
