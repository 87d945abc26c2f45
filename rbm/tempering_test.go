package rbm

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
)

// bimodal makes a machine with almost all probability on the states 0000 and 1111, and a barrier between;
// its chains start at 0000.
func bimodal(t *testing.T, cfg Config) *Model {
	t.Helper()
	cfg.Steps = 1
	m := tiny(t, cfg, graph.Float32)
	for name, value := range map[string]float32{"w": 4, "b": -5.8, "c": -8, "chains": 0} {
		q := m.params.Lookup(name)
		v := make([]float32, q.Size)
		for i := range v {
			v[i] = value
		}
		if err := q.Set(graph.Floats32(v, q.Shape...)); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// frequencies runs the chains, and counts the visible states of every rung of their ladders.
func frequencies(t *testing.T, m *Model, rungs int) (freq [][]float64, n float64) {
	t.Helper()
	freq = make([][]float64, rungs)
	for r := range freq {
		freq[r] = make([]float64, 16)
	}
	b := binary(2, 4)
	for step := range 500 {
		if _, err := m.Gradient(graph.NewKey(4).At(uint64(step)), b); err != nil {
			t.Fatal(err)
		}
		if step < 200 || step%50 != 0 {
			continue
		}
		n += float64(m.cfg.Chains)
		v := m.values("chains")
		for i := range len(v) / 4 {
			s := 0
			for j := range 4 {
				s |= int(v[4*i+j]) << j
			}
			freq[i/m.cfg.Chains][s]++
		}
	}
	for r := range freq {
		for s := range freq[r] {
			freq[r][s] /= n
		}
	}
	return freq, n
}

// tempered is the exact distribution of the visible states at an inverse temperature.
func tempered(m *Model, beta float64) []float64 {
	p, z := make([]float64, 16), 0.0
	for s := range p {
		for g := range 8 {
			p[s] += math.Exp(beta * minusEnergy(m, bits(s, 4), bits(g, 3)))
		}
		z += p[s]
	}
	for s := range p {
		p[s] /= z
	}
	return p
}

// TestTempering compares the states of every rung with their exact distribution, and shows that chains
// without temperatures do not get there.
func TestTempering(t *testing.T) {
	const rungs, chains = 8, 300
	m := bimodal(t, Config{Chains: chains, Temperatures: rungs})
	freq, n := frequencies(t, m, rungs)
	for r := range rungs {
		for s, p := range tempered(m, 1-float64(r)/(rungs-1)) {
			if d := math.Abs(freq[r][s] - p); d > 6*math.Sqrt(p*(1-p)/n)+3/n {
				t.Errorf("rung %d, state %d: frequency %.4f, probability %.4f", r, s, freq[r][s], p)
			}
		}
	}
	stuck := bimodal(t, Config{Chains: chains})
	if freq, _ := frequencies(t, stuck, 1); freq[0][15] > 0.3 {
		t.Errorf("chains without temperatures found the second mode (%.2f): the test tells nothing", freq[0][15])
	}
}

// TestSparsity compares the gradient with that without a target, plus the penalty's written out.
func TestSparsity(t *testing.T) {
	const target, cost, decay = 0.2, 1.5, 0.7
	plain := tiny(t, Config{Steps: 1}, graph.Float64)
	m := tiny(t, Config{Steps: 1, SparsityTarget: target, SparsityCost: cost, SparsityDecay: decay}, graph.Float64)
	b := binary(5, 4)
	for _, m := range []*Model{plain, m} {
		if _, err := m.Gradient(graph.NewKey(8), b); err != nil {
			t.Fatal(err)
		}
	}
	want := gradients(plain)
	var mean [4]float64
	var q [3]float64
	for r := range 5 {
		row := make([]float64, 4)
		for i := range row {
			row[i] = b.X.At(r*4 + i)
			mean[i] += row[i] / 5
		}
		_, _, p := statistics(m, row)
		for j := range q {
			q[j] += p[j] / 5
		}
	}
	for j := range q {
		q[j] = decay*target + (1-decay)*q[j]
		near(t, "activity", m.values("activity")[j], q[j], 1e-12)
		want[16+j] += cost * (q[j] - target)
		for i := range mean {
			want[i*3+j] += cost * (q[j] - target) * mean[i]
		}
	}
	for i, g := range gradients(m) {
		near(t, "gradient", g, want[i], 1e-12)
	}
}
