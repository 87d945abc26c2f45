package audio

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// TestToMel: 1000 Hz are 1000 mel by definition, and 0 is 0.
func TestToMel(t *testing.T) {
	near(t, "1000 Hz", ToMel(1000), 1000, 0.02)
	near(t, "0 Hz", ToMel(0), 0, 0)
	for _, hz := range []float64{0, 50, 440, 3999} {
		near(t, "back", FromMel(ToMel(hz)), hz, 1e-9)
	}
}

// TestCentres compares with centres computed by hand for 4 bands up to 4000 Hz: 2146.06 mel in 5 steps.
func TestCentres(t *testing.T) {
	m, err := NewMel(MelConfig{Rate: 8000, Size: 256, Bands: 4})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{324.5, 799.3, 1494.4, 2511.4} {
		near(t, "centre", m.Centres()[i], want, 0.1)
	}
}

// TestSinusoidByBand: a tone at a centre is loudest in its own band, and its power lies in that and its neighbours.
func TestSinusoidByBand(t *testing.T) {
	s := STFT{Length: 400, Hop: 160, Size: 1024}
	m, err := NewMel(MelConfig{Rate: 16000, Size: 1024, Bands: 24, Low: 100, High: 7500})
	if err != nil {
		t.Fatal(err)
	}
	for band, hz := range m.Centres() {
		e, err := m.Apply(transform(t, s, tone(16000, 4000, hz, 0.5)).Power())
		if err != nil {
			t.Fatal(err)
		}
		row := e.Rows(10, 11).F32
		for other, v := range row {
			if other != band && v >= row[band] {
				t.Errorf("%v Hz: band %d has %v, band %d %v", hz, band, row[band], other, v)
			}
			if d := other - band; band > 6 && (d < -1 || d > 1) && v > 1e-3*row[band] {
				t.Errorf("%v Hz, of band %d: band %d has %v of %v", hz, band, other, v, row[band])
			}
		}
	}
}

// TestPartition: between the first and the last centre the triangles sum to 1, so that no power is lost.
func TestPartition(t *testing.T) {
	cfg := MelConfig{Rate: 8000, Size: 512, Bands: 10, Low: 200, High: 3000}
	m, err := NewMel(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := m.Centres()
	for f := range 257 {
		hz := float64(f) * 8000 / 512
		power := graph.Floats32(make([]float32, 257), 1, 257)
		power.F32[f] = 1
		e, err := m.Apply(power)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, v := range e.F32 {
			sum += float64(v)
		}
		switch {
		case hz >= c[0] && hz <= c[9]:
			near(t, "sum", sum, 1, 1e-6)
		case hz <= 200 || hz >= 3000:
			near(t, "outside", sum, 0, 1e-6)
		}
	}
}

func TestMelErrors(t *testing.T) {
	for name, c := range map[string]MelConfig{
		"rate": {Size: 256, Bands: 20}, "size": {Rate: 8000, Bands: 20}, "odd": {Rate: 8000, Size: 255, Bands: 20}, "bands": {Rate: 8000, Size: 256},
		"low": {Rate: 8000, Size: 256, Bands: 20, Low: -1}, "high": {Rate: 8000, Size: 256, Bands: 20, High: 4001}, "NaN": {Rate: 8000, Size: 256, Bands: 20, Low: math.NaN()},
		"empty": {Rate: 8000, Size: 256, Bands: 20, Low: 2000, High: 1000}, "narrow": {Rate: 8000, Size: 256, Bands: 128}, "huge": {Rate: 8000, Size: 256, Bands: 1 << 40},
	} {
		_, err := NewMel(c)
		wantError(t, name, err, data.ErrConfig, "band")
	}
	m, err := NewMel(MelConfig{Rate: 8000, Size: 256, Bands: 20})
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Apply(graph.Floats32(make([]float32, 128), 1, 128))
	wantError(t, "bins", err, graph.ErrShape, "129")
	_, err = m.Apply(graph.Array{})
	wantError(t, "absent", err, graph.ErrShape, "")
}
