package kernel

import (
	"math"
	"slices"
	"testing"
)

// The known answers are those published with the Random123 library (kat_vectors, philox4x32
// with 10 rounds): counter, key, output.
func TestPhiloxKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		s       Stream
		counter uint64
		want    [4]uint32
	}{
		{Stream{0, 0}, 0, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{Stream{1<<64 - 1, 1<<64 - 1}, 1<<64 - 1, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{Stream{0x299f31d0_a4093822, 0x03707344_13198a2e}, 0x85a308d3_243f6a88,
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := philox(c.s, c.counter); got != c.want {
			t.Errorf("philox(%x, %x) = %x, want %x", c.s, c.counter, got, c.want)
		}
	}
}

// drawGuarded calls fill on n elements amid others that it must leave alone.
func drawGuarded[T comparable](t *testing.T, n int, guard T, fill func(dst []T)) []T {
	t.Helper()
	const margin = 32
	all := slices.Repeat([]T{guard}, n+2*margin)
	dst := all[margin : margin+n]
	fill(dst)
	for i, x := range all {
		if (i < margin || i >= margin+n) && x != guard {
			t.Fatalf("length %d: element %d outside was overwritten by %v", n, i-margin, x)
		}
	}
	return dst
}

func drawAtLevels(t *testing.T, f func(t *testing.T)) {
	for _, l := range Levels() {
		t.Run(l.String(), func(t *testing.T) {
			defer SetLevel(l)()
			f(t)
		})
	}
}

var drawLengths = []int{0, 1, 3, 4, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 1000, chunk + 17}

var drawStreams = []Stream{{}, {Key: 1}, {Step: 1}, {0x0123456789abcdef, 0xfedcba9876543210}, {1<<64 - 1, 1<<64 - 1}}

// Offsets near 2^34 carry into the second word of the counter.
var drawOffsets = []int{0, 16, 48, 64, 4096, 1<<34 - 64, 1<<34 - 16, 1<<62 - 4096}

// drawReference draws the word of element i of a stream by the definition.
func drawReference(s Stream, i int) uint32 { return philox(s, uint64(i/4))[i%4] }

func TestUint32sAreWordsOfBlocks(t *testing.T) {
	drawAtLevels(t, func(t *testing.T) {
		for _, s := range drawStreams {
			for _, offset := range drawOffsets {
				for _, n := range drawLengths {
					got := drawGuarded(t, n, 0xdeadbeef, func(dst []uint32) { Uint32s(dst, s, offset) })
					for i, w := range got {
						if want := drawReference(s, offset+i); w != want {
							t.Fatalf("%v, offset %d, length %d: word %d is %x, want %x", s, offset, n, i, w, want)
						}
					}
				}
			}
		}
	})
}

func TestUniformIsWordScaled(t *testing.T) {
	drawAtLevels(t, func(t *testing.T) {
		s := Stream{7, 9}
		for _, n := range drawLengths {
			got := drawGuarded(t, n, float32(-1), func(dst []float32) { Uniform(dst, s, 32) })
			for i, u := range got {
				want := math.Floor(float64(drawReference(s, 32+i))/256) / (1 << 24)
				if float64(u) != want {
					t.Fatalf("length %d: element %d is %v, want %v", n, i, u, want)
				}
			}
			wide := drawGuarded(t, n, -1, func(dst []float64) { Uniform(dst, s, 32) })
			for i, u := range wide {
				if u < float64(got[i]) || u >= float64(got[i])+0x1p-24 {
					t.Fatalf("length %d: float64 element %d is %v, float32 %v", n, i, u, got[i])
				}
			}
		}
	})
}

// bernoulliCases are probabilities with their extremes; they are used in turn.
var bernoulliCases = []float32{0, 1, 0.5, -1, 2, 0x1p-24, 1 - 0x1p-24, float32(math.NaN()),
	float32(math.Inf(1)), float32(math.Inf(-1)), math.SmallestNonzeroFloat32, float32(math.Copysign(0, -1)), 0.1}

func TestBernoulliComparesUniform(t *testing.T) {
	s := Stream{11, 12}
	u := make([]float32, chunk+100)
	Uniform(u, s, 16)
	drawAtLevels(t, func(t *testing.T) {
		for _, n := range drawLengths {
			p := make([]float32, n)
			for i := range p {
				p[i] = bernoulliCases[i%len(bernoulliCases)]
			}
			got := drawGuarded(t, n, -7, func(dst []float32) { Bernoulli(dst, p, s, 16) })
			for i, x := range got {
				want := float32(0)
				if u[i] < p[i] {
					want = 1
				}
				if p[i] != p[i] {
					want = p[i]
				}
				if math.Float32bits(x) != math.Float32bits(want) {
					t.Fatalf("length %d: u = %v, p = %v gave %v", n, u[i], p[i], x)
				}
			}
			Bernoulli(p, p, s, 16)
			if !slices.EqualFunc(p, got, sameBits) {
				t.Fatalf("length %d: in place the result differs", n)
			}
		}
	})
}

func sameBits(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }

func TestBernoulliExtremes(t *testing.T) {
	drawAtLevels(t, func(t *testing.T) {
		const n = 1 << 16
		for _, c := range []struct{ p, want float32 }{{0, 0}, {-1, 0}, {1, 1}, {2, 1}} {
			p := slices.Repeat([]float32{c.p}, n)
			Bernoulli(p, p, Stream{}, 0)
			if i := slices.IndexFunc(p, func(x float32) bool { return x != c.want }); i >= 0 {
				t.Errorf("p = %v gave %v", c.p, p[i])
			}
			wide := slices.Repeat([]float64{float64(c.p)}, n)
			Bernoulli(wide, wide, Stream{}, 0)
			if i := slices.IndexFunc(wide, func(x float64) bool { return x != float64(c.want) }); i >= 0 {
				t.Errorf("float64: p = %v gave %v", c.p, wide[i])
			}
		}
	})
	nan := []float64{math.NaN()}
	if Bernoulli(nan, nan, Stream{}, 0); !math.IsNaN(nan[0]) {
		t.Errorf("float64: NaN gave %v", nan[0])
	}
}

// normalWords holds words at which normalOf32 changes branch, and the ends of its range.
func normalWords() []uint32 {
	var ws []uint32
	for _, middle := range []uint32{0, 1 << 31, 1 << 30, 1 << 24, 1 << 23, 1<<31 - 1<<24, 1<<31 - 1<<20, 1<<31 - 1<<10} {
		for d := range uint32(200) {
			ws = append(ws, middle+d, middle-d, ^(middle + d))
		}
	}
	for i := range uint32(1 << 17) {
		ws = append(ws, i*2654435769)
	}
	return ws
}

// quantile64 is the normal quantile of (w+1/2)/2^32, w signed, by other means than normalOf32:
// Newton's method on math.Erfc, which is precise in the tails.
func quantile64(w uint32) float64 {
	k := int32(w)
	if k < 0 {
		k = ^k
	}
	tail := (float64(math.MaxInt32-k) + 0.5) * 0x1p-31 // two-sided tail probability
	z := math.Sqrt2 * math.Erfinv(1-tail)
	for range 3 {
		density := math.Sqrt(2/math.Pi) * math.Exp(-z*z/2)
		z += (math.Erfc(z/math.Sqrt2) - tail) / density
	}
	if int32(w) < 0 {
		return -z
	}
	return z
}

func TestNormalIsQuantile(t *testing.T) {
	worst, largest := 0.0, 0.0
	for _, w := range normalWords() {
		got, want := float64(normalOf32(w)), quantile64(w)
		largest = max(largest, math.Abs(got))
		// Newton's target loses relative precision near zero, where 1-tail cancels.
		if e := math.Abs(got-want) / max(math.Abs(want), 1e-6); e > worst {
			worst = e
		}
		if -normalOf32(^w) != normalOf32(w) {
			t.Fatalf("not symmetric at %x", w)
		}
	}
	t.Logf("relative error %.3g, largest value %.6g", worst, largest)
	if worst > 1e-6 {
		t.Errorf("relative error %g", worst)
	}
	if math.Abs(largest-6.338) > 0.001 {
		t.Errorf("largest value is %g", largest)
	}
}

func TestNormalIsMonotone(t *testing.T) {
	// The polynomials meet near z = 2.9 and must not step down beyond rounding there.
	last := math.Inf(-1)
	for i := uint32(0); i < math.MaxInt32-1<<12; i += 1 << 12 {
		z := float64(normalOf32(i))
		if z < last*(1-1e-6) {
			t.Fatalf("falls from %v to %v at %x", last, z, i)
		}
		last = z
	}
}

func TestNormalIsSameAtAllLevels(t *testing.T) {
	drawAtLevels(t, func(t *testing.T) {
		for _, s := range drawStreams {
			for _, n := range drawLengths {
				got := drawGuarded(t, n, -99, func(dst []float32) { Normal(dst, s, 48) })
				for i, z := range got {
					if want := normalOf32(drawReference(s, 48+i)); !sameBits(z, want) {
						t.Fatalf("%v, length %d: element %d is %v, want %v", s, n, i, z, want)
					}
				}
			}
		}
		// Enough numbers to pass through both polynomials and the sign many times.
		all := make([]float32, 1<<18)
		Normal(all, Stream{5, 6}, 0)
		for i, z := range all {
			if want := normalOf32(drawReference(Stream{5, 6}, i)); !sameBits(z, want) {
				t.Fatalf("element %d is %v, want %v", i, z, want)
			}
		}
	})
}

func TestNormalTypesAgree(t *testing.T) {
	narrow, wide := make([]float32, 1<<16), make([]float64, 1<<16)
	Normal(narrow, Stream{1, 2}, 0)
	Normal(wide, Stream{1, 2}, 0)
	for i, z := range wide {
		if d := math.Abs(z - float64(narrow[i])); d > 1e-6*max(1, math.Abs(z)) && math.Abs(z) < 4 {
			t.Fatalf("element %d is %v in float32 and %v in float64", i, narrow[i], z)
		}
	}
}

// drawParts draws n elements in parts of the lengths given, in turn.
func drawParts[T any](n int, lengths []int, draw func(dst []T, offset int)) []T {
	dst := make([]T, n)
	for i, lo := 0, 0; lo < n; i++ {
		hi := min(lo+lengths[i%len(lengths)], n)
		draw(dst[lo:hi], lo)
		lo = hi
	}
	return dst
}

func TestPartsGiveTheWhole(t *testing.T) {
	const n = 2*chunk + 333
	s := Stream{3, 4}
	p := make([]float32, n)
	Uniform(p, Stream{8, 8}, 0)
	draws := map[string]func(dst []float32, offset int){
		"Uniform":   func(dst []float32, o int) { Uniform(dst, s, o) },
		"Bernoulli": func(dst []float32, o int) { Bernoulli(dst, p[o:], s, o) },
		"Normal":    func(dst []float32, o int) { Normal(dst, s, o) },
	}
	draws64 := map[string]func(dst []float64, offset int){
		"Uniform": func(dst []float64, o int) { Uniform(dst, s, o) },
		"Normal":  func(dst []float64, o int) { Normal(dst, s, o) },
	}
	drawAtLevels(t, func(t *testing.T) {
		for _, lengths := range [][]int{{16}, {48, 64, 16}, {chunk}, {160, 4096}} {
			for name, draw := range draws {
				if !slices.Equal(drawParts(n, lengths, draw), drawParts(n, []int{n}, draw)) {
					t.Errorf("%s differs in parts of %v", name, lengths)
				}
			}
			for name, draw := range draws64 {
				if !slices.Equal(drawParts(n, lengths, draw), drawParts(n, []int{n}, draw)) {
					t.Errorf("float64: %s differs in parts of %v", name, lengths)
				}
			}
		}
	})
}

func TestRandomRefusesBadArguments(t *testing.T) {
	for name, f := range map[string]func(){
		"offset 8":       func() { Uniform(make([]float32, 4), Stream{}, 8) },
		"offset -16":     func() { Normal(make([]float64, 4), Stream{}, -16) },
		"offset of word": func() { Uint32s(make([]uint32, 4), Stream{}, 1) },
		"short p":        func() { Bernoulli(make([]float32, 4), make([]float32, 3), Stream{}, 0) },
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

func TestDrawingOnePieceAllocatesNothing(t *testing.T) {
	dst, wide := make([]float32, chunk), make([]float64, chunk)
	if n := testing.AllocsPerRun(10, func() {
		Uniform(dst, Stream{}, 0)
		Bernoulli(dst, dst, Stream{}, 0)
		Normal(dst, Stream{}, 0)
		Normal(wide[:64], Stream{}, 0)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
