package pretrain

import (
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/train"
)

func TestDBNObjective(t *testing.T) {
	for _, cfg := range []DBNConfig{
		{Visible: 4, Hidden: []int{3}, Steps: 1}, {Visible: 4, Hidden: []int{3}, Labels: 2, Steps: 1},
		{Visible: 4, Hidden: []int{3, 2}, Steps: 2}, {Visible: 4, Hidden: []int{3, 5, 2}, Labels: 3, Steps: 3},
		{Visible: 4, Hidden: []int{3, 2}, Labels: 2, Steps: 1, Chains: 5},
	} {
		d := spreadDBN(t, cfg, graph.Float32)
		batch := func(n int) data.Batch { return batchOf(n, cfg.Labels) }
		if err := graphtest.CheckObjective(d, batch, 1, 2, 7); err != nil {
			t.Errorf("%+v: %v", cfg, err)
		}
		if err := graphtest.CheckObjective(greedyTop{d}, batch, 1, 2, 7); err != nil {
			t.Errorf("%+v, the top alone: %v", cfg, err)
		}
		var _ train.Evaluator = d
		if m, err := d.Evaluate(graph.Key{}, batch(5)); err != nil || !(m["loss"] > 0) {
			t.Errorf("%+v: %v %v", cfg, m, err)
		}
	}
}

// statistics are the direction of the up-down algorithm from the states of its phases, written out from the
// paper's appendix B, with the top machine's hidden units summed out.
func (e exact) statistics(wake, sleep []graph.Array, v0, vk graph.Array) map[string][]float64 {
	g := map[string][]float64{}
	for _, q := range e.d.params.List() {
		g[q.Name] = make([]float64, q.Size)
	}
	n := v0.Shape[0]
	predict := func(w, bias string, from, to, mean []float64, transposed bool) {
		for j, target := range to {
			delta := (target - mean[j]) / float64(n)
			g[bias][j] -= delta
			for i, x := range from {
				at := i*len(to) + j
				if transposed {
					at = j*len(from) + i
				}
				g[w][at] -= x * delta
			}
		}
	}
	for r := range n {
		for i := range e.d.cfg.top() {
			gen, rec := "gen/"+string(rune('0'+i)), "rec/"+string(rune('0'+i))
			predict(gen+"/w", gen+"/b", row(wake[i+1], r), row(wake[i], r), e.down(i, row(wake[i+1], r)), true)
			predict(rec+"/w", rec+"/c", row(sleep[i], r), row(sleep[i+1], r), e.up(i, row(sleep[i], r)), false)
		}
		for _, phase := range []struct {
			v    []float64
			sign float64
		}{{row(v0, r), -1}, {row(vk, r), 1}} {
			h := e.topHidden(phase.v, e.d.cfg.units(e.d.cfg.top()+1))
			for j, p := range h {
				g["top/c"][j] += phase.sign * p / float64(n)
				for i, x := range phase.v {
					g["top/w"][i*len(h)+j] += phase.sign * x * p / float64(n)
				}
			}
			for i, x := range phase.v {
				g["top/b"][i] += phase.sign * x / float64(n)
			}
		}
	}
	return g
}

// deviation is the largest difference between the gradients and g.
func (e exact) deviation(g map[string][]float64) float64 {
	most := 0.0
	for name, want := range g {
		got := e.d.params.Lookup(name).Grad()
		for i, x := range want {
			most = max(most, math.Abs(got.At(i)-x))
		}
	}
	return most
}

// TestUpDownStatistics compares the symbolic gradient with the explicit sums over the states that were
// drawn, and the sums for other states with it, which must differ.
func TestUpDownStatistics(t *testing.T) {
	for _, labels := range []int{0, 3} {
		d := tinyDBN(t, labels, graph.Float64)
		f := graph.NewGradient(d.params, func(b *graph.Builder, n int) []*graph.Node {
			u := d.objective(b, n)
			return slices.Concat(u.outputs(), u.wake, u.sleep, []*graph.Node{u.v0, u.vk})
		})
		outs, err := d.run(f, graph.NewKey(2), batchOf(6, labels))
		if err != nil {
			t.Fatal(err)
		}
		wake, sleep, v0, vk := outs[4:6], outs[6:8], outs[8], outs[9]
		e := exact{d}
		if off := e.deviation(e.statistics(wake, sleep, v0, vk)); off > 1e-12 {
			t.Errorf("%d labels: the gradient is off by %g", labels, off)
		}
		wrong := map[string]map[string][]float64{
			"phases exchanged":   e.statistics(sleep, wake, v0, vk),
			"chain exchanged":    e.statistics(wake, sleep, vk, v0),
			"no sleep":           e.statistics(wake, wake, v0, vk),
			"no negative chain ": e.statistics(wake, sleep, v0, v0),
		}
		for name, g := range wrong {
			if off := e.deviation(g); off < 1e-3 {
				t.Errorf("%s: passes with a deviation of %g", name, off)
			}
		}
		if sum := outs[1].At(0) + outs[2].At(0) + outs[3].At(0); math.Abs(sum-outs[0].At(0)) > 1e-12 {
			t.Errorf("loss %g is not the sum of its parts %g", outs[0].At(0), sum)
		}
	}
}

