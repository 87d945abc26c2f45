package rbm

import (
	"context"
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

func TestExactAgainstBruteForce(t *testing.T) {
	for _, shape := range [][2]int{{4, 3}, {3, 4}, {1, 1}, {14, 2}, {2, 14}} {
		m, err := newModel(Config{Visible: shape[0], Hidden: shape[1], Steps: 1}, graph.Float64)
		if err != nil {
			t.Fatal(err)
		}
		spread(t, m, 1)
		z := 0.0
		for s, p := range bruteWeights(m) {
			z += p
			v := graph.Floats64(bits(s, shape[0]), 1, shape[0])
			f, err := m.FreeEnergy(v)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "free energy", f.At(0), -math.Log(p), 1e-12)
		}
		logZ, err := m.LogZ(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		near(t, "log Z", logZ, math.Log(z), 1e-12)
	}
}

// TestEnumerateBlocks enumerates either side of a machine whose smaller one takes several blocks.
func TestEnumerateBlocks(t *testing.T) {
	m, err := New(Config{Visible: 13, Hidden: 14, Steps: 1, InitStd: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	spread(t, m, 0.5)
	visible, err := m.LogZ(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	w := m.values("w")
	rows := make([]float64, len(w))
	for i, v := range w {
		rows[i%14*13+i/14] = v
	}
	hidden, err := enumerate(context.Background(), rows, m.values("c"), m.values("b"))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log Z by hidden states", hidden, visible, 1e-12)
}

func TestAIS(t *testing.T) {
	m, err := New(Config{Visible: 12, Hidden: 10, Steps: 1})
	if err != nil {
		t.Fatal(err)
	}
	spread(t, m, 0.7)
	exact, err := m.LogZ(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	mean := []float64{0, 1, 0.5, 0.1, 0.9, 0.3, 0.2, 0.6, 0.7, 0.4, 0.5, 0.5}
	for _, cfg := range []AISConfig{{Chains: 100, Temperatures: 500}, {Chains: 100, Temperatures: 500, Mean: mean}} {
		got, err := m.AIS(context.Background(), graph.NewKey(1), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.LogZ-exact) > 3*got.StdErr || got.StdErr > 0.1 {
			t.Errorf("log Z %g +- %g, want %g", got.LogZ, got.StdErr, exact)
		}
	}
	for _, cfg := range []AISConfig{{}, {Chains: 1, Temperatures: 5}, {Chains: 5}} {
		if _, err := m.AIS(context.Background(), graph.Key{}, cfg); !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	if _, err := m.AIS(context.Background(), graph.Key{}, AISConfig{Chains: 2, Temperatures: 1, Mean: mean[1:]}); !errors.Is(err, graph.ErrShape) {
		t.Error(err)
	}
}
