package kernel

import (
	"math"
	"runtime"
	"slices"
	"testing"
)

func testMatMulSizes[T Float](t *testing.T) {
	g := lcg(1)
	check := func(c matMulCase) {
		if err := checkMatMul(BatchedMatMul[T], c, &g); err != nil {
			t.Fatal(err)
		}
	}
	for m := 0; m <= 3; m++ {
		for n := 0; n <= 3; n++ {
			for k := 0; k <= 3; k++ {
				forms(1, m, n, k, check)
				forms(3, m, n, k, check)
			}
		}
	}
	// Every height and width around the tiles, which have up to 12 rows and 32 columns.
	for s := 1; s <= 40; s++ {
		forms(1, s, 37, 5, check)
		forms(1, 13, s, 6, check)
		forms(1, 1, 3*s, 7, check)
		forms(1, 5, 4*s, 3, check)
		forms(1, 7, 35, s, check)
	}
	// Few rows of a, or few terms: nothing is packed.
	for n := 1; n <= 140; n++ {
		forms(1, 1+n%8, n, 5, check)
		forms(1, 1+n%3, n, 16, check)
		forms(1, 4+n%5, n, 1+n%8, check)
		forms(1, 4+n%3, n, 8-n/8%8, check)
	}
	for k := 1; k <= 40; k++ {
		forms(1, 1+k%7, 1+k%11, 8*k-k%3, check)
		forms(2, 1+k%12, 32, k, check)
		forms(1, k, 17+k%20, 11+k%5, check)
	}
	for m := 1; m <= 11; m++ { // rows of b that clash in the first-level cache
		forms(1, m, 35-m%3, 256*(1+m%4), check)
		forms(1, m, 512, 9, check)
	}
	// Few columns.
	for n := 1; n <= 25; n++ {
		forms(1, 33, n, 9, check)
		forms(1, 60+n, n, 7, check)
		forms(2, 70, n, 40, check)
		forms(1, 35+n, n, 50, check)
		forms(1, 40, 70, n, check) // and a transposed b whose rows are shorter than a line
		forms(1, 1, 40+n, n, check)
	}
	// Sizes beyond the blocks: mostDirectRows, panels and tiles in depth, maxBlockRows.
	for _, s := range [][3]int{{37, 97, 18}, {97, 67, 31}, {2, 131, 2100}, {1, 300, 67}, {1, 250, 69}, {12, 129, 1031}, {40, 261, 19},
		{389, 33, 17}, {401, 271, 35}, {41, 47, 1061}, {200, 64, 256}, {9, 40, 515},
		{50, 70, 1024}, {38, 200, 2048}, // rows of whole pages
		{600, 16, 4}, {300, 40, 6}, {600, 8, 4}, {200, 130, 3}, // rows of c that leave the first-level cache
		{1030, 130, 6}, {1024, 130, 9}, {2052, 34, 2}, // columns of whole pages
		{61, 290, 21}, {13, 257, 40}, {40, 128, 600}, {70, 90, 300}} { // rows of a transposed a, in groups and alone
		forms(1, s[0], s[1], s[2], check)
	}
	// One and two rows of c along rows of b, of whole pages and others; few rows by a transposed b of whole pages.
	for _, s := range [][3]int{{1, 1024, 40}, {2, 1024, 41}, {1, 2048, 33}, {2, 2048, 600}, {2, 300, 131}, {2, 997, 128},
		{1, 66, 1024}, {2, 70, 2048}, {3, 67, 1024}, {8, 1024, 40},
		{5, 300, 512}} { // rows of a half pages apart
		forms(1, s[0], s[1], s[2], check)
	}
	for range 100 {
		m, n, k := 1+g.int(60), 1+g.int(150), 1+g.int(90)
		b := g.int(16)
		check(matMulCase{1 + g.int(3), m, n, k, b&1 > 0, b&2 > 0, b&4 > 0, b&8 > 0})
	}
	// One thread: several panels beside each other in a block.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, s := range [][3]int{{38, 230, 2048}, {1024, 570, 7}, {61, 600, 21}} {
		forms(1, s[0], s[1], s[2], check)
	}
}

func TestMatMul(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		eachPath(func() {
			t.Run("float32", testMatMulSizes[float32])
			t.Run("float64", testMatMulSizes[float64])
		})
	})
}