// TestUpDownDraws compares the frequencies of the states of both phases with their probabilities.
func TestUpDownDraws(t *testing.T) {
	const n = 20000
	d := tinyDBN(t, 2, graph.Float32)
	e := exact{d}
	f := graph.NewGradient(d.params, func(b *graph.Builder, n int) []*graph.Node {
		u := d.objective(b, n)
		return slices.Concat([]*graph.Node{u.outputs()[0]}, u.wake, u.sleep, []*graph.Node{u.vk})
	})
	x := slices.Repeat([]float32{1, 0, 0, 1}, n)
	outs, err := d.run(f, graph.NewKey(3), data.Batch{N: n, X: graph.Floats32(x, n, 4), Y: graph.Ints(make([]int, n), n)})
	if err != nil {
		t.Fatal(err)
	}
	wake, sleep, vk := outs[1:3], outs[3:5], outs[5]
	// Wake: h1 given x. The chain: two steps from (h1, label 0), by enumeration of the transitions.
	p1 := e.up(0, []float64{1, 0, 0, 1})
	states := make([]float64, 8*2) // of h1 and the label
	for s := range 8 {
		states[s] = bernoulli(bits(s, 3), p1)
	}
	counts := make([]float64, 8)
	for r := range n {
		counts[state(row(wake[1], r))]++
	}
	frequencies(t, "wake", counts, states[:8], n)
	for range 2 {
		states = e.transition(states)
	}
	counts = make([]float64, 16)
	for r := range n {
		v := row(vk, r)
		counts[state(v[:3])+8*int(v[4])]++
		if v[3]+v[4] != 1 {
			t.Fatalf("the label of chain %d is %v", r, v[3:])
		}
	}
	frequencies(t, "chain", counts, states, n)
	for r := range 100 {
		want := e.down(0, row(sleep[1], r))
		for i, p := range want {
			graphtest.Near(t, "sleep", sleep[0].At(r*4+i), p, 1e-5)
		}
		if !slices.Equal(row(sleep[1], r), row(vk, r)[:3]) {
			t.Fatal("the sleep phase does not start from the end of the chain")
		}
	}
}

// transition is the distribution of (h1, label) after a Gibbs step in the top machine of a tiny net with 2
// labels.
func (e exact) transition(p []float64) []float64 {
	next := make([]float64, len(p))
	for s, mass := range p {
		v := append(bits(s%8, 3), oneHot([]int{s / 8}, 2).At(0), oneHot([]int{s / 8}, 2).At(1))
		up := e.topHidden(v, 2)
		for g := range 4 {
			h := bits(g, 2)
			logits := make([]float64, 5)
			for i := range logits {
				logits[i] = e.at("top/b", i) + h[0]*e.at("top/w", 2*i) + h[1]*e.at("top/w", 2*i+1)
			}
			below := []float64{logistic(logits[0]), logistic(logits[1]), logistic(logits[2])}
			label1 := logistic(logits[4] - logits[3])
			for to := range next {
				q := 1 - label1
				if to >= 8 {
					q = label1
				}
				next[to] += mass * bernoulli(h, up) * bernoulli(bits(to%8, 3), below) * q
			}
		}
	}
	return next
}

func state(v []float64) int {
	s := 0
	for i, x := range v {
		s |= int(x) << i
	}
	return s
}

// frequencies compares counts of n draws with probabilities.
func frequencies(t *testing.T, what string, counts, p []float64, n float64) {
	t.Helper()
	for s, q := range p {
		if d := math.Abs(counts[s]/n - q); d > 6*math.Sqrt(q*(1-q)/n)+1e-9 {
			t.Errorf("%s, state %d: frequency %g, probability %g", what, s, counts[s]/n, q)
		}
	}
}
