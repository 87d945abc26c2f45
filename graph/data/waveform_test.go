package data

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
)

// waves is n sums of two sinusoids of t samples, of a and b whole periods, the first louder by the example's number.
func waves(n, t, a, b int) graph.Array {
	x := make([]float32, n*t)
	for i := range x {
		at := 2 * math.Pi * float64(i%t) / float64(t)
		x[i] = float32(float64(1+i/t)*math.Sin(float64(a)*at) + 0.5*math.Cos(float64(b)*at))
	}
	return graph.Floats32(x, n, t)
}

func TestSNR(t *testing.T) {
	const n, length = 4, 20000
	src := waves(n, length, 30, 700)
	for _, db := range []float64{-10, 0, 5, 40} {
		got := corrupt(t, SNR{db}, graph.NewKey(3), src)
		for e := range n {
			signal, noise, product := 0.0, 0.0, 0.0
			for i := e * length; i < (e+1)*length; i++ {
				s, d := float64(src.F32[i]), float64(got[i])-float64(src.F32[i])
				signal, noise, product = signal+s*s, noise+d*d, product+s*d
			}
			// The standard error of the noise's power is sqrt(2/length) of it: 0.043 dB.
			if r := 10 * math.Log10(signal/noise); math.Abs(r-db) > 0.22 {
				t.Errorf("example %d: %v dB, want %v", e, r, db)
			}
			if c := product / math.Sqrt(signal*noise); math.Abs(c) > 5/math.Sqrt(length) {
				t.Errorf("example %d at %v dB: noise correlates with the signal: %v", e, db, c)
			}
		}
	}
	silence := graph.Floats32(make([]float32, 10), 2, 5)
	for _, v := range corrupt(t, SNR{0}, graph.NewKey(1), silence) {
		if v != 0 {
			t.Errorf("silence became %v", v)
		}
	}
}

// TestPass keeps one of two sinusoids, also at odd and prime lengths.
func TestPass(t *testing.T) {
	for _, length := range []int{64, 100, 101} {
		src := waves(3, length, 5, 20)
		middle := 12 / float64(length)
		for _, c := range []struct {
			c         Corruption
			low, high float64 // what remains of the sinusoids
		}{
			{LowPass{middle}, 1, 0}, {HighPass{middle}, 0, 1}, {LowPass{0.5}, 1, 1}, {HighPass{0}, 1, 1},
			{LowPass{0}, 0, 0}, {HighPass{0.5}, 0, 0},
			{Chain{LowPass{21 / float64(length)}, HighPass{19 / float64(length)}}, 0, 1},
		} {
			got := corrupt(t, c.c, graph.Key{}, src)
			for i, v := range got {
				at := 2 * math.Pi * float64(i%length) / float64(length)
				want := c.low*float64(1+i/length)*math.Sin(5*at) + c.high*0.5*math.Cos(20*at)
				if math.Abs(float64(v)-want) > 1e-6 {
					t.Fatalf("%s of %d samples: sample %d is %v, want %v", c.c, length, i, v, want)
				}
			}
		}
	}
}

// TestWaveformKeys: filters draw nothing, noise is of the key.
func TestWaveformKeys(t *testing.T) {
	src := waves(2, 50, 3, 9)
	for _, c := range []struct {
		c    Corruption
		same bool
	}{{LowPass{0.1}, true}, {HighPass{0.1}, true}, {SNR{10}, false}} {
		a, b := corrupt(t, c.c, graph.NewKey(1), src), corrupt(t, c.c, graph.NewKey(2), src)
		again := corrupt(t, c.c, graph.NewKey(1), src)
		equal, repeated := true, true
		for i := range a {
			equal, repeated = equal && a[i] == b[i], repeated && a[i] == again[i]
		}
		if equal != c.same || !repeated {
			t.Errorf("%s: another key gives equal bits: %v; the same key: %v", c.c, equal, repeated)
		}
	}
}

func TestWaveformErrors(t *testing.T) {
	src := waves(2, 50, 3, 9)
	for _, c := range []Corruption{SNR{-101}, SNR{math.NaN()}, LowPass{0.6}, LowPass{-1}, HighPass{0.6}, HighPass{math.NaN()}} {
		wantError(t, c.String(), c.Corrupt(graph.Key{}, newLike(src, 2), src), ErrConfig, "expected")
	}
	for _, c := range []Corruption{SNR{5}, LowPass{0.2}, HighPass{0.2}} {
		wantError(t, c.String(), c.Corrupt(graph.Key{}, src, src), graph.ErrShape, "same memory")
		wantError(t, c.String(), c.Corrupt(graph.Key{}, newLike(src, 1), src), graph.ErrShape, "must be equal")
		if p, err := ParseCorruption(c.String()); err != nil || p != c {
			t.Errorf("%s is read as %v, %v", c, p, err)
		}
	}
	for text, say := range map[string]string{"snr:200": "-100 to 100", "lowpass:0.7": "0 to 0.5", "highpass:x": `"x"`} {
		_, err := ParseCorruption(text)
		wantError(t, text, err, ErrConfig, say)
	}
}
