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
	hidden, err := enumerate(context.Background(), rows, m.values("c"), m.values("b"), sumSoftplus)
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

// TestAISOfUnits anneals machines of all units both ways, from exact samples on the way back, and compares
// with the exact log Z.
func TestAISOfUnits(t *testing.T) {
	ctx := context.Background()
	for _, cfg := range append([]Config{{Visible: 10, Hidden: 8}}, kinds...) {
		m := machine(t, cfg, graph.Float32)
		exact, err := m.LogZ(ctx)
		settings := AISConfig{Chains: 200, Temperatures: 200, Mean: m.average(states(m, 50))}
		if errors.Is(err, ErrConfig) {
			if _, err := m.AIS(ctx, graph.Key{}, settings); cfg.HiddenUnits == Rectified && !errors.Is(err, ErrConfig) {
				t.Error(cfg.kind(), err)
			}
			continue
		}
		forward, err1 := m.AIS(ctx, graph.NewKey(1), settings)
		samples, err2 := m.Sample(ctx, graph.NewKey(2), settings.Chains, 100, 1)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		back, err := m.ReverseAIS(ctx, graph.NewKey(3), settings, samples)
		if err != nil {
			t.Fatal(err)
		}
		for way, got := range map[string]AISResult{"forward": forward, "reverse": back} {
			if math.Abs(got.LogZ-exact) > 4*got.StdErr || got.StdErr > 0.1 {
				t.Errorf("%s, %s: log Z %g +- %g, want %g", cfg.kind(), way, got.LogZ, got.StdErr, exact)
			}
		}
		if _, err := m.ReverseAIS(ctx, graph.Key{}, settings, samples.Rows(0, 3)); !errors.Is(err, graph.ErrShape) {
			t.Error(err)
		}
	}
}

// TestReverseAISLiesAbove takes so few temperatures that the two ways differ: they enclose log Z.
func TestReverseAISLiesAbove(t *testing.T) {
	ctx := context.Background()
	m := machine(t, Config{Visible: 10, Hidden: 8}, graph.Float32)
	spread(t, m, 1.2)
	exact, err := m.LogZ(ctx)
	if err != nil {
		t.Fatal(err)
	}
	settings := AISConfig{Chains: 5, Temperatures: 3}
	forward, back := 0.0, 0.0
	const runs = 40
	for i := range runs {
		f, err1 := m.AIS(ctx, graph.NewKey(1).ForkN(i), settings)
		samples, err2 := m.Sample(ctx, graph.NewKey(2).ForkN(i), settings.Chains, 200, 1)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		r, err := m.ReverseAIS(ctx, graph.NewKey(3).ForkN(i), settings, samples)
		if err != nil {
			t.Fatal(err)
		}
		forward, back = forward+f.LogZ/runs, back+r.LogZ/runs
	}
	if !(forward < exact-0.1 && exact+0.1 < back) {
		t.Errorf("forward %g, reverse %g do not enclose %g", forward, back, exact)
	}
}

// average is the mean of examples (n, d).
func (m *Model) average(v graph.Array) []float64 {
	mean := make([]float64, m.cfg.Visible)
	for i := range v.Len() {
		mean[i%len(mean)] += v.At(i) / float64(v.Shape[0])
	}
	return mean
}
