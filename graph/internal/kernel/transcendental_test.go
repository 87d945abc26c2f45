package kernel

import (
	"math"
	"testing"
)

// A reference is a function of one argument and its kernels.
type reference struct {
	name string
	f    func(float64) float64
	f32  func(dst, x []float32)
	f64  func(dst, x []float64)
}

var references = []reference{
	{"Exp", exponential, Exp[float32], Exp[float64]},
	{"Log", logarithm, Log[float32], Log[float64]},
	{"Tanh", math.Tanh, Tanh[float32], Tanh[float64]},
	{"Sigmoid", sigmoid, Sigmoid[float32], Sigmoid[float64]},
	{"Softplus", softplus, Softplus[float32], Softplus[float64]},
	{"LogSigmoid", logSigmoid, LogSigmoid[float32], LogSigmoid[float64]},
	{"Erf", math.Erf, Erf[float32], Erf[float64]},
}

// ulps returns the error of got in units of the last place of want, and infinity where
// only one of them is NaN or, in the type of got, infinite.
func ulps[T Float](got T, want float64) float64 {
	g, rounded := float64(got), float64(T(want))
	if g != g && want != want || math.IsInf(rounded, 0) && g == rounded {
		return 0
	}
	if g != g || want != want || math.IsInf(g, 0) || math.IsInf(rounded, 0) {
		return math.Inf(1)
	}
	bits, lowest := 23, -126
	if epsilon[T]() == 0x1p-52 {
		bits, lowest = 52, -1022
	}
	exponent := lowest
	if want != 0 {
		exponent = max(lowest, math.Ilogb(want))
	}
	return math.Abs(g-want) / math.Ldexp(1, exponent-bits)
}

// worst returns the largest error of the kernel k, in units of the last place, over x, and
// where it is. want holds the exact values.
func worst[T Float](k func(dst, x []T), x []T, want []float64) (float64, T) {
	y := make([]T, len(x))
	k(y, x)
	most, where := 0.0, T(0)
	for i, v := range y {
		if u := ulps(v, want[i]); u > most {
			most, where = u, x[i]
		}
	}
	return most, where
}

// sample32 calls f with pieces of every step-th float32, by bits: every sign and exponent,
// denormal numbers, infinities and NaN.
func sample32(step int, f func(x []float32)) {
	x := make([]float32, 0, 1<<14)
	for b := 0; b < 1<<32; b += step {
		x = append(x, math.Float32frombits(uint32(b)))
		if len(x) == cap(x) {
			f(x)
			x = x[:0]
		}
	}
	f(x)
}

// exact32 returns f of every element of x.
func exact32(f func(float64) float64, x []float32) []float64 {
	want := make([]float64, len(x))
	for i, v := range x {
		want[i] = f(float64(v))
	}
	return want
}

// TestUlpsFloat32 asserts the bound that transcendental.go states, on about two million
// numbers. Step 1 is the exhaustive check, which takes minutes.
func TestUlpsFloat32(t *testing.T) {
	const bound, step = 2, 1999 // a prime, so that the low bits vary
	for _, r := range references {
		sample32(step, func(x []float32) {
			want := exact32(r.f, x)
			for _, l := range Levels() {
				at(l, func() {
					if u, v := worst(r.f32, x, want); u > bound {
						t.Errorf("%s(%v) at %v is %.3f ulp off", r.name, v, l, u)
					}
				})
			}
		})
	}
}

// TestUlpsFloat64 compares float64 with package math, itself within one unit.
func TestUlpsFloat64(t *testing.T) {
	const bound = 4
	for _, scale := range []float64{0x1p-1040, 1e-30, 1e-5, 0.1, 0.5, 1, 3, 10, 95, 1e20} {
		x := sequence[float64](20000, 5)
		for i := range x {
			x[i] *= scale
		}
		for _, r := range references {
			want := make([]float64, len(x))
			for i, v := range x {
				want[i] = r.f(v)
			}
			for _, l := range Levels() {
				at(l, func() {
					if u, v := worst(r.f64, x, want); u > bound {
						t.Errorf("%s(%v) at %v is %.3f ulp off", r.name, v, l, u)
					}
				})
			}
		}
	}
}

