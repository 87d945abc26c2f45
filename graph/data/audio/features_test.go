package audio

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

func TestLogExp(t *testing.T) {
	p := graph.Floats32([]float32{0, 1, 1e-3, 400, -1}, 1, 5)
	l, err := Log(p)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "of 1", float64(l.F32[1]), 0, 1e-6)
	near(t, "of 0", float64(l.F32[0]), -8*math.Ln10, 1e-5)
	near(t, "of less", float64(l.F32[4]), -8*math.Ln10, 1e-5)
	back, err := Exp(l)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range back.F32[:4] {
		near(t, "back", float64(v), float64(p.F32[i]), 1e-8+1e-5*float64(p.F32[i]))
	}
}

// TestCepstra: the transform is orthonormal, so that all coefficients keep sums of squares; one cosine over the
// bands is one coefficient; a louder frame differs in coefficient 0 alone.
func TestCepstra(t *testing.T) {
	const bands = 12
	x := graph.Floats32(noise(1, 3*bands), 3, bands)
	c, err := Cepstra(x, bands)
	if err != nil {
		t.Fatal(err)
	}
	for frame := range 3 {
		near(t, "sum of squares", energy(c.Rows(frame, frame+1).F32), energy(x.Rows(frame, frame+1).F32), 1e-4)
	}
	for k := range bands {
		for j := range bands {
			x.F32[j] = float32(math.Cos(math.Pi * float64(k) * (float64(j) + 0.5) / bands))
		}
		c, err := Cepstra(x.Rows(0, 1), 7)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range c.F32 {
			want := 0.0
			if i == k {
				want = math.Sqrt(bands / 2.0)
				if k == 0 {
					want = math.Sqrt(bands)
				}
			}
			near(t, "cosine", float64(v), want, 1e-5)
		}
	}
}

// TestDeltas: features that are lines and parabolas in time have slopes that are known; a line fitted by least
// squares to t^2 over -k to k has the slope 2t.
func TestDeltas(t *testing.T) {
	const frames = 30
	a := graph.Floats32(make([]float32, 2*frames), frames, 2)
	for i := range frames {
		a.F32[2*i], a.F32[2*i+1] = float32(3*i), float32(i*i)
	}
	for _, k := range []int{1, 2, 4} {
		d, err := Deltas(a, k)
		if err != nil {
			t.Fatal(err)
		}
		for i := k; i < frames-k; i++ {
			near(t, "line", float64(d.F32[2*i]), 3, 1e-4)
			near(t, "parabola", float64(d.F32[2*i+1]), 2*float64(i), 1e-3)
		}
	}
	all, err := WithDeltas(a)
	if err != nil || all.Shape[1] != 6 {
		t.Fatal(all.Shape, err)
	}
	row := all.Rows(15, 16).F32
	for j, want := range []float64{45, 225, 3, 30, 0, 2} {
		near(t, "with deltas", float64(row[j]), want, 1e-3)
	}
	one, err := Deltas(a.Rows(7, 8), 2)
	if err != nil || one.F32[0] != 0 {
		t.Error("one frame:", one, err)
	}
}

func TestCentred(t *testing.T) {
	c, err := Centred(graph.Floats32([]float32{1, 10, 3, 30, 5, 80}, 3, 2))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{-2, -30, 0, -10, 2, 40} {
		near(t, "centred", float64(c.F32[i]), want, 1e-5)
	}
}

func TestFeatureErrors(t *testing.T) {
	good := graph.Floats32(make([]float32, 6), 2, 3)
	for name, f := range map[string]func(graph.Array) error{
		"log":     func(a graph.Array) error { _, err := Log(a); return err },
		"exp":     func(a graph.Array) error { _, err := Exp(a); return err },
		"cepstra": func(a graph.Array) error { _, err := Cepstra(a, 1); return err },
		"deltas":  func(a graph.Array) error { _, err := WithDeltas(a); return err },
		"centred": func(a graph.Array) error { _, err := Centred(a); return err },
		"windows": func(a graph.Array) error { _, err := Context(a, 1); return err },
		"first":   func(a graph.Array) error { _, err := LogSpectralDistance(a, good); return err },
		"second":  func(a graph.Array) error { _, err := LogSpectralDistance(good, a); return err },
	} {
		if err := f(good); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wantError(t, name, f(graph.Array{}), graph.ErrShape, "")
		wantError(t, name, f(graph.Floats32(make([]float32, 6), 6)), graph.ErrShape, "[6]")
		wantError(t, name, f(graph.Floats32(nil, 0, 3)), graph.ErrShape, "")
		wantError(t, name, f(graph.Ints(make([]int, 6), 2, 3)), graph.ErrType, "float32")
		wantError(t, name, f(graph.Floats32(make([]float32, 5), 2, 3)), graph.ErrShape, "")
	}
	for _, n := range []int{0, 4} {
		_, err := Cepstra(good, n)
		wantError(t, "cepstra", err, data.ErrConfig, "3 bands")
	}
	_, err := Deltas(good, 0)
	wantError(t, "deltas", err, data.ErrConfig, "0 frames")
}
