package rbm

import (
	"context"
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// TestComplete compares the frequencies of completions with the exact conditional probabilities.
func TestComplete(t *testing.T) {
	m := tiny(t, Config{Steps: 1}, graph.Float32)
	const n = 20000
	rows := make([]float64, 0, 4*n)
	for range n {
		rows = append(rows, 1, math.NaN(), 0, 7) // units 1 and 3 are missing
	}
	v, known := graph.Floats64(rows, n, 4), graph.Floats64([]float64{1, 0, 1, 0}, 4)
	states, means, err := m.Complete(context.Background(), graph.NewKey(6), v, known, 40)
	if err != nil {
		t.Fatal(err)
	}
	p := bruteWeights(m)
	var count, want [4]float64
	z, mean := 0.0, 0.0
	for s := range want {
		want[s] = p[1+2*(s&1)+8*(s>>1)]
		z += want[s]
	}
	for r := range n {
		x := states.F32[4*r : 4*r+4]
		if x[0] != 1 || x[2] != 0 || means.F32[4*r] != 1 {
			t.Fatalf("known elements have become %v", x)
		}
		count[int(x[1])+2*int(x[3])]++
		mean += float64(means.F32[4*r+1]) / n
	}
	for s, q := range want {
		if d := math.Abs(count[s]/n - q/z); d > 6*math.Sqrt(q/z/n) {
			t.Errorf("state %d: frequency %g, probability %g", s, count[s]/n, q/z)
		}
	}
	if q := (want[1] + want[3]) / z; math.Abs(mean-q) > 0.02 {
		t.Errorf("mean of the means %g, probability %g", mean, q)
	}
}

func TestCompleteOfUnits(t *testing.T) {
	for _, cfg := range kinds {
		m := machine(t, cfg, graph.Float32)
		v := states(m, 300)
		known := make([]float64, cfg.Visible)
		for i := range max(1, cfg.Categories) {
			known[i] = 1
		}
		got, _, err := m.Complete(context.Background(), graph.NewKey(1), v, graph.Floats64(known, cfg.Visible), 2)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.examples(got); err != nil {
			t.Error(cfg.kind(), err)
		}
		for r := range 300 {
			if at := r * cfg.Visible; math.Abs(got.At(at)-v.At(at)) > 1e-7*math.Abs(v.At(at)) {
				t.Fatalf("%s: a known element went from %v to %v", cfg.kind(), v.At(at), got.At(at))
			}
		}
	}
}

func TestCompleteRefuses(t *testing.T) {
	m := machine(t, Config{Visible: 4, Hidden: 2, VisibleUnits: Softmax, Categories: 2}, graph.Float32)
	v := graph.Floats32([]float32{0, 1, 1, 0}, 1, 4)
	for name, c := range map[string]struct {
		known []float64
		steps int
		err   error
	}{
		"no steps":       {[]float64{1, 1, 0, 0}, 0, ErrConfig},
		"half a group":   {[]float64{1, 0, 0, 0}, 1, graph.ErrRange},
		"neither":        {[]float64{0.5, 0.5, 0, 0}, 1, graph.ErrRange},
		"another length": {[]float64{1, 1}, 1, graph.ErrShape},
	} {
		known := graph.Floats64(c.known, len(c.known))
		if _, _, err := m.Complete(context.Background(), graph.Key{}, v, known, c.steps); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := graph.Floats32([]float32{1, 1, 1, 0}, 1, 4)
	if _, _, err := m.Complete(context.Background(), graph.Key{}, bad, graph.Floats64([]float64{1, 1, 0, 0}, 4), 1); !errors.Is(err, graph.ErrRange) {
		t.Error("a known group with two ones is taken:", err)
	}
}
