package audio

import (
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

func TestMix(t *testing.T) {
	clean := tone(8000, 2000, 300, 0.3)
	for name, n := range map[string]int{"longer": 9000, "equal": 2000, "shorter": 700} {
		other := noise(5, n)
		for _, db := range []float64{-5, 0, 10, 60} {
			x, err := Mix(graph.NewKey(1), clean, other, db)
			if err != nil {
				t.Fatal(err)
			}
			r, err := SNR(clean, x)
			if err != nil {
				t.Fatal(err)
			}
			near(t, name, r, db, 0.05)
			// What was added is a part of the noise, scaled.
			if db == 0 {
				added, start := make([]float64, len(x)), -1
				for i := range x {
					added[i] = float64(x[i]) - float64(clean[i])
				}
				for s := range n {
					if math.Abs(added[0]*float64(other[(s+1)%n])-added[1]*float64(other[s])) < 1e-6 &&
						math.Abs(added[0]*float64(other[(s+2)%n])-added[2]*float64(other[s])) < 1e-6 {
						start = s
					}
				}
				if start < 0 || n <= 2000 && start != 0 {
					t.Errorf("%s: noise from %d", name, start)
				}
			}
		}
	}
	long := noise(5, 9000)
	a, _ := Mix(graph.NewKey(1), clean, long, 0)
	b, _ := Mix(graph.NewKey(2), clean, long, 0)
	again, _ := Mix(graph.NewKey(1), clean, long, 0)
	if slices.Equal(a, b) || !slices.Equal(a, again) {
		t.Error("the part of the noise is not one of the key")
	}
}

func TestSNR(t *testing.T) {
	clean := []float32{1, -1, 1, -1}
	r, err := SNR(clean, []float32{1.1, -1, 1, -1.1}) // energies 4 and 0.02
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ratio", r, 10*math.Log10(200), 1e-4)
	if r, err := SNR(clean, clean); err != nil || !math.IsInf(r, 1) {
		t.Error(r, err)
	}
}

func TestSegmentalSNR(t *testing.T) {
	clean := []float32{1, 1, 1, 1, 2, 2, 0, 0, 5}
	x := []float32{2, 2, 1, 1, 2.2, 2.2, 9, 9, 9} // 0 dB; without difference, 35; 20; silence and a rest that do not count
	r, err := SegmentalSNR(clean, x, 2)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", r, (0+35+20)/3.0, 1e-4)
	r, err = SegmentalSNR([]float32{1}, []float32{100}, 1)
	if err != nil || r != -10 {
		t.Error(r, err)
	}
}

// TestLogSpectralDistance: twice the amplitude is 6.02 dB everywhere.
func TestLogSpectralDistance(t *testing.T) {
	s := STFT{Length: 64, Hop: 32}
	x := noise(1, 600)
	y := slices.Clone(x)
	for i := range y {
		y[i] *= 2
	}
	a, err := Log(transform(t, s, x).Power())
	if err != nil {
		t.Fatal(err)
	}
	b, err := Log(transform(t, s, y).Power())
	if err != nil {
		t.Fatal(err)
	}
	d, err := LogSpectralDistance(a, b)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "distance", d, 20*math.Log10(2), 1e-3)
	if d, err := LogSpectralDistance(a, a); err != nil || d != 0 {
		t.Error(d, err)
	}
	// Roots of means: 3 and 4 nepers over two frequencies in the one frame, none in the other.
	d, err = LogSpectralDistance(graph.Floats32([]float32{3, 4, 0, 0}, 2, 2), graph.Floats32(make([]float32, 4), 2, 2))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "distance", d, 10/math.Ln10*math.Sqrt(12.5)/2, 1e-6)
}

func TestNoiseErrors(t *testing.T) {
	one, silent := []float32{1, 1}, []float32{0, 0}
	for name, c := range map[string]struct {
		clean, noise []float32
		db           float64
		want         error
	}{
		"no wave": {nil, one, 0, data.ErrEmpty}, "no noise": {one, nil, 0, data.ErrEmpty}, "silent wave": {silent, one, 0, data.ErrConfig},
		"silent noise": {one, silent, 0, data.ErrConfig}, "NaN": {one, one, math.NaN(), data.ErrConfig}, "loud": {one, one, -101, data.ErrConfig},
	} {
		_, err := Mix(graph.Key{}, c.clean, c.noise, c.db)
		wantError(t, name, err, c.want, "")
	}
	_, err := SNR(one, one[:1])
	wantError(t, "lengths", err, graph.ErrShape, "2 and 1")
	_, err = SNR(nil, nil)
	wantError(t, "empty", err, graph.ErrShape, "")
	for _, segment := range []int{0, 3} {
		_, err = SegmentalSNR(one, one, segment)
		wantError(t, "segment", err, graph.ErrShape, "segment")
	}
	_, err = SegmentalSNR(silent, one, 1)
	wantError(t, "silence", err, data.ErrConfig, "silent")
	_, err = LogSpectralDistance(graph.Floats32(one, 1, 2), graph.Floats32(one, 2, 1))
	wantError(t, "shapes", err, graph.ErrShape, "[2 1]")
}
