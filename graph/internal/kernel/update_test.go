package kernel

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/pkg/errors"
)

// A stepper is one step of an optimiser over weights, gradients and two states, of which it
// may ignore some.
type stepper[T Float] func(w, g, m, v []T, u Update[T])

// steppers pairs every update with its textbook formula for one element in float64, written
// in another form than the kernels': decays β = 1 - gain, corrections as divisions.
var steppers = []struct {
	name     string
	narrow   stepper[float32]
	wide     stepper[float64]
	textbook func(w, g, m, v float64, u Update[float64]) (w1, m1, v1 float64)
}{
	{"SGD",
		func(w, g, _, _ []float32, u Update[float32]) { SGD(w, g, u) },
		func(w, g, _, _ []float64, u Update[float64]) { SGD(w, g, u) },
		func(w, g, m, v float64, u Update[float64]) (float64, float64, float64) {
			return w - u.Rate*(u.Scale*g+u.L2*w), m, v
		}},
	{"Momentum",
		func(w, g, m, _ []float32, u Update[float32]) { Momentum(w, g, m, u) },
		func(w, g, m, _ []float64, u Update[float64]) { Momentum(w, g, m, u) },
		func(w, g, m, v float64, u Update[float64]) (float64, float64, float64) {
			m = u.Momentum*m + u.Scale*g + u.L2*w
			return w - u.Rate*m, m, v
		}},
	{"Nesterov",
		func(w, g, m, _ []float32, u Update[float32]) { Nesterov(w, g, m, u) },
		func(w, g, m, _ []float64, u Update[float64]) { Nesterov(w, g, m, u) },
		func(w, g, m, v float64, u Update[float64]) (float64, float64, float64) {
			d := u.Scale*g + u.L2*w
			m = u.Momentum*m + d
			return w - u.Rate*d - u.Rate*u.Momentum*m, m, v
		}},
	{"Adam",
		func(w, g, m, v []float32, u Update[float32]) { Adam(w, g, m, v, u) },
		func(w, g, m, v []float64, u Update[float64]) { Adam(w, g, m, v, u) },
		func(w, g, m, v float64, u Update[float64]) (float64, float64, float64) {
			d := u.Scale*g + u.L2*w
			m = (1-u.Gain1)*m + u.Gain1*d
			v = (1-u.Gain2)*v + u.Gain2*d*d
			return u.Keep*w - u.Rate*(m*u.Correct1)/(math.Sqrt(v*u.Correct2)+u.Epsilon), m, v
		}},
	{"RMSProp",
		func(w, g, _, v []float32, u Update[float32]) { RMSProp(w, g, v, u) },
		func(w, g, _, v []float64, u Update[float64]) { RMSProp(w, g, v, u) },
		func(w, g, m, v float64, u Update[float64]) (float64, float64, float64) {
			d := u.Scale*g + u.L2*w
			v = (1-u.Gain2)*v + u.Gain2*d*d
			return w - u.Rate*d/(math.Sqrt(v)+u.Epsilon), m, v
		}},
	{"AdaGrad",
		func(w, g, _, v []float32, u Update[float32]) { AdaGrad(w, g, v, u) },
		func(w, g, _, v []float64, u Update[float64]) { AdaGrad(w, g, v, u) },
		func(w, g, m, v float64, u Update[float64]) (float64, float64, float64) {
			d := u.Scale*g + u.L2*w
			v += d * d
			return w - u.Rate*d/(math.Sqrt(v)+u.Epsilon), m, v
		}},
	{"EMA",
		func(w, g, _, _ []float32, u Update[float32]) { EMA(w, g, u.Gain1) },
		func(w, g, _, _ []float64, u Update[float64]) { EMA(w, g, u.Gain1) },
		func(w, g, m, v float64, u Update[float64]) (float64, float64, float64) {
			return (1-u.Gain1)*w + u.Gain1*g, m, v
		}},
	{"AddL1",
		func(w, g, _, _ []float32, u Update[float32]) { AddL1(w, g, u.Scale, u.L2) },
		func(w, g, _, _ []float64, u Update[float64]) { AddL1(w, g, u.Scale, u.L2) },
		func(w, g, m, v float64, u Update[float64]) (float64, float64, float64) {
			sign := 0.0
			if g != 0 {
				sign = g / math.Abs(g)
			}
			return u.Scale*w + u.L2*sign, m, v
		}},
	{"ClipValue",
		func(w, _, _, _ []float32, u Update[float32]) { ClipValue(w, u.Rate) },
		func(w, _, _, _ []float64, u Update[float64]) { ClipValue(w, u.Rate) },
		func(w, g, m, v float64, u Update[float64]) (float64, float64, float64) {
			return math.Copysign(math.Min(math.Abs(w), u.Rate), w), m, v
		}},
}

