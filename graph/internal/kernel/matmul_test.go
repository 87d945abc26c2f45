package kernel

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// A lcg is a fixed sequence of numbers.
type lcg uint64

func (g *lcg) next() uint64 {
	*g = *g*6364136223846793005 + 1442695040888963407
	return uint64(*g >> 33)
}

// int returns a number in [0, n).
func (g *lcg) int(n int) int { return int(g.next() % uint64(n)) }

// float returns a number in [-1, 1).
func (g *lcg) float() float64 { return float64(g.next())/(1<<30) - 1 }

// A guarded slice lies between guard values, which are NaN: reading one spoils the result.
type guarded[T Float] struct {
	all  []T
	data []T
}

const guardLen = 80 // more than the widest tile

// guardBits is a NaN that no arithmetic makes.
const guardBits32, guardBits64 = 0x7fc0dead, 0x7ff80000deadbeef

func guardValue[T Float]() T {
	var x T
	switch p := any(&x).(type) {
	case *float32:
		*p = math.Float32frombits(guardBits32)
	case *float64:
		*p = math.Float64frombits(guardBits64)
	}
	return x
}

func isGuard[T Float](x T) bool {
	if y, ok := any(x).(float32); ok {
		return math.Float32bits(y) == guardBits32
	}
	return math.Float64bits(float64(x)) == guardBits64
}

func newGuarded[T Float](n int, fill func() T) guarded[T] {
	all := make([]T, n+2*guardLen)
	for i := range all {
		all[i] = guardValue[T]()
	}
	data := all[guardLen : guardLen+n : guardLen+n]
	for i := range data {
		data[i] = fill()
	}
	return guarded[T]{all, data}
}

// intact tells whether no guard value was overwritten.
func (g guarded[T]) intact() bool {
	for i, x := range g.all {
		if (i < guardLen || i >= guardLen+len(g.data)) && !isGuard(x) {
			return false
		}
	}
	return true
}

// A matMulCase is a product to test.
type matMulCase struct {
	count, m, n, k                       int
	transA, transB, accumulate, epilogue bool
}

func (t matMulCase) String() string {
	return fmt.Sprintf("%d×(%d×%d×%d) transA=%t transB=%t accumulate=%t epilogue=%t",
		t.count, t.m, t.k, t.n, t.transA, t.transB, t.accumulate, t.epilogue)
}

// matMulFunc is the signature of BatchedMatMul.
type matMulFunc[T Float] func(c, a, b []T, count, m, n, k int, transA, transB, accumulate bool, epilogue Epilogue[T])

// naive returns op(a) op(b) in float64 and the sum of the absolute values of its terms.
func naive[T Float](t matMulCase, a, b []T) (product, magnitude []float64) {
	product = make([]float64, t.count*t.m*t.n)
	magnitude = make([]float64, len(product))
	for z := range t.count {
		a, b := a[z*t.m*t.k:], b[z*t.k*t.n:]
		for i := range t.m {
			for j := range t.n {
				var s, abs float64
				for p := range t.k {
					ia, ib := i*t.k+p, p*t.n+j
					if t.transA {
						ia = p*t.m + i
					}
					if t.transB {
						ib = j*t.k + p
					}
					x := float64(a[ia]) * float64(b[ib])
					s += x
					abs += math.Abs(x)
				}
				product[(z*t.m+i)*t.n+j], magnitude[(z*t.m+i)*t.n+j] = s, abs
			}
		}
	}
	return product, magnitude
}

// checkMatMul runs f on the case and compares with the naive product.
func checkMatMul[T Float](f matMulFunc[T], t matMulCase, g *lcg) error {
	random := func() T { return T(g.float()) }
	a := newGuarded(t.count*t.m*t.k, random)
	b := newGuarded(t.count*t.k*t.n, random)
	c := newGuarded(t.count*t.m*t.n, random)
	if !t.accumulate {
		c = newGuarded(t.count*t.m*t.n, guardValue[T])
	}
	oldA, oldB, oldC := slices.Clone(a.data), slices.Clone(b.data), slices.Clone(c.data)

	seen := make([]int32, len(c.data))
	var epilogue Epilogue[T]
	var badSegment string
	if t.epilogue {
		epilogue = func(i, j int, row []T) {
			if len(row) == 0 || &row[0] != &c.data[i*t.n+j] || j%32 != 0 || len(row)%32 != 0 && j+len(row) != t.n {
				badSegment = fmt.Sprintf("segment %d at %d,%d", len(row), i, j)
			}
			for r := range row {
				row[r] = 3*row[r] + T(j+r)
				seen[i*t.n+j+r]++
			}
		}
	}
	f(c.data, a.data, b.data, t.count, t.m, t.n, t.k, t.transA, t.transB, t.accumulate, epilogue)

	if badSegment != "" {
		return fmt.Errorf("%v: epilogue called for bad %s", t, badSegment)
	}
	if !a.intact() || !b.intact() || !c.intact() {
		return fmt.Errorf("%v: wrote out of bounds", t)
	}
	if !slices.Equal(a.data, oldA) || !slices.Equal(b.data, oldB) {
		return fmt.Errorf("%v: changed an input", t)
	}
	eps := math.Ldexp(1, -24)
	if unsafe.Sizeof(T(0)) == 8 {
		eps = math.Ldexp(1, -53)
	}
	want, magnitude := naive(t, a.data, b.data)
	for i, x := range c.data {
		if t.accumulate {
			want[i] += float64(oldC[i])
			magnitude[i] += math.Abs(float64(oldC[i]))
		}
		tolerance := float64(t.k+2) * eps * magnitude[i]
		if t.epilogue {
			if seen[i] != 1 {
				return fmt.Errorf("%v: epilogue saw element %d,%d %d times", t, i/t.n, i%t.n, seen[i])
			}
			want[i] = 3*want[i] + float64(i%t.n)
			tolerance = 3*tolerance + 4*eps*(math.Abs(want[i])+magnitude[i])
		}
		if !(math.Abs(float64(x)-want[i]) <= tolerance) {
			return fmt.Errorf("%v: element %d,%d is %v, want %v ± %.2g", t, i/t.n, i%t.n, x, want[i], tolerance)
		}
	}
	return nil
}

