package kernel

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

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

// eachPath runs f with what pays on each kind of processor.
func eachPath(f func()) {
	if level == Generic {
		f()
		return
	}
	defer func(half, ofIntel bool) { halfPaths, intel = half, ofIntel }(halfPaths, intel)
	for _, kind := range []struct{ halfPaths, intel bool }{{false, false}, {true, false}, {false, true}} {
		halfPaths, intel = kind.halfPaths, kind.intel
		f()
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
