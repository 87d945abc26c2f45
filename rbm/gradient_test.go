package rbm

import (
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/train"
)

func TestObjective(t *testing.T) {
	for _, cfg := range []Config{{Steps: 1}, {Steps: 3}, {Steps: 1, Chains: 5}, {Steps: 2, Chains: 1}, {Steps: 1, Centring: 0.1},
		{Steps: 1, Chains: 2, Temperatures: 3}, {Steps: 1, SparsityTarget: 0.1, SparsityCost: 2}, {Steps: 2, VisibleMeans: true}} {
		m := tiny(t, cfg, graph.Float32)
		if err := graphtest.CheckObjective(m, func(n int) data.Batch { return binary(n, 4) }, 1, 2, 7); err != nil {
			t.Errorf("%+v: %v", cfg, err)
		}
		var _ train.Evaluator = m
	}
}

// TestStatistics compares the symbolic gradient with the positive minus the negative statistics, the
// negative ones those of the chains' state after the step.
func TestStatistics(t *testing.T) {
	m := tiny(t, Config{Steps: 2, Chains: 3}, graph.Float64)
	b := binary(5, 4)
	if _, err := m.Gradient(graph.NewKey(2), b); err != nil {
		t.Fatal(err)
	}
	want := map[string][]float64{"w": make([]float64, 12), "b": make([]float64, 4), "c": make([]float64, 3)}
	add := func(v graph.Array, scale float64) {
		for r := range v.Shape[0] {
			row := make([]float64, 4)
			for i := range row {
				row[i] = v.At(r*4 + i)
			}
			w, vb, c := statistics(m, row)
			for name, s := range map[string][]float64{"w": w, "b": vb, "c": c} {
				for i, x := range s {
					want[name][i] += scale / float64(v.Shape[0]) * x
				}
			}
		}
	}
	add(b.X, -1)
	add(m.params.Lookup("chains").Value(), 1)
	for name, g := range want {
		for i, x := range g {
			near(t, name, m.params.Lookup(name).Grad().F64[i], x, 1e-13)
		}
	}
}

// expectedNegative is the mean of the statistics by w after k Gibbs steps from v0, by the transition matrix.
func expectedNegative(m *Model, start []float64, k int) []float64 {
	states := 1 << 4
	joint := make([][]float64, states)
	for s := range joint {
		joint[s] = make([]float64, 8)
		for g := range joint[s] {
			joint[s][g] = math.Exp(minusEnergy(m, bits(s, 4), bits(g, 3)))
		}
	}
	p := start
	for range k {
		hidden := make([]float64, 8)
		for s, row := range joint {
			total := 0.0
			for _, x := range row {
				total += x
			}
			for g, x := range row {
				hidden[g] += p[s] * x / total
			}
		}
		p = make([]float64, states)
		for g, q := range hidden {
			total := 0.0
			for s := range joint {
				total += joint[s][g]
			}
			for s := range joint {
				p[s] += q * joint[s][g] / total
			}
		}
	}
	mean := make([]float64, 12)
	for s, q := range p {
		w, _, _ := statistics(m, bits(s, 4))
		for i, x := range w {
			mean[i] += q * x
		}
	}
	return mean
}

// TestExpectation compares the mean of many gradients with the exact expectation of CD-k, and, for many
// steps, with the exact gradient of the likelihood. It also shows that CD-1 is told from the latter.
func TestExpectation(t *testing.T) {
	const n = 20000
	rows := make([]float64, 0, n*4)
	start := make([]float64, 16)
	for i := range n {
		s := []int{3, 5, 14, 8}[i%4]
		start[s] += 1.0 / n
		rows = append(rows, bits(s, 4)...)
	}
	b := data.Batch{N: n, X: graph.Floats64(rows, n, 4)}
	for _, k := range []int{1, 2, 100} {
		m := tiny(t, Config{Steps: k}, graph.Float64)
		weights := bruteWeights(m)
		z := 0.0
		for _, p := range weights {
			z += p
		}
		model := make([]float64, 12)
		for s, p := range weights {
			w, _, _ := statistics(m, bits(s, 4))
			for i, x := range w {
				model[i] += p / z * x
			}
		}
		if _, err := m.Gradient(graph.NewKey(7), b); err != nil {
			t.Fatal(err)
		}
		positive, negative := expectedNegative(m, start, 0), expectedNegative(m, start, k)
		far := 0.0
		for i, g := range m.params.Lookup("w").Grad().F64 {
			const bound = 5 * 0.5 / 141 // five standard errors: statistics lie in [0, 1]
			if want := negative[i] - positive[i]; math.Abs(g-want) > bound {
				t.Errorf("k=%d, weight %d: %g, the expectation is %g", k, i, g, want)
			}
			far = max(far, math.Abs(g-(model[i]-positive[i]))/bound)
		}
		if k == 100 && far > 1 {
			t.Errorf("k=%d is %g bounds from the gradient of the likelihood", k, far)
		}
		if k == 1 && far < 2 {
			t.Errorf("k=1 is only %g bounds from the gradient of the likelihood: the test tells nothing", far)
		}
	}
}

// TestChains runs ten steps at once, and five with a save and load in the middle.
func TestChains(t *testing.T) {
	once := tiny(t, Config{Steps: 1, Chains: 6}, graph.Float32)
	again := tiny(t, Config{Steps: 1, Chains: 6}, graph.Float32)
	b := binary(5, 4)
	start := slices.Clone(once.params.Lookup("chains").Value().F32)
	for step := range 10 {
		key := graph.NewKey(3).At(uint64(step))
		if _, err := once.Gradient(key, b); err != nil {
			t.Fatal(err)
		}
		if step == 5 {
			path := t.TempDir() + "/m.safetensors"
			if err := again.Save(path); err != nil {
				t.Fatal(err)
			}
			var err error
			if again, err = Load(path); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := again.Gradient(key, b); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"chains", "w"} {
		if !slices.Equal(once.params.Lookup(name).Value().F32, again.params.Lookup(name).Value().F32) {
			t.Errorf("%s differs after a resume", name)
		}
	}
	if !slices.Equal(once.params.Lookup("w").Grad().F32, again.params.Lookup("w").Grad().F32) {
		t.Error("the gradient differs after a resume")
	}
	if slices.Equal(start, once.params.Lookup("chains").Value().F32) {
		t.Error("the chains do not move")
	}
}