// TestUlpsRejects proves that the measure of error finds small errors and rare ones.
func TestUlpsRejects(t *testing.T) {
	wrong := map[string]func(dst, x []float32){
		"three units": func(dst, x []float32) {
			Exp(dst, x)
			for i, v := range dst {
				dst[i] = math.Float32frombits(math.Float32bits(v) + 3)
			}
		},
		"denormal results flushed": func(dst, x []float32) {
			Exp(dst, x)
			for i, v := range dst {
				if v < 0x1p-126 {
					dst[i] = 0
				}
			}
		},
		"infinity instead of the largest numbers": func(dst, x []float32) {
			Exp(dst, x)
			for i, v := range dst {
				if v > 0x1p127 {
					dst[i] = float32(math.Inf(1))
				}
			}
		},
		"NaN lost": func(dst, x []float32) {
			Exp(dst, x)
			for i, v := range dst {
				if v != v {
					dst[i] = 1
				}
			}
		},
	}
	for name, f := range wrong {
		most := 0.0
		sample32(1999, func(x []float32) {
			u, _ := worst(f, x, exact32(math.Exp, x))
			most = max(most, u)
		})
		if most <= 2 {
			t.Errorf("%s: found only %.3f ulp", name, most)
		}
	}
}

// TestExtremes spells out the values that users of the functions rely on.
func TestExtremes(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	cases := []struct {
		name    string
		f       func(dst, x []float32)
		x, want float64
	}{
		{"Exp", Exp[float32], -inf, 0}, {"Exp", Exp[float32], inf, inf},
		{"Exp", Exp[float32], 89, inf}, {"Exp", Exp[float32], -104, 0},
		{"Exp", Exp[float32], 0, 1}, {"Exp", Exp[float32], nan, nan},
		{"Log", Log[float32], 0, -inf}, {"Log", Log[float32], math.Copysign(0, -1), -inf},
		{"Log", Log[float32], -1, nan}, {"Log", Log[float32], -inf, nan},
		{"Log", Log[float32], inf, inf}, {"Log", Log[float32], 1, 0},
		{"Tanh", Tanh[float32], inf, 1}, {"Tanh", Tanh[float32], -inf, -1},
		{"Tanh", Tanh[float32], 0x1p-149, 0x1p-149}, {"Tanh", Tanh[float32], nan, nan},
		{"Sigmoid", Sigmoid[float32], -inf, 0}, {"Sigmoid", Sigmoid[float32], inf, 1},
		{"Sigmoid", Sigmoid[float32], 0, 0.5}, {"Sigmoid", Sigmoid[float32], nan, nan},
		{"Softplus", Softplus[float32], inf, inf}, {"Softplus", Softplus[float32], -inf, 0},
		{"LogSigmoid", LogSigmoid[float32], inf, 0}, {"LogSigmoid", LogSigmoid[float32], -inf, -inf},
		{"Erf", Erf[float32], inf, 1}, {"Erf", Erf[float32], -inf, -1},
		{"GELU", GELU[float32], -inf, 0}, {"GELU", GELU[float32], inf, inf},
	}
	for _, l := range Levels() {
		at(l, func() {
			for _, c := range cases {
				y := make([]float32, 21)
				for i := range y {
					y[i] = float32(c.x)
				}
				c.f(y, y)
				for _, v := range y {
					if float64(v) != c.want && !(v != v && c.want != c.want) {
						t.Errorf("%s(%v) at %v is %v, want %v", c.name, c.x, l, v, c.want)
						break
					}
				}
			}
			tiny := []float32{-100}
			if Sigmoid(tiny, tiny); tiny[0] == 0 {
				t.Errorf("Sigmoid(-100) at %v is 0", l)
			}
		})
	}
}
