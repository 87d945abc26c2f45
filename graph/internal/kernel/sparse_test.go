package kernel

import (
	"fmt"
	"math"
	"testing"
)

// sparseMatrix draws a matrix of which a part of the elements is not 0.
func sparseMatrix(n int, part float32, key uint64) []float32 {
	p, x := make([]float32, n), make([]float32, n)
	for i := range p {
		p[i] = part
	}
	Bernoulli(p, p, Stream{Key: key}, 0)
	Normal(x, Stream{Key: key + 1}, 0)
	for i := range x {
		x[i] *= p[i]
	}
	return x
}

// TestSparseMatMul compares with MatMul, bit for bit, at sizes of all partial vectors and jobs.
func TestSparseMatMul(t *testing.T) {
	sizes := [][3]int{{1, 17, 40000}, {3, 500, 700}, {140, 129, 65}, {65, 17, 1000}, {17, 640, 128}, {260, 150, 20}}
	for cols := 17; cols < 150; cols += 9 {
		sizes = append(sizes, [3]int{20, cols, 1700})
	}
	for _, level := range Levels()[max(0, len(Levels())-2):] { // the lower ones do what MatMul does
		defer SetLevel(level)()
		for _, s := range sizes {
			m, n, k := s[0], s[1], s[2]
			for _, part := range []float32{0, 0.02, 0.3, 0.9} {
				a, b := sparseMatrix(m*k, part, 1), sparseMatrix(k*n, 1, 5)
				for _, transA := range []bool{false, true} {
					for _, add := range []bool{false, true} {
						got, want := sparseMatrix(m*n, 1, 7), sparseMatrix(m*n, 1, 7)
						half := func(_, _ int, row []float32) { Scale(row, 0.5, row) }
						SparseMatMul(got, a, b, m, n, k, transA, add, half)
						MatMul(want, a, b, m, n, k, transA, false, add, half)
						for i := range want {
							if got[i] != want[i] {
								t.Fatalf("%v %v, part %v, transA %v, add %v: element %d is %v, want %v", level, s, part, transA, add, i, got[i], want[i])
							}
						}
					}
				}
			}
		}
	}
}

// TestSparseKeepsNaN checks that what is not a number counts as something.
func TestSparseKeepsNaN(t *testing.T) {
	const m, n, k = 100, 100, 100
	a, b, c := sparseMatrix(m*k, 0.1, 1), sparseMatrix(k*n, 1, 2), make([]float32, m*n)
	a[5*k+7] = float32(math.NaN())
	SparseMatMul(c, a, b, m, n, k, false, false, nil)
	for j := range n {
		if v := c[5*n+j]; v == v {
			t.Fatalf("column %d of the row with a NaN is %v", j, v)
		}
	}
}

func TestSparseLooks(t *testing.T) {
	if sparse(sparseMatrix(78400, 0.6, 1)) || !sparse(sparseMatrix(78400, 0.2, 1)) {
		t.Error("a part of 0.6 passes for sparse, or one of 0.2 does not")
	}
}

func BenchmarkSparseMatMul(b *testing.B) {
	const m, n, k = 100, 500, 784
	w, c := sparseMatrix(k*n, 1, 5), make([]float32, m*n)
	for _, part := range []float32{0.1, 0.2, 0.3, 0.4, 1} {
		a := sparseMatrix(m*k, part, 1)
		b.Run(fmt.Sprint(part), func(b *testing.B) {
			for b.Loop() {
				SparseMatMul(c, a, w, m, n, k, false, false, nil)
			}
		})
	}
}
