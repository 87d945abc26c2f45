package rbm

import (
	"fmt"
	"testing"

	"github.com/latent-go/latent/graph"
)

// kinds are machines of all units but Bernoulli on both sides.
var kinds = []Config{
	{Visible: 3, Hidden: 2, VisibleUnits: Gaussian},
	{Visible: 3, Hidden: 2, VisibleUnits: Gaussian, Std: 0.6},
	{Visible: 2, Hidden: 3, VisibleUnits: Gaussian, LearnStd: true, Std: 1.4},
	{Visible: 6, Hidden: 2, VisibleUnits: Softmax, Categories: 3},
	{Visible: 4, Hidden: 2, VisibleUnits: Softmax, Categories: 2},
	{Visible: 4, Hidden: 2, HiddenUnits: Gaussian},
	{Visible: 4, Hidden: 3, HiddenUnits: Rectified},
	{Visible: 3, Hidden: 2, VisibleUnits: Gaussian, HiddenUnits: Rectified},
	{Visible: 6, Hidden: 2, VisibleUnits: Softmax, Categories: 3, HiddenUnits: Gaussian},
}

func (c Config) kind() string {
	return fmt.Sprintf("%v %v/%v std %g", c.VisibleUnits, c.HiddenUnits, c.Categories, c.Std)
}

// machine makes a model of cfg with weights and biases from N(0, 0.6^2).
func machine(t *testing.T, cfg Config, dtype graph.DType) *Model {
	t.Helper()
	cfg.Steps = max(cfg.Steps, 1)
	m, err := newModel(cfg, dtype)
	if err != nil {
		t.Fatal(err)
	}
	spread(t, m, 0.6)
	if q := m.params.Lookup("logvar"); q != nil && q.Trainable {
		v := make([]float64, q.Size)
		for i := range v {
			v[i] = 0.3 - 0.4*float64(i)
		}
		if err := q.Set(graph.Floats64(v, q.Size)); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// states draws n examples that the visible units of m can have.
func states(m *Model, n int) graph.Array {
	bias := make([]float64, m.cfg.Visible)
	for i := range bias {
		bias[i] = 0.4 - 0.3*float64(i)
	}
	return m.independent(graph.NewKey(11), bias, n)
}

// generalEnergy is E(v, h) written out for all units.
func generalEnergy(m *Model, v, h []float64) float64 {
	w, b, c, std := m.values("w"), m.values("b"), m.values("c"), m.stds()
	e := 0.0
	for i, x := range v {
		s := 1.0
		if m.cfg.VisibleUnits == Gaussian {
			s = std[i] * std[i]
			e += (x - b[i]) * (x - b[i]) / (2 * s)
		} else {
			e -= x * b[i]
		}
		for j, y := range h {
			e -= x / s * w[i*len(h)+j] * y
		}
	}
	for j, y := range h {
		if m.cfg.HiddenUnits == Gaussian {
			e += (y - c[j]) * (y - c[j]) / 2
		} else {
			e -= y * c[j]
		}
	}
	return e
}

// integral sums or integrates f over the states of n units: zeros and ones, a grid of real numbers, or
// one-hot groups.
func integral(u Units, n, categories int, f func(x []float64) float64) float64 {
	x := make([]float64, n)
	var over func(i int) float64
	over = func(i int) float64 {
		if i == n {
			return f(x)
		}
		total := 0.0
		switch u {
		case Bernoulli:
			for _, x[i] = range []float64{0, 1} {
				total += over(i + 1)
			}
		case Gaussian:
			const step = 0.5 // for these smooth functions the sum is exact
			for g := -10.0; g <= 10; g += step {
				x[i] = g
				total += step * over(i+1)
			}
		case Softmax:
			for c := range categories {
				clear(x[i : i+categories])
				x[i+c] = 1
				total += over(i + categories)
			}
		}
		return total
	}
	return over(0)
}