// forms calls f for every combination of transposes, accumulation and epilogue.
func forms(count, m, n, k int, f func(matMulCase)) {
	for bits := range 16 {
		f(matMulCase{count, m, n, k, bits&1 > 0, bits&2 > 0, bits&4 > 0, bits&8 > 0})
	}
}

func eachLevel(t *testing.T, f func(t *testing.T)) {
	for _, l := range Levels() {
		t.Run(l.String(), func(t *testing.T) {
			defer SetLevel(l)()
			f(t)
		})
	}
}

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
	for n := 1; n <= 17; n++ {
		forms(1, 33, n, 9, check)
		forms(2, 70, n, 40, check)
		forms(1, 40, 70, n, check) // and a transposed b whose rows are shorter than a line
	}
	// Sizes beyond the blocks: directRows, panels and tiles in depth, maxBlockRows.
	for _, s := range [][3]int{{37, 97, 18}, {97, 67, 31}, {2, 131, 2100}, {1, 300, 67}, {12, 129, 1031}, {40, 261, 19},
		{389, 33, 17}, {401, 271, 35}, {41, 47, 1061}, {200, 64, 256}, {9, 40, 515},
		{50, 70, 1024}, {38, 200, 2048}, // rows of whole pages
		{1030, 130, 6}, {1024, 130, 9}, {2052, 34, 2}, // columns of whole pages
		{61, 290, 21}, {13, 257, 40}} { // rows of a transposed a, in groups and alone
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
		t.Run("float32", testMatMulSizes[float32])
		t.Run("float64", testMatMulSizes[float64])
	})
}

// TestMatMulChecker feeds wrong products to the checker.
func TestMatMulChecker(t *testing.T) {
	type args struct {
		c, a, b                    []float64
		count, m, n, k             int
		transA, transB, accumulate bool
		epilogue                   Epilogue[float64]
	}
	right := func(x args) {
		BatchedMatMul(x.c, x.a, x.b, x.count, x.m, x.n, x.k, x.transA, x.transB, x.accumulate, x.epilogue)
	}
	wrong := map[string]struct {
		f    func(args)
		says string
	}{
		"leaves out the last term": {func(x args) {
			b := slices.Clone(x.b)
			clear(b[len(b)-x.n:])
			x.b = b
			right(x)
		}, "element"},
		"forgets to accumulate": {func(x args) { x.accumulate = false; right(x) }, "element"},
		"writes before c": {func(x args) {
			right(x)
			*(*float64)(unsafe.Add(unsafe.Pointer(&x.c[0]), -8)) = 1
		}, "out of bounds"},
		"writes after c": {func(x args) {
			right(x)
			*(*float64)(unsafe.Add(unsafe.Pointer(&x.c[0]), 8*len(x.c))) = 1
		}, "out of bounds"},
		"reads after a": {func(x args) {
			right(x)
			x.c[0] += 0 * *(*float64)(unsafe.Add(unsafe.Pointer(&x.a[0]), 8*len(x.a)))
		}, "element"},
		"changes a":             {func(x args) { right(x); x.a[1]++ }, "input"},
		"changes b":             {func(x args) { right(x); x.b[1]++ }, "input"},
		"forgets the epilogue":  {func(x args) { x.epilogue = nil; right(x) }, "epilogue"},
		"repeats the epilogue":  {func(x args) { right(x); x.epilogue(0, 0, x.c[:x.n]) }, "epilogue"},
		"numbers rows wrongly":  {func(x args) { e := x.epilogue; x.epilogue = func(i, j int, r []float64) { e(i^1, j, r) }; right(x) }, "bad segment"},
		"loses half the digits": {func(x args) { right(x); x.c[3] = float64(float32(x.c[3])) }, "element"},
	}
	c := matMulCase{1, 6, 7, 5, false, false, true, true}
	for name, w := range wrong {
		g := lcg(7)
		err := checkMatMul(func(c, a, b []float64, count, m, n, k int, transA, transB, accumulate bool, e Epilogue[float64]) {
			w.f(args{c, a, b, count, m, n, k, transA, transB, accumulate, e})
		}, c, &g)
		if err == nil || !strings.Contains(err.Error(), w.says) {
			t.Errorf("product that %s: error %v, want one about %q", name, err, w.says)
		}
	}
}

