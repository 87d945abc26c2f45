package kernel

import (
	"fmt"
	"slices"
	"testing"
)

// TestStridedMatMul compares with the formula: rows of a that overlap, a transposed a, and rows of c apart.
func TestStridedMatMul(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		strided[float32](t)
		strided[float64](t)
	})
}

func strided[T Float](t *testing.T) {
	g := lcg(5)
	random := func() T { return T(g.float()) }
	for _, s := range []struct{ m, n, k, cRow, aRow, aStep, bRow int }{
		{1, 1, 1, 1, 1, 1, 1}, {28, 32, 96, 32, 32, 1, 32}, {13, 32, 21, 64, 3, 1, 32}, {12, 32, 30, 32, 1, 7, 50}, {25, 5, 9, 11, 2, 3, 6},
		{7, 48, 40, 48, 40, 1, 48}, {11, 70, 5, 90, 1, 11, 70}, {30, 17, 2, 17, 0, 1, 17},
	} {
		for _, accumulate := range []bool{false, true} {
			a := newGuarded((s.m-1)*s.aRow+(s.k-1)*s.aStep+1, random)
			b := newGuarded((s.k-1)*s.bRow+s.n, random)
			c := newGuarded((s.m-1)*s.cRow+s.n, random)
			want := make([]float64, len(c.data))
			for i, v := range c.data {
				want[i] = float64(v)
			}
			for i := range s.m {
				for j := range s.n {
					sum := want[i*s.cRow+j]
					if !accumulate {
						sum = 0
					}
					for p := range s.k {
						sum += float64(a.data[i*s.aRow+p*s.aStep]) * float64(b.data[p*s.bRow+j])
					}
					want[i*s.cRow+j] = sum
				}
			}
			before := slices.Clone(c.data)
			StridedMatMul(c.data, s.cRow, a.data, s.aRow, s.aStep, b.data, s.bRow, s.m, s.n, s.k, accumulate)
			name := fmt.Sprint(s, accumulate)
			if !c.intact() {
				t.Errorf("%s: writes outside of c", name)
			}
			for i, v := range c.data {
				if inside := i%s.cRow < s.n; !inside && v != before[i] || !(abs(float64(v)-want[i]) <= 1e-5*float64(s.k)) {
					t.Fatalf("%s: element %d is %v, want %v", name, i, v, want[i])
				}
			}
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }
