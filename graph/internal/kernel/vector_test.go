package kernel

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// epsilon is the distance from 1 to the next number of type T.
func epsilon[T Float]() float64 {
	if _, ok := any(T(0)).(float32); ok {
		return 0x1p-23
	}
	return 0x1p-52
}

// sequence returns n numbers in (-8, 8) from a linear congruential generator.
func sequence[T Float](n int, seed uint64) []T {
	x := make([]T, n)
	state := seed*2862933555777941757 + 3037000493
	for i := range x {
		state = state*6364136223846793005 + 1442695040888963407
		x[i] = T(float64(int64(state)>>11) * 0x1p-52 * 8)
	}
	return x
}

func widen[T Float](x []T) []float64 {
	w := make([]float64, len(x))
	for i, v := range x {
		w[i] = float64(v)
	}
	return w
}

// at runs f at level l.
func at(l Level, f func()) {
	defer SetLevel(l)()
	f()
}

// compare reports the first element of got that is off: from exact, in bits, where the
// tolerance is 0, else from want.
func (c elementwise[T]) compare(got, exact []T, want []float64) error {
	for i, g := range got {
		if c.tolerance == 0 {
			if g != exact[i] && (g == g || exact[i] == exact[i]) {
				return fmt.Errorf("element %d of %d is %v, generic %v", i, len(got), g, exact[i])
			}
			continue
		}
		if err := within(g, want[i], c.tolerance*epsilon[T](), c.size); err != nil {
			return fmt.Errorf("element %d of %d: %w", i, len(got), err)
		}
	}
	return nil
}

// within checks that got is want to a tolerance relative to |want| + size. Beyond T's
// range want counts as infinite.
func within[T Float](got T, want, tolerance, size float64) error {
	g := float64(got)
	if math.IsInf(float64(T(want)), 0) {
		want = float64(T(want))
	}
	smallest := epsilon[T]() * 0x1p-126 // of float32; of float64 nearly
	if g == want || g != g && want != want ||
		math.Abs(g-want) <= tolerance*(math.Abs(want)+size)+2*smallest {
		return nil
	}
	return fmt.Errorf("got %v, want %v", g, want)
}

// check runs c at level l on n elements that start offset elements after an allocation.
// It checks the values, what surrounds dst, the inputs, and dst in place of each input.
func (c elementwise[T]) check(l Level, wide elementwise[float64], x, y, old []T, s T, offset int) error {
	const guard = 40
	n := len(x)
	buffer := func(v []T) []T {
		b := slices.Repeat([]T{123.25}, n+2*guard)
		copy(b[guard+offset:], v)
		return b
	}
	inner := func(b []T) []T { return b[guard+offset : guard+offset+n] }

	exact, want := slices.Clone(old), widen(old)
	at(Generic, func() {
		c.run(exact, x, y, s)
		wide.run(want, widen(x), widen(y), float64(s))
	})
	dst, bx, by := buffer(old), buffer(x), buffer(y)
	at(l, func() { c.run(inner(dst), inner(bx), inner(by), s) })
	got := inner(dst)
	if err := c.compare(got, exact, want); err != nil {
		return err
	}
	if !same(dst, buffer(got)) {
		return fmt.Errorf("wrote outside dst, of length %d", n)
	}
	if !same(bx, buffer(x)) || !same(by, buffer(y)) {
		return fmt.Errorf("changed an input of length %d", n)
	}
	if c.update {
		return nil
	}
	at(l, func() { c.run(inner(bx), inner(bx), inner(by), s) })
	if !same(bx, buffer(got)) {
		return fmt.Errorf("differs with dst = x, of length %d", n)
	}
	if c.inputs == 2 {
		at(l, func() { c.run(inner(by), x, inner(by), s) })
		if !same(by, buffer(got)) {
			return fmt.Errorf("differs with dst = y, of length %d", n)
		}
	}
	return nil
}

