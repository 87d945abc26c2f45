package rbm

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/pkg/errors"
)

func TestUnitsEnergies(t *testing.T) {
	for _, cfg := range kinds {
		m := machine(t, cfg, graph.Float64)
		v := states(m, 3)
		h, err := m.SampleHidden(graph.NewKey(1), v)
		if err != nil {
			t.Fatal(err)
		}
		e, err := m.Energy(v, h)
		if err != nil {
			t.Fatal(err)
		}
		f, err := m.FreeEnergy(v)
		if (cfg.HiddenUnits == Rectified) != errors.Is(err, ErrConfig) {
			t.Fatal(cfg.kind(), err)
		}
		for r := range 3 {
			row := v.F64[r*cfg.Visible : (r+1)*cfg.Visible]
			near(t, cfg.kind()+" energy", e.At(r), generalEnergy(m, row, h.F64[r*cfg.Hidden:(r+1)*cfg.Hidden]), 1e-12)
			if cfg.HiddenUnits == Rectified {
				continue
			}
			p := integral(cfg.HiddenUnits, cfg.Hidden, 0, func(h []float64) float64 { return math.Exp(-generalEnergy(m, row, h)) })
			near(t, cfg.kind()+" free energy", f.At(r), -math.Log(p), 1e-9)
		}
		if cfg.HiddenUnits == Rectified || cfg.VisibleUnits == Softmax && cfg.HiddenUnits == Gaussian {
			if _, err := m.LogZ(context.Background()); !errors.Is(err, ErrConfig) {
				t.Error(cfg.kind(), err)
			}
			continue
		}
		logZ, err := m.LogZ(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		z := integral(cfg.VisibleUnits, cfg.Visible, cfg.Categories, func(v []float64) float64 {
			return integral(cfg.HiddenUnits, cfg.Hidden, 0, func(h []float64) float64 { return math.Exp(-generalEnergy(m, v, h)) })
		})
		near(t, cfg.kind()+" log Z", logZ, math.Log(z), 1e-9)
	}
}

// TestUnitsExpectation compares the mean gradient of long chains with central differences of the exact
// likelihood, by every parameter.
func TestUnitsExpectation(t *testing.T) {
	const batches, n = 20, 500
	for _, cfg := range kinds {
		if cfg.HiddenUnits == Rectified || cfg.VisibleUnits == Softmax && cfg.HiddenUnits == Gaussian {
			continue // no exact log Z
		}
		cfg.Steps = 30
		m := machine(t, cfg, graph.Float64)
		b := data.Batch{N: n, X: states(m, n)}
		var sum, square []float64
		for i := range batches {
			if _, err := m.Gradient(graph.NewKey(2).At(uint64(i)), b); err != nil {
				t.Fatal(err)
			}
			_, g := graph.Slab[float64](m.params)
			if sum == nil {
				sum, square = make([]float64, len(g)), make([]float64, len(g))
			}
			for j, x := range g {
				sum[j] += x / batches
				square[j] += x * x / batches
			}
		}
		w, _ := graph.Slab[float64](m.params)
		for j := range w {
			x := w[j]
			w[j] = x + 1e-5
			want := nll(t, m, b.X)
			w[j] = x - 1e-5
			want = (want - nll(t, m, b.X)) / 2e-5
			w[j] = x
			if bound := 5*math.Sqrt(max(square[j]-sum[j]*sum[j], 0)/batches) + 1e-6; math.Abs(sum[j]-want) > bound || bound > 0.1 {
				t.Errorf("%s: number %d: gradient %g, exactly %g, within %g", cfg.kind(), j, sum[j], want, bound)
			}
		}
	}
}

// nll is the exact mean of -log p(v).
func nll(t *testing.T, m *Model, v graph.Array) float64 {
	t.Helper()
	logZ, err := m.LogZ(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	logp, err := m.LogLikelihood(v, logZ)
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for _, x := range logp.F64 {
		total -= x / float64(logp.Len())
	}
	return total
}

// TestRectifiedStatistics compares the gradient of rectified units with the statistics, of means written
// out with the error function.
func TestRectifiedStatistics(t *testing.T) {
	cfg := Config{Visible: 4, Hidden: 3, HiddenUnits: Rectified, Steps: 2, Chains: 3}
	m := machine(t, cfg, graph.Float64)
	b := binary(5, 4)
	if _, err := m.Gradient(graph.NewKey(2), b); err != nil {
		t.Fatal(err)
	}
	want := make([]float64, 12)
	add := func(v graph.Array, scale float64) {
		w, c := m.values("w"), m.values("c")
		for r := range v.Shape[0] {
			for j := range 3 {
				x := c[j]
				for i := range 4 {
					x += v.At(r*4+i) * w[i*3+j]
				}
				for i := range 4 {
					want[i*3+j] += scale / float64(v.Shape[0]) * v.At(r*4+i) * meanRectified(x)
				}
			}
		}
	}
	add(b.X, -1)
	add(m.params.Lookup("chains").Value(), 1)
	for i, x := range want {
		near(t, "weight", m.params.Lookup("w").Grad().F64[i], x, 1e-9)
	}
}

func meanRectified(x float64) float64 {
	s := math.Sqrt(sigmoid(x))
	return x*normalCDF(x/s) + s*math.Exp(-x*x/(2*s*s))/math.Sqrt(2*math.Pi)
}

func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func TestUnitsObjective(t *testing.T) {
	for _, cfg := range kinds {
		for _, change := range []func(*Config){func(*Config) {}, func(c *Config) { c.Chains = 5 }, func(c *Config) { c.VisibleMeans = true }} {
			change(&cfg)
			m := machine(t, cfg, graph.Float32)
			if err := graphtest.CheckObjective(m, func(n int) data.Batch { return data.Batch{N: n, X: states(m, n)} }, 1, 2, 7); err != nil {
				t.Errorf("%s: %v", cfg.kind(), err)
			}
			if got, err := m.Evaluate(graph.NewKey(1), data.Batch{N: 7, X: states(m, 7)}); err != nil || !(got["loss"] > 0) {
				t.Errorf("%s: %v %v", cfg.kind(), got, err)
			}
		}
	}
}

// TestUnitsFiles saves and loads a machine of every kind.
func TestUnitsFiles(t *testing.T) {
	for _, cfg := range kinds {
		cfg.Chains = 3
		m := machine(t, cfg, graph.Float32)
		path := t.TempDir() + "/m.safetensors"
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		loaded, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if loaded.cfg != m.cfg {
			t.Errorf("%+v came back as %+v", m.cfg, loaded.cfg)
		}
		want, err1 := m.Sample(context.Background(), graph.NewKey(1), 5, 2, 1)
		got, err2 := loaded.Sample(context.Background(), graph.NewKey(1), 5, 2, 1)
		if err1 != nil || err2 != nil || !slices.Equal(want.F32, got.F32) {
			t.Errorf("%s: samples of a loaded model differ (%v, %v)", cfg.kind(), err1, err2)
		}
	}
}