// fusedChain is the formula of MatMul's doc for one element.
func fusedChain(c float64, k int, a, b func(p int) float64) float64 {
	for p := range k {
		c = math.FMA(a(p), b(p), c)
	}
	return c
}

// TestMatMulChain proves the order of sums and hence that results depend on nothing else:
// every element must have the very bits of the chain, but for dot products.
func TestMatMulChain(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		g := lcg(3)
		for _, s := range [][3]int{{1, 70, 1200}, {1, 70, 1024}, {2, 33, 768}, {5, 33, 700}, {50, 300, 1100}, {400, 20, 90}, {90, 3, 700}, {62, 3600, 300}, {60, 300, 1024}} {
			forms(1, s[0], s[1], s[2], func(x matMulCase) {
				m, n, k := x.m, x.n, x.k
				if matMulState64.tiles().methodOf(m, n, k, x.transB) == dots {
					return // see TestMatMulDots
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
				MatMul(c, a, b, m, n, k, x.transA, x.transB, x.accumulate, nil)
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
// AVX-512 but for dot products, and of a row alone and in a batch if b is not transposed.
func TestMatMulSameBits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	g := lcg(5)
	for _, s := range [][3]int{{100, 500, 784}, {405, 130, 99}, {7, 1000, 700}, {1, 2000, 1500}, {50, 150, 1024}, {62, 3600, 530}, {45, 200, 2048}, {700, 1, 3000}, {900, 700, 16}} {
		m, n, k := s[0], s[1], s[2]
		random := func() float32 { return float32(g.float()) }
		a, b := newGuarded(m*k, random).data, newGuarded(k*n, random).data
		for bits := range 4 {
			transA, transB := bits&1 > 0, bits&2 > 0
			var first []float32
			before := packed
			for _, l := range Levels() {
				restore := SetLevel(l)
				by := matMulState32.tiles().methodOf(m, n, k, transB)
				if n == 1 {
					by = dots
				}
				for _, threads := range []int{1, 2, 4} {
					runtime.GOMAXPROCS(threads)
					c := make([]float32, m*n)
					MatMul(c, a, b, m, n, k, transA, transB, false, nil)
					if first == nil || threads == 1 && (l == AVX2 || by == dots || before == dots) {
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
	for _, s := range [][3]int{{1, 1, 100}, {3, 5, 64}, {6, 9, 131}, {4, 33, 1024}, {2, 70, 999}, {8, 21, 700}, {300, 7, 129}} {
		m, n, k := s[0], s[1], s[2]
		if by := matMulStateOf[T]().tiles().methodOf(m, n, k, true); m <= 4 && by != dots {
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

// TestMatMulSpecialValues checks that no term is left out: zero times NaN or infinity is NaN.
func TestMatMulSpecialValues(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	eachLevel(t, func(t *testing.T) {
		for _, size := range [][3]int{{1, 1, 1}, {1, 200, 30}, {5, 40, 20}, {14, 70, 40}, {100, 90, 30}, {30, 3, 50}} {
			m, n, k := size[0], size[1], size[2]
			for _, special := range []float32{nan, inf} {
				for bits := range 4 {
					for side := range 2 {
						a, b, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
						row, p, col := m-1, k/2, n-1
						if side == 0 {
							a[map[bool]int{false: row*k + p, true: p*m + row}[bits&1 > 0]] = special
						} else {
							b[map[bool]int{false: p*n + col, true: col*k + p}[bits&2 > 0]] = special
						}
						MatMul(c, a, b, m, n, k, bits&1 > 0, bits&2 > 0, false, nil)
						for i, x := range c {
							hit := side == 0 && i/n == row || side == 1 && i%n == col
							if hit != (x != x) || !hit && x != 0 {
								t.Fatalf("%v with %v in operand %d, form %d: element %d,%d is %v", size, special, side, bits, i/n, i%n, x)
							}
						}
					}
				}
			}
		}
	})
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
	for i, x := range c {
		z, r := i/(n*m), i%(n*m)
		if x != want[(z*m+r%m)*n+r/m] {
			t.Fatalf("with a shared a, element %d is %v", i, x)
		}
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
