package kernel

import (
	"math"
	"runtime"
	"slices"
	"testing"
)

// fusedChain is the formula of MatMul's doc for one element.
func fusedChain(c float64, k int, a, b func(p int) float64) float64 {
	for p := range k {
		c = math.FMA(a(p), b(p), c)
	}
	return c
}

// TestMatMulChain proves the order of sums and hence that results depend on nothing else:
// every element must have the very bits of the chain, but for dot products and few columns.
func TestMatMulChain(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		g := lcg(3)
		for _, s := range [][3]int{{1, 70, 1200}, {1, 70, 1024}, {2, 33, 768}, {5, 33, 700}, {50, 300, 1100}, {400, 20, 90}, {90, 3, 700}, {62, 3600, 300}, {60, 300, 1024}, {1, 1024, 50}, {2, 1024, 50}, {2, 400, 150}, {6, 100, 2100}, {9, 40, 12}, {30, 20, 40}, {70, 90, 300}} {
			forms(1, s[0], s[1], s[2], func(x matMulCase) {
				m, n, k := x.m, x.n, x.k
				if by := matMulState64.tiles().methodOf(m, n, k, x.transA, x.transB); by == dots || by == narrow {
					return // see TestMatMulDots, TestMatMulNarrow
				}
				random := func(n int) []float64 {
					x := make([]float64, n)
					for i := range x {
						x[i] = g.float()
					}
					return x
				}
				a, b, c := random(m*k), random(k*n), random(m*n)
				old := slices.Clone(c)
				eachPath(func() {
					copy(c, old)
					MatMul(c, a, b, m, n, k, x.transA, x.transB, x.accumulate, nil)
				})
				for range 300 {
					i, j := g.int(m), g.int(n)
					at := func(p int) float64 {
						if x.transA {
							return a[p*m+i]
						}
						return a[i*k+p]
					}
					bt := func(p int) float64 {
						if x.transB {
							return b[j*k+p]
						}
						return b[p*n+j]
					}
					var want float64
					if x.accumulate {
						want = old[i*n+j]
					}
					if CurrentLevel() == Generic {
						for p := range k {
							want += float64(at(p) * bt(p))
						}
					} else {
						want = fusedChain(want, k, at, bt)
					}
					if c[i*n+j] != want {
						t.Fatalf("%v: element %d,%d is %v, want %v", x, i, j, c[i*n+j], want)
					}
				}
			})
		}
	})
}

func equalBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// TestMatMulSameBits compares float32 results of different numbers of threads, of AVX2 and
// AVX-512 but for dot products and few columns, and of a row alone and in a batch if b is not transposed.
func TestMatMulSameBits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	g := lcg(5)
	for _, s := range [][3]int{{100, 500, 784}, {405, 130, 99}, {7, 1000, 700}, {1, 2000, 1500}, {50, 150, 1024}, {62, 3600, 530}, {45, 200, 2048}, {700, 1, 3000}, {900, 700, 16}, {2, 4096, 300}, {2, 900, 1200}, {5, 1024, 64}, {300, 10, 784}, {7, 16, 2500}} {
		m, n, k := s[0], s[1], s[2]
		random := func() float32 { return float32(g.float()) }
		a, b := newGuarded(m*k, random).data, newGuarded(k*n, random).data
		for bits := range 4 {
			transA, transB := bits&1 > 0, bits&2 > 0
			var first []float32
			before := packed
			for _, l := range Levels() {
				restore := SetLevel(l)
				by := matMulState32.tiles().methodOf(m, n, k, transA && m > 1, transB)
				if n == 1 {
					by = dots
				}
				for _, threads := range []int{1, 2, 4} {
					runtime.GOMAXPROCS(threads)
					c := make([]float32, m*n)
					MatMul(c, a, b, m, n, k, transA, transB, false, nil)
					if first == nil || threads == 1 && (l == AVX2 || by == dots || by == narrow || before == dots) {
						first = c
					}
					if !equalBits(c, first) {
						t.Errorf("%v transA=%t transB=%t: bits differ at level %v with %d threads", s, transA, transB, l, threads)
					}
				}
				if !transA && !transB {
					one := make([]float32, n)
					i := m / 2
					MatMul(one, a[i*k:][:k], b, 1, n, k, false, transB, false, nil)
					if !equalBits(one, first[i*n:][:n]) {
						t.Errorf("%v, level %v: a row alone has other bits", s, l)
					}
				}
				before = by
				restore()
			}
		}
	}
}