// same is equality, where a NaN equals a NaN.
func same[T Float](a, b []T) bool {
	return slices.EqualFunc(a, b, func(v, w T) bool { return v == w || v != v && w != w })
}

// checkLengths checks c for all lengths around the sizes of vectors and unrolled loops.
func (c elementwise[T]) checkLengths(l Level, wide elementwise[float64]) error {
	for n := range 300 {
		if n > 70 && n%29 != 0 {
			continue
		}
		x, y, old := sequence[T](n, 1), sequence[T](n, 2), sequence[T](n, 3)
		if err := c.check(l, wide, x, y, old, 0.75, n%5); err != nil {
			return err
		}
	}
	return nil
}

// specials are the values at which functions break.
func specials[T Float]() []T {
	x := []T{0, T(math.Copysign(0, -1)), T(math.Inf(1)), T(math.Inf(-1)), T(math.NaN())}
	for _, v := range []float64{1, 0.5, 0.55, 2, 5, 9, 17, 30, 88, 88.75, 89, 103.5, 104, 105, 120, 708, 709.9, 745, 747,
		3e38, 1e-7, 1e-20, 0x1p-126, 0x1p-127, 0x1p-149, 0x1p-1022, 0x1p-1030, 0x1p-1074, 1e300} {
		x = append(x, T(v), T(-v))
	}
	return x
}

// checkSpecials checks c on special values of x and, where the result is to be exact, on
// all pairs of them.
func (c elementwise[T]) checkSpecials(l Level, wide elementwise[float64]) error {
	second := []T{1}
	if c.tolerance == 0 {
		second = specials[T]()
	}
	var x, y []T
	for _, v := range specials[T]() {
		if c.limit > 0 && math.Abs(float64(v)) > c.limit {
			continue
		}
		for _, w := range second {
			x, y = append(x, v), append(y, w)
		}
	}
	return c.check(l, wide, x, y, make([]T, len(x)), 0.75, 1)
}

func testElementwise[T Float](t *testing.T) {
	wides := elementwiseCases[float64]()
	for i, c := range elementwiseCases[T]() {
		for _, l := range Levels() {
			if err := c.checkLengths(l, wides[i]); err != nil {
				t.Errorf("%s at %v: %v", c.name, l, err)
			}
			if err := c.checkSpecials(l, wides[i]); err != nil {
				t.Errorf("%s at %v, special values: %v", c.name, l, err)
			}
		}
	}
}

func TestElementwiseFloat32(t *testing.T) { testElementwise[float32](t) }
func TestElementwiseFloat64(t *testing.T) { testElementwise[float64](t) }

// TestElementwiseCheckRejects proves that the checks above see what they are for.
func TestElementwiseCheckRejects(t *testing.T) {
	good := unaryCase("Exp", Exp[float64], 3, 0)
	wrong := map[string]func(dst, x []float32){
		"last element": func(dst, x []float32) { Exp(dst[:len(dst)/2], x[:len(dst)/2]) },
		"precision": func(dst, x []float32) {
			Exp(dst, x)
			Scale(dst, 1+4*0x1p-23, dst)
		},
		"writes past the end": func(dst, x []float32) {
			Exp(dst, x)
			if cap(dst) > len(dst) {
				dst[:len(dst)+1][len(dst)] = 0
			}
		},
		"changes an input": func(dst, x []float32) {
			Exp(dst, x)
			clear(x)
		},
		"not in place": func(dst, x []float32) {
			clear(dst)
			Exp(dst, x)
		},
	}
	for name, f := range wrong {
		if unaryCase(name, f, 3, 0).checkLengths(Generic, good) == nil {
			t.Errorf("%s: a wrong function passed", name)
		}
	}
	nan := unaryCase("NaN", func(dst, x []float32) {
		Exp(dst, x)
		for i, v := range x {
			if v != v {
				dst[i] = 0
			}
		}
	}, 3, 0)
	if nan.checkSpecials(Generic, good) == nil {
		t.Error("a function that loses NaN passed")
	}
}