var testUpdate = Update[float64]{Rate: 0.25, Scale: 0.75, L2: 0.01, Keep: 0.99, Momentum: 0.9,
	Gain1: 0.1, Gain2: 0.002, Correct1: 3.7, Correct2: 170, Epsilon: 1e-6}

func narrowed(u Update[float64]) Update[float32] {
	return Update[float32]{Rate: float32(u.Rate), Scale: float32(u.Scale), L2: float32(u.L2),
		Keep: float32(u.Keep), Momentum: float32(u.Momentum), Gain1: float32(u.Gain1), Gain2: float32(u.Gain2),
		Correct1: float32(u.Correct1), Correct2: float32(u.Correct2), Epsilon: float32(u.Epsilon)}
}

// A slab is weights, gradients and two states for a test, the second of them not negative.
type slab[T Float] struct{ w, g, m, v []T }

// newSlab draws n elements; every eighth weight and every fifth gradient is zero.
func newSlab[T Float](n int) slab[T] {
	draw := func(key uint64) []T {
		x := make([]T, n)
		Normal(x, Stream{Key: key}, 0)
		return x
	}
	s := slab[T]{draw(1), draw(2), draw(3), draw(4)}
	for i := range n {
		s.v[i] *= s.v[i]
		if i%8 == 7 {
			s.w[i] = 0
		}
		if i%5 == 4 {
			s.g[i] = 0
		}
	}
	return s
}

func (s slab[T]) clone() slab[T] {
	return slab[T]{slices.Clone(s.w), slices.Clone(s.g), slices.Clone(s.m), slices.Clone(s.v)}
}

// checkStepper compares three steps with the textbook formula; tolerance is relative to the
// numbers that meet in a sum.
func checkStepper[T Float](step stepper[T], u Update[T], textbook func(w, g, m, v float64, u Update[float64]) (w1, m1, v1 float64), tolerance float64) error {
	s, want := newSlab[T](333), newSlab[T](333)
	for range 3 {
		before := want.clone()
		for i := range want.w {
			w, m, v := textbook(float64(s.w[i]), float64(s.g[i]), float64(s.m[i]), float64(s.v[i]), testUpdate)
			want.w[i], want.m[i], want.v[i] = T(w), T(m), T(v)
		}
		step(s.w, s.g, s.m, s.v, u)
		for i := range s.w {
			for name, x := range map[string][3]T{
				"w": {s.w[i], want.w[i], before.w[i]},
				"m": {s.m[i], want.m[i], before.m[i]},
				"v": {s.v[i], want.v[i], before.v[i]},
			} {
				got, exact, old := float64(x[0]), float64(x[1]), float64(x[2])
				if !(math.Abs(got-exact) <= tolerance*(1+math.Abs(exact)+math.Abs(old))) {
					return errors.Errorf("%s[%d] is %v, want %v", name, i, got, exact)
				}
			}
		}
		if s.g[4] == 0 && !slices.Equal(s.g, before.g) {
			return errors.New("the gradient has changed")
		}
		want = s.clone()
	}
	return nil
}

func TestUpdatesAreTheTextbooks(t *testing.T) {
	for _, c := range steppers {
		drawAtLevels(t, func(t *testing.T) {
			if err := checkStepper(c.narrow, narrowed(testUpdate), c.textbook, 1e-6); err != nil {
				t.Errorf("float32 %s: %v", c.name, err)
			}
			if err := checkStepper(c.wide, testUpdate, c.textbook, 1e-14); err != nil {
				t.Errorf("float64 %s: %v", c.name, err)
			}
		})
	}
}

