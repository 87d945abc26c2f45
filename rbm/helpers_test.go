package rbm

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
)

// tiny makes a machine of 4 visible and 3 hidden units with weights and biases far from 0.
func tiny(t *testing.T, cfg Config, dtype graph.DType) *Model {
	t.Helper()
	cfg.Visible, cfg.Hidden = 4, 3
	m, err := newModel(cfg, dtype)
	if err != nil {
		t.Fatal(err)
	}
	spread(t, m, 1)
	return m
}

// spread sets the weights and biases to draws from N(0, std^2).
func spread(t *testing.T, m *Model, std float64) {
	t.Helper()
	for _, name := range []string{"w", "b", "c"} {
		q := m.params.Lookup(name)
		v := make([]float64, q.Size)
		graph.Normal(graph.NewKey(9).Fork(name), v)
		for i := range v {
			v[i] *= std
		}
		if err := q.Set(graph.Floats64(v, q.Shape...)); err != nil {
			t.Fatal(err)
		}
	}
}

// bits is state s of n units.
func bits(s, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(s >> i & 1)
	}
	return v
}

// minusEnergy is v b + h c + v w h'.
func minusEnergy(m *Model, v, h []float64) float64 {
	w, b, c := m.values("w"), m.values("b"), m.values("c")
	e := 0.0
	for i, x := range v {
		e += x * b[i]
		for j, y := range h {
			e += x * w[i*len(h)+j] * y
		}
	}
	for j, y := range h {
		e += y * c[j]
	}
	return e
}

// bruteWeights is sum_h exp(-E(v, h)) for all visible states.
func bruteWeights(m *Model) []float64 {
	p := make([]float64, 1<<m.cfg.Visible)
	for s := range p {
		for g := range 1 << m.cfg.Hidden {
			p[s] += math.Exp(minusEnergy(m, bits(s, m.cfg.Visible), bits(g, m.cfg.Hidden)))
		}
	}
	return p
}

// statistics are minus the gradient of F at v by w (d, h), b (d), c (h): v p(h|v), v, p(h|v).
func statistics(m *Model, v []float64) (w, b, c []float64) {
	d, h := m.cfg.Visible, m.cfg.Hidden
	ww, cc := m.values("w"), m.values("c")
	w, b, c = make([]float64, d*h), v, make([]float64, h)
	for j := range h {
		a := cc[j]
		for i := range d {
			a += v[i] * ww[i*h+j]
		}
		c[j] = 1 / (1 + math.Exp(-a))
		for i := range d {
			w[i*h+j] = v[i] * c[j]
		}
	}
	return w, b, c
}

// binary is n examples of d zeros and ones.
func binary(n, d int) data.Batch {
	x := make([]float32, n*d)
	for i := range x {
		x[i] = 0.4
	}
	graph.Bernoulli(graph.NewKey(4), x, x)
	return data.Batch{N: n, X: graph.Floats32(x, n, d)}
}

var near = graphtest.Near
