package rbm

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/data"
	"github.com/pkg/errors"
)

func TestBadInput(t *testing.T) {
	good := Config{Visible: 4, Hidden: 3, Steps: 1}
	for _, change := range []func(*Config){
		func(c *Config) { c.Visible = 0 }, func(c *Config) { c.Hidden = -1 }, func(c *Config) { c.Steps = 0 },
		func(c *Config) { c.Chains = -1 }, func(c *Config) { c.Centring = 1.5 }, func(c *Config) { c.InitStd = math.NaN() },
		func(c *Config) { c.Visible, c.Hidden = maxUnits, maxUnits },
		func(c *Config) { c.VisibleUnits = Rectified }, func(c *Config) { c.HiddenUnits = Softmax }, func(c *Config) { c.VisibleUnits = 7 },
		func(c *Config) { c.VisibleUnits, c.Categories = Softmax, 3 }, func(c *Config) { c.VisibleUnits, c.Categories = Softmax, 1 },
		func(c *Config) { c.Categories = 2 }, func(c *Config) { c.Std = 1 }, func(c *Config) { c.LearnStd = true },
		func(c *Config) { c.VisibleUnits, c.Std = Gaussian, -1 }, func(c *Config) { c.VisibleUnits, c.Std = Gaussian, math.Inf(1) },
		func(c *Config) { c.Temperatures = 5 }, func(c *Config) { c.Temperatures, c.Chains = 1, 5 },
		func(c *Config) { c.Temperatures, c.Chains, c.HiddenUnits = 5, 5, Gaussian },
		func(c *Config) { c.SparsityTarget = 0.1 }, func(c *Config) { c.SparsityCost = 1 }, func(c *Config) { c.SparsityTarget, c.SparsityCost = 1, 1 },
		func(c *Config) { c.SparsityTarget, c.SparsityCost, c.SparsityDecay = 0.1, 1, 1 },
		func(c *Config) { c.SparsityTarget, c.SparsityCost, c.HiddenUnits = 0.1, 1, Rectified },
		func(c *Config) { c.HiddenUnits, c.Centring = Gaussian, 0.1 }, func(c *Config) { c.InitStd, c.InitUniform = 1, true },
		func(c *Config) { c.Normalizer = &data.Normalizer{Shift: make([]float32, 3), Scale: []float32{1, 1, 1}} },
	} {
		cfg := good
		change(&cfg)
		if _, err := New(cfg); !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	m := tiny(t, good, graph.Float32)
	for _, bad := range []float32{-0.1, 1.5, float32(math.NaN()), float32(math.Inf(1))} {
		x := graph.Floats32([]float32{0, 1, bad, 0}, 1, 4)
		_, err := m.Gradient(graph.Key{}, data.Batch{N: 1, X: x})
		_, err2 := m.Transform(x)
		if err == nil || err2 == nil {
			t.Errorf("%g is taken", bad)
		}
	}
	groups := machine(t, Config{Visible: 4, Hidden: 2, VisibleUnits: Softmax, Categories: 2}, graph.Float32)
	for _, bad := range [][]float32{{0, 0, 1, 0}, {1, 1, 0, 1}, {0, 1, 0.5, 0.5}, {1, 0, float32(math.NaN()), 1}} {
		x := graph.Floats32(bad, 1, 4)
		_, err := groups.Gradient(graph.Key{}, data.Batch{N: 1, X: x})
		_, err2 := groups.FreeEnergy(x)
		if !errors.Is(err, graph.ErrRange) || !errors.Is(err2, graph.ErrRange) {
			t.Errorf("%v is taken for one-hot groups: %v, %v", bad, err, err2)
		}
	}
	if _, err := m.VisibleMean(graph.Floats32([]float32{0, 2, 0}, 1, 3)); !errors.Is(err, graph.ErrRange) {
		t.Error(err)
	}
	if _, err := m.Reconstruct(graph.Floats32(make([]float32, 6), 2, 3)); !errors.Is(err, graph.ErrShape) {
		t.Error(err)
	}
	if m.InitVisible([]float64{0, 1, 2, 0}) == nil || m.InitVisible(nil) == nil {
		t.Error("a wrong mean is taken")
	}
	wide, err := New(Config{Visible: 26, Hidden: 26, Steps: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wide.LogZ(context.Background()); !errors.Is(err, ErrConfig) {
		t.Error(err)
	}
}

// TestSample compares the frequencies of samples with the exact probabilities.
func TestSample(t *testing.T) {
	m := tiny(t, Config{Steps: 1}, graph.Float32)
	const n = 20000
	x, err := m.Sample(context.Background(), graph.NewKey(6), n, 50, 5)
	if err != nil {
		t.Fatal(err)
	}
	count := make([]float64, 16)
	for r := range n {
		s := 0
		for i := range 4 {
			s |= int(x.F32[r*4+i]) << i
		}
		count[s]++
	}
	p := bruteWeights(m)
	z := 0.0
	for _, q := range p {
		z += q
	}
	for s, q := range p {
		if d := math.Abs(count[s]/n - q/z); d > 6*math.Sqrt(q/z/n) {
			t.Errorf("state %d: frequency %g, probability %g", s, count[s]/n, q/z)
		}
	}
	for _, bad := range [][3]int{{1, 0, 0}, {0, 1, 1}, {1, -1, 1}, {1 << 40, 1, 1}} {
		if _, err := m.Sample(context.Background(), graph.Key{}, bad[0], bad[1], bad[2]); !errors.Is(err, ErrConfig) {
			t.Errorf("%d samples after %d steps, every %d: %v", bad[0], bad[1], bad[2], err)
		}
	}
}

func TestInitVisible(t *testing.T) {
	m, err := New(Config{Visible: 2, Hidden: 3, Steps: 1, Chains: 4})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.InitVisible([]float64{0.25, 1}); err != nil {
		t.Fatal(err)
	}
	near(t, "bias", m.values("b")[0], math.Log(1.0/3), 1e-6)
	near(t, "bias of a unit that is always 1", m.values("b")[1], math.Log(999), 1e-6)
	for i := range 4 {
		if m.values("chains")[2*i+1] != 1 {
			t.Error("a chain does not start at a draw from the mean")
		}
	}
}

// TestEvaluate compares the estimate of the pseudo-likelihood with its exact value.
func TestEvaluate(t *testing.T) {
	m := tiny(t, Config{Steps: 1}, graph.Float32)
	const n = 20000
	rows := make([]float64, 0, 4*n)
	for range n {
		rows = append(rows, bits(5, 4)...)
	}
	got, err := m.Evaluate(graph.NewKey(1), data.Batch{N: n, X: graph.Floats64(rows, n, 4)})
	if err != nil {
		t.Fatal(err)
	}
	p, want, square := bruteWeights(m), 0.0, 0.0
	for i := range 4 {
		nll := -math.Log(p[5] / (p[5] + p[5^1<<i]))
		want += nll
		square += 4 * nll * nll
	}
	if d := math.Abs(got["loss"] - want); d > 5*math.Sqrt((square-want*want)/n) {
		t.Errorf("pseudo-likelihood %g, want %g", got["loss"], want)
	}
	near(t, "free energy", got["free-energy"], -math.Log(p[5]), 1e-5)
}

func TestSaveAndLoad(t *testing.T) {
	m := tiny(t, Config{Steps: 1}, graph.Float32)
	path := t.TempDir() + "/m.safetensors"
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	x := binary(300, 4).X
	want, err1 := m.Transform(x)
	got, err2 := loaded.Transform(x)
	if err1 != nil || err2 != nil || !slices.Equal(want.F32, got.F32) || !slices.Equal(got.Shape, []int{300, 3}) {
		t.Error("a loaded model differs", err1, err2)
	}
	if _, err := Load(path + "x"); err == nil {
		t.Error("a missing file is loaded")
	}
	if err := ckpt.SaveModel(path, "other", m.cfg, nil, m.params); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); !errors.Is(err, ckpt.ErrKind) || !strings.Contains(err.Error(), "other") {
		t.Errorf("a model of another kind: %v", err)
	}
	for _, hostile := range []Config{{Visible: 1 << 19, Hidden: 2000, Steps: 1}, {Visible: 4, Hidden: 3}, {Visible: 4, Hidden: 2, Steps: 1}, {Visible: 4, Hidden: 3, Steps: 1, VisibleUnits: 9}} {
		if err := ckpt.SaveModel(path, kind, hostile, nil, m.params); err != nil {
			continue // not even written
		}
		if _, err := Load(path); err == nil {
			t.Errorf("a file whose configuration is %+v is loaded", hostile)
		}
	}
}