func TestUpdateCheckRejects(t *testing.T) {
	adam := steppers[3].textbook
	for name, change := range map[string]func(u *Update[float32]){
		"no decay":           func(u *Update[float32]) { u.Keep = 1 },
		"no penalty":         func(u *Update[float32]) { u.L2 = 0 },
		"no scale":           func(u *Update[float32]) { u.Scale = 1 },
		"rounded gain":       func(u *Update[float32]) { u.Gain2 = 1 - float32(0.998) },
		"no correction":      func(u *Update[float32]) { u.Correct1 = 1 },
		"half a correction":  func(u *Update[float32]) { u.Correct2 = 1 },
		"other epsilon":      func(u *Update[float32]) { u.Epsilon = 1e-3 },
		"gains interchanged": func(u *Update[float32]) { u.Gain1, u.Gain2 = u.Gain2, u.Gain1 },
	} {
		u := narrowed(testUpdate)
		change(&u)
		if checkStepper(Adam[float32], u, adam, 1e-6) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if checkStepper(steppers[1].narrow, narrowed(testUpdate), steppers[2].textbook, 1e-6) == nil {
		t.Error("momentum accepted as Nesterov's")
	}
}

// All levels give the bits of the generic functions, at any length, and write nothing else.
func TestUpdatesAreTheSameAtAllLevels(t *testing.T) {
	const margin, guard = 32, 12345
	u := narrowed(testUpdate)
	for _, c := range steppers {
		for n := range 70 {
			padded := newSlab[float32](n + 2*margin)
			for _, x := range [][]float32{padded.w, padded.g, padded.m, padded.v} {
				for i := range margin {
					x[i], x[len(x)-1-i] = guard, guard
				}
			}
			special := []float32{float32(math.NaN()), float32(math.Inf(1)), 0, float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32}
			if n >= 40 {
				copy(padded.w[margin+3:], special)
				copy(padded.g[margin+14:], special)
				copy(padded.v[margin+28:], special[1:])
			}
			run := func() slab[float32] {
				s := padded.clone()
				in := func(x []float32) []float32 { return x[margin : margin+n] }
				c.narrow(in(s.w), in(s.g), in(s.m), in(s.v), u)
				return s
			}
			restore := SetLevel(Generic)
			want := run()
			restore()
			drawAtLevels(t, func(t *testing.T) {
				got := run()
				for name, x := range map[string][2][]float32{"w": {got.w, want.w}, "g": {got.g, want.g}, "m": {got.m, want.m}, "v": {got.v, want.v}} {
					if !slices.EqualFunc(x[0], x[1], sameValue) {
						t.Fatalf("%s, length %d: %s is\n%v, want\n%v", c.name, n, name, x[0], x[1])
					}
				}
			})
			for i := range margin {
				if want.w[i] != guard || want.w[len(want.w)-1-i] != guard {
					t.Fatalf("%s, length %d: written outside", c.name, n)
				}
			}
		}
	}
}

// sameValue compares bits, but takes all NaN as one.
func sameValue(a, b float32) bool { return sameBits(a, b) || a != a && b != b }

func TestUpdatesRefuseShortSlices(t *testing.T) {
	w, short := make([]float32, 8), make([]float32, 7)
	u := Update[float32]{}
	for i, f := range []func(){
		func() { SGD(w, short, u) },
		func() { Momentum(w, w, short, u) },
		func() { Nesterov(w, short, w, u) },
		func() { Adam(w, w, w, short, u) },
		func() { Adam(w, w, short, w, u) },
		func() { RMSProp(w, w, short, u) },
		func() { AdaGrad(w, short, w, u) },
		func() { EMA(w, short, 0.5) },
		func() { AddL1(w, short, 1, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("case %d: no panic", i)
				}
			}()
			f()
		}()
	}
}

func TestUpdatesAllocateNothing(t *testing.T) {
	s := newSlab[float32](1000)
	d := newSlab[float64](1000)
	u := narrowed(testUpdate)
	for _, c := range steppers {
		if n := testing.AllocsPerRun(10, func() { c.narrow(s.w, s.g, s.m, s.v, u) }); n != 0 {
			t.Errorf("float32 %s: %v allocations", c.name, n)
		}
		if n := testing.AllocsPerRun(10, func() { c.wide(d.w, d.g, d.m, d.v, testUpdate) }); n != 0 {
			t.Errorf("float64 %s: %v allocations", c.name, n)
		}
	}
}

// BenchmarkUpdate compares every update with a copy of as many bytes, over weights that fit
// the second-level cache and over weights that do not.
func BenchmarkUpdate(b *testing.B) {
	u := narrowed(testUpdate)
	for _, n := range []int{1 << 14, 1 << 22} {
		s := newSlab[float32](n)
		for _, l := range Levels() {
			restore := SetLevel(l)
			for _, c := range steppers {
				b.Run(fmt.Sprintf("%v/%s/%d", l, c.name, n), func(b *testing.B) {
					for b.Loop() {
						c.narrow(s.w, s.g, s.m, s.v, u)
					}
					b.ReportMetric(float64(b.N)*float64(n)/float64(b.Elapsed().Nanoseconds()), "G/s")
				})
			}
			restore()
		}
		b.Run(fmt.Sprintf("copy/%d", n), func(b *testing.B) {
			for b.Loop() {
				copy(s.w, s.g)
			}
			b.ReportMetric(float64(b.N)*float64(n)/float64(b.Elapsed().Nanoseconds()), "G/s")
		})
	}
}
