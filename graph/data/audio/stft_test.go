package audio

import (
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

func transform(t *testing.T, s STFT, x []float32) *Spectrogram {
	t.Helper()
	g, err := s.Transform(x)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestSinusoid: the power of a sinusoid of amplitude a is (a sum(w)/2)^2 at its own bin, a quarter of that at the
// two beside it, and nothing elsewhere, as of any Hann window.
func TestSinusoid(t *testing.T) {
	const n, bin, a = 64, 10, 0.8
	s := STFT{Length: n, Hop: 16}
	g := transform(t, s, tone(n, 10*n, bin, a))
	if g.Frames != 41 || g.Bins != 33 {
		t.Fatalf("%d frames of %d bins", g.Frames, g.Bins)
	}
	p := g.Power()
	peak := math.Pow(a*n/2/2, 2) // the Hann window sums to n/2
	for frame := 2; frame < g.Frames-2; frame++ {
		for f := range g.Bins {
			want := 0.0
			switch f {
			case bin:
				want = peak
			case bin - 1, bin + 1:
				want = peak / 4
			}
			near(t, "power", float64(p.F32[frame*g.Bins+f]), want, 1e-4)
		}
	}
}

// TestParseval: the energy of a windowed frame is that of its transform, divided by the size.
func TestParseval(t *testing.T) {
	x := noise(1, 400)
	s := STFT{Length: 100, Hop: 30, Size: 150}
	g := transform(t, s, x)
	w := s.window()
	p := g.Power()
	for _, frame := range []int{0, 5, g.Frames - 1} {
		inTime, inFrequency := 0.0, 0.0
		for i := range w {
			if j := frame*s.Hop - s.Length/2 + i; j >= 0 && j < len(x) {
				inTime += math.Pow(w[i]*float64(x[j]), 2)
			}
		}
		for f, v := range p.Rows(frame, frame+1).F32 {
			share := 2.0
			if f == 0 || f == g.Bins-1 {
				share = 1
			}
			inFrequency += share * float64(v) / 150
		}
		near(t, "energy", inFrequency, inTime, 1e-4)
	}
}

// TestReconstruction: the way back gives the wave, at any length, from its first sample to its last.
func TestReconstruction(t *testing.T) {
	for _, s := range []STFT{{Length: 256, Hop: 128}, {Length: 200, Hop: 80}, {Length: 200, Hop: 80, Size: 512}, {Length: 7, Hop: 3}, {Length: 2, Hop: 1}} {
		for _, n := range []int{1, 79, 1000, 1003} {
			x := noise(2, n)
			y, err := s.Invert(transform(t, s, x), n)
			if err != nil {
				t.Fatal(err)
			}
			for i := range x {
				if math.Abs(float64(x[i]-y[i])) > 1e-5 {
					t.Fatalf("%+v of %d samples: sample %d is %v, was %v", s, n, i, y[i], x[i])
				}
			}
		}
	}
}

// TestLeastSquares: no other wave has a spectrogram nearer to one that is of no wave.
func TestLeastSquares(t *testing.T) {
	s := STFT{Length: 16, Hop: 6}
	const n = 40
	g := transform(t, s, noise(3, n))
	for i := range g.Coef {
		g.Coef[i] *= complex(1+0.5*math.Sin(float64(i)), 0)
	}
	distance := func(x []float32) float64 {
		h, sum := transform(t, s, x), 0.0
		for i, c := range h.Coef {
			d := c - g.Coef[i]
			share := 2.0
			if f := i % g.Bins; f == 0 || f == g.Bins-1 {
				share = 1
			}
			sum += share * (real(d)*real(d) + imag(d)*imag(d))
		}
		return sum
	}
	best, err := s.Invert(g, n)
	if err != nil {
		t.Fatal(err)
	}
	least := distance(best)
	for i := range n {
		for _, step := range []float32{-0.01, 0.01} {
			other := slices.Clone(best)
			other[i] += step
			if d := distance(other); d <= least {
				t.Errorf("sample %d by %v: %v, not above %v", i, step, d, least)
			}
		}
	}
}

func TestWithPower(t *testing.T) {
	s := STFT{Length: 64, Hop: 32}
	x := noise(4, 500)
	g := transform(t, s, x)
	p := g.Power()
	for i := range p.F32 {
		p.F32[i] *= 9
	}
	h, err := g.WithPower(p)
	if err != nil {
		t.Fatal(err)
	}
	y, err := s.Invert(h, len(x))
	if err != nil {
		t.Fatal(err)
	}
	for i := range x {
		near(t, "three times as loud", float64(y[i]), 3*float64(x[i]), 1e-4)
	}
	p.F32[3] = -1 // no power; counts as none
	if h, err = g.WithPower(p); err != nil || h.Coef[3] != 0 {
		t.Error(h.Coef[3], err)
	}
}

func TestSTFTErrors(t *testing.T) {
	x := noise(1, 100)
	for name, s := range map[string]STFT{
		"zero": {}, "hop 0": {Length: 10}, "hop": {Length: 10, Hop: 6}, "long": {Length: 1 << 21, Hop: 1},
		"short transform": {Length: 10, Hop: 5, Size: 8}, "odd transform": {Length: 10, Hop: 5, Size: 11}, "long transform": {Length: 10, Hop: 5, Size: 1 << 22},
	} {
		_, err := s.Transform(x)
		wantError(t, name, err, data.ErrConfig, "expected")
		_, err = s.Invert(&Spectrogram{}, 5)
		wantError(t, name, err, data.ErrConfig, "expected")
	}
	s := STFT{Length: 10, Hop: 5}
	_, err := s.Transform(nil)
	wantError(t, "no samples", err, data.ErrEmpty, "")
	g := transform(t, s, x)
	for _, n := range []int{0, -3, 50, 101} {
		_, err := s.Invert(g, n)
		wantError(t, "length", err, graph.ErrShape, "expected")
	}
	_, err = g.WithPower(graph.Floats32(make([]float32, 9), 1, 9))
	wantError(t, "power", err, graph.ErrShape, "[1 9]")
	_, err = g.WithPower(graph.Ints(make([]int, 9), 1, 9))
	wantError(t, "power", err, graph.ErrType, "float32")
	_, err = g.WithPower(graph.Floats32(make([]float32, 8), 1, 9))
	wantError(t, "power", err, graph.ErrShape, "")
}