// TestMatMulSpecialValues checks that no term is left out, zero times NaN or infinity is NaN, and that
// a special value changes no element but those it is a term of.
func TestMatMulSpecialValues(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	eachLevel(t, func(t *testing.T) {
		for _, size := range [][3]int{{1, 1, 1}, {1, 200, 30}, {5, 40, 20}, {14, 70, 40}, {100, 90, 30}, {30, 3, 50}, {5, 3, 51}, {7, 2, 55}, {70, 3, 9}, {7, 90, 9}, {9, 40, 6}, {40, 12, 20}, {40, 19, 9}, {40, 6, 20}} {
			for _, special := range []float32{nan, inf} {
				for bits := range 16 {
					testSpecialValue(t, size, special, bits&1 > 0, bits&2 > 0, bits&4 > 0, bits&8 > 0)
				}
			}
		}
	})
}

// testSpecialValue multiplies a matrix of zeros that has one special value, a or b, by one of zeros or ones.
func testSpecialValue(t *testing.T, size [3]int, special float32, transA, transB, inB, ones bool) {
	m, n, k := size[0], size[1], size[2]
	for _, p := range []int{k / 2, k - 1} {
		a, b, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
		row, col := m-1, n-1
		x, y, at := a, b, map[bool]int{false: row*k + p, true: p*m + row}[transA]
		if inB {
			x, y, at = b, a, map[bool]int{false: p*n + col, true: col*k + p}[transB]
		}
		x[at] = special
		want := float32(math.NaN())
		if ones {
			want = special
			for i := range y {
				y[i] = 1
			}
		}
		MatMul(c, a, b, m, n, k, transA, transB, false, nil)
		for i, got := range c {
			hit := !inB && i/n == row || inB && i%n == col
			if hit && got != want && (got == got || want == want) || !hit && got != 0 {
				t.Fatalf("%v with %v, transA=%t transB=%t inB=%t ones=%t: element %d,%d is %v", size, special, transA, transB, inB, ones, i/n, i%n, got)
			}
		}
	}
}

// TestBatchedMatMulShared uses one b for all matrices.
func TestBatchedMatMulShared(t *testing.T) {
	const count, m, n, k = 3, 5, 33, 9
	g := lcg(8)
	random := func() float64 { return g.float() }
	a, b := newGuarded(count*m*k, random).data, newGuarded(k*n, random).data
	c, want := make([]float64, count*m*n), make([]float64, count*m*n)
	BatchedMatMul(c, a, b, count, m, n, k, false, false, false, nil)
	MatMul(want, a, b, count*m, n, k, false, false, false, nil)
	if !slices.Equal(c, want) {
		t.Error("with a shared b, a batch differs from its stacked product")
	}
	BatchedMatMul(c, b, a, count, n, m, k, true, true, false, nil) // each is the transpose
	for z := range count {
		MatMul(want[z*n*m:][:n*m], b, a[z*m*k:][:m*k], n, m, k, true, true, false, nil)
	}
	if !slices.Equal(c, want) {
		t.Error("with a shared a, a batch differs from its products one by one")
	}
}

func TestMatMulPanics(t *testing.T) {
	x := make([]float32, 6)
	for name, f := range map[string]func(){
		"short c":     func() { MatMul(x[:5], x, x, 2, 3, 2, false, false, false, nil) },
		"short a":     func() { MatMul(x, x[:3], x, 2, 3, 2, false, false, false, nil) },
		"short b":     func() { MatMul(x, x, x[:5], 2, 3, 2, false, false, false, nil) },
		"negative m":  func() { MatMul(x, x, x, -1, 3, 2, false, false, false, nil) },
		"short batch": func() { BatchedMatMul(x, x[:3], x, 2, 1, 1, 2, false, false, false, nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// raceDetector tells whether the race detector is on, under which pools drop things at random.
var raceDetector bool

// TestMatMulAllocates checks that products reuse their buffers.
func TestMatMulAllocates(t *testing.T) {
	if raceDetector {
		t.Skip("pools are not reliable under the race detector")
	}
	const n = 130
	a, b, c := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
	for _, m := range []int{1, 4, n} {
		for bits := range 4 {
			f := func() { MatMul(c, a, b, m, n, n, bits&1 > 0, bits&2 > 0, true, nil) }
			f()
			if allocs := testing.AllocsPerRun(50, f); allocs >= 1 {
				t.Errorf("a product of %d rows, form %d, allocates %v times", m, bits, allocs)
			}
		}
	}
}