// narrowSum is the formula of smallSet.narrow for one element, where n columns are so many lanes and rows of
// b come in turn to so many chains.
func narrowSum(c float64, k, n, lanes, chains int, a, b func(p int) float64) float64 {
	rows := lanes
	for columns := 1; columns < min(n, lanes); columns *= 2 {
		rows /= 2
	}
	if n > lanes {
		chains /= 2
	}
	sums := make([]float64, chains*rows) // chain by chain
	sums[0] = c
	for p := range k {
		at := 0
		if p < k/rows*rows {
			at = p % (chains * rows)
		}
		sums[at] = math.FMA(a(p), b(p), sums[at])
	}
	for half := rows; half < len(sums); half *= 2 { // neighbouring chains
		for chain := 0; chain < len(sums); chain += 2 * half {
			for row := range rows {
				sums[chain+row] += sums[chain+half+row]
			}
		}
	}
	for half := rows / 2; half > 0; half /= 2 {
		for row := range half {
			sums[row] += sums[row+half]
		}
	}
	return sums[0]
}

// TestMatMulNarrow checks the order of sums of products with few columns.
func TestMatMulNarrow(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		tiles := matMulState64.tiles()
		if tiles.smalls.narrow == nil {
			t.Skip("few columns are as many others")
		}
		g := lcg(11)
		random := func() float64 { return g.float() }
		for _, s := range [][3]int{{1, 8, 33}, {2, 3, 784}, {6, 5, 1030}, {7, 8, 100}, {40, 7, 2100}, {3, 4, 32}, {500, 2, 70}, {9, 2, 49}, {13, 3, 35}, {11, 4, 39}, {1, 9, 32}, {5, 12, 33}, {70, 16, 101}} {
			m, n, k := s[0], s[1], s[2]
			if n > tiles.smalls.narrowMost {
				continue
			}
			if by := tiles.methodOf(m, n, k, false, false); by != narrow {
				t.Fatalf("%v is computed by method %d", s, by)
			}
			for _, add := range []bool{false, true} {
				a, b, c := newGuarded(m*k, random), newGuarded(k*n, random), newGuarded(m*n, random)
				old := slices.Clone(c.data)
				MatMul(c.data, a.data, b.data, m, n, k, false, false, add, nil)
				if !c.intact() {
					t.Fatalf("%v: wrote out of bounds", s)
				}
				for i := range m {
					for j := range n {
						var want float64
						if add {
							want = old[i*n+j]
						}
						want = narrowSum(want, k, n, tiles.lanes, tiles.smalls.narrowChains,
							func(p int) float64 { return a.data[i*k+p] }, func(p int) float64 { return b.data[p*n+j] })
						if c.data[i*n+j] != want {
							t.Fatalf("%v add=%t: element %d,%d is %v, want %v", s, add, i, j, c.data[i*n+j], want)
						}
					}
				}
			}
		}
	})
}

// TestMatMulDots checks that the bits of a dot product depend on nothing but its two rows: not on how
// many others are computed, nor on where it stands among them.
func TestMatMulDots(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		testMatMulDots[float32](t)
		testMatMulDots[float64](t)
	})
}

func testMatMulDots[T Float](t *testing.T) {
	g := lcg(9)
	random := func() T { return T(g.float()) }
	for _, s := range [][3]int{{1, 1, 100}, {3, 5, 64}, {6, 9, 131}, {4, 33, 1024}, {2, 70, 999}, {7, 10, 500}, {8, 21, 700}, {300, 7, 129},
		{1, 70, 2}, {1, 70, 3}, {1, 50, 4}, {1, 41, 7}, {1, 33, 8}} { // short rows
		m, n, k := s[0], s[1], s[2]
		if by := matMulStateOf[T]().tiles().methodOf(m, n, k, false, true); m <= 4 && by != dots {
			t.Fatalf("%v is computed by method %d", s, by)
		} else if by != dots {
			continue
		}
		a, b := newGuarded(m*k, random).data, newGuarded(n*k, random).data
		for _, add := range []bool{false, true} {
			c := newGuarded(m*n, random).data
			old := slices.Clone(c)
			MatMul(c, a, b, m, n, k, false, true, add, nil)
			for i := range m {
				for j := range n {
					one := []T{old[i*n+j]}
					MatMul(one, a[i*k:][:k], b[j*k:][:k], 1, 1, k, false, true, add, nil)
					if one[0] != c[i*n+j] {
						t.Fatalf("%v add=%t: element %d,%d is %v, alone %v", s, add, i, j, c[i*n+j], one[0])
					}
				}
			}
		}
	}
}

// TestMatMulConcurrent multiplies from many goroutines at once.
func TestMatMulConcurrent(t *testing.T) {
	const m, n, k = 60, 190, 70
	g := lcg(6)
	random := func() float32 { return float32(g.float()) }
	a, b := newGuarded(m*k, random).data, newGuarded(k*n, random).data
	want := make([]float32, m*n)
	MatMul(want, a, b, m, n, k, false, true, false, nil)
	bad := make(chan bool, 8)
	for range cap(bad) {
		go func() {
			differs := false
			for range 20 {
				c := make([]float32, m*n)
				MatMul(c, a, b, m, n, k, false, true, false, nil)
				differs = differs || !equalBits(c, want)
			}
			bad <- differs
		}()
	}
	for range cap(bad) {
		if <-bad {
			t.Error("a concurrent product has other bits")
		}
	}
}
