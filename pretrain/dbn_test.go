package pretrain

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// tinyDBN is a net of 4 visible and 3, then 2 hidden units, with weights far from 0.
func tinyDBN(t *testing.T, labels int, dtype graph.DType) *DBN {
	t.Helper()
	return spreadDBN(t, DBNConfig{Visible: 4, Hidden: []int{3, 2}, Labels: labels, Steps: 2, Seed: 1}, dtype)
}

func spreadDBN(t *testing.T, cfg DBNConfig, dtype graph.DType) *DBN {
	t.Helper()
	d, err := newDBN(cfg, dtype)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range d.params.List() {
		v := make([]float64, q.Size)
		graph.Normal(graph.NewKey(9).Fork(q.Name), v)
		if err := q.Set(graph.Floats64(v, q.Shape...)); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// exact is a tiny net in plain loops.
type exact struct{ d *DBN }

func (e exact) at(name string, i int) float64 { return e.d.params.Lookup(name).Value().At(i) }

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// up is p(layer i+1 = 1 | layer i) by the recognition weights.
func (e exact) up(i int, x []float64) []float64 {
	name := "rec/" + string(rune('0'+i))
	return e.affine(name+"/w", name+"/c", x, e.d.cfg.units(i+1), false)
}

// down is p(layer i = 1 | layer i+1) by the generative weights.
func (e exact) down(i int, h []float64) []float64 {
	name := "gen/" + string(rune('0'+i))
	return e.affine(name+"/w", name+"/b", h, e.d.cfg.units(i), true)
}

// affine is the logistic function of x w + bias, or of x w' + bias.
func (e exact) affine(w, bias string, x []float64, out int, transposed bool) []float64 {
	y := make([]float64, out)
	for j := range y {
		y[j] = e.at(bias, j)
		for i, v := range x {
			at := i*out + j
			if transposed {
				at = j*len(x) + i
			}
			y[j] += v * e.at(w, at)
		}
		y[j] = logistic(y[j])
	}
	return y
}

// topWeight is sum over the top hidden units of exp(-E(v, h)), v with its label.
func (e exact) topWeight(v []float64) float64 {
	h := e.d.cfg.units(e.d.cfg.top() + 1)
	log := 0.0
	for i, x := range v {
		log += x * e.at("top/b", i)
	}
	for _, p := range e.topHidden(v, h) {
		log -= math.Log(1 - p)
	}
	return math.Exp(log)
}

func (e exact) topHidden(v []float64, h int) []float64 {
	return e.affine("top/w", "top/c", v, h, false)
}

// bernoulli is the probability of x under independent units of means p.
func bernoulli(x, p []float64) float64 {
	all := 1.0
	for i, v := range x {
		all *= v*p[i] + (1-v)*(1-p[i])
	}
	return all
}

// bits is state s of n units.
func bits(s, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(s >> i & 1)
	}
	return v
}

// row is row r of an array (n, d).
func row(a graph.Array, r int) []float64 {
	v := make([]float64, a.Shape[1])
	for i := range v {
		v[i] = a.At(r*len(v) + i)
	}
	return v
}

func batchOf(n, labels int) data.Batch {
	s := bars(n, 4)
	b := data.Batch{N: n, X: s.X}
	if labels > 0 {
		y := make([]int, n)
		for i := range y {
			y[i] = i % labels
		}
		b.Y = graph.Ints(y, n)
	}
	return b
}

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
			near(t, "sleep", sleep[0].At(r*4+i), p, 1e-5)
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

// logLikelihood is the exact log p(x), and the exact variational bound.
func (e exact) logLikelihood(x []float64, logZ float64) (logp, bound float64) {
	p := 0.0
	q := e.up(0, x)
	for s := range 8 {
		h := bits(s, 3)
		joint := bernoulli(x, e.down(0, h)) * e.topWeight(h) / math.Exp(logZ)
		p += joint
		qh := bernoulli(h, q)
		bound += qh * (math.Log(joint) - math.Log(qh))
	}
	return math.Log(p), bound
}

// TestBound compares the estimate of the bound with its exact value, and that with the exact log p(x).
func TestBound(t *testing.T) {
	d := tinyDBN(t, 0, graph.Float32)
	e := exact{d}
	top, err := d.Top()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	logZ, err := top.LogZ(ctx)
	if err != nil {
		t.Fatal(err)
	}
	z := 0.0
	for s := range 8 {
		z += e.topWeight(bits(s, 3))
	}
	near(t, "log Z of the top machine", logZ, math.Log(z), 1e-5)
	x := make([]float32, 0, 64)
	for s := range 16 {
		for _, v := range bits(s, 4) {
			x = append(x, float32(v))
		}
	}
	const draws = 4000
	got, err := d.Bound(ctx, graph.NewKey(5), graph.Floats32(x, 16, 4), draws, logZ)
	if err != nil {
		t.Fatal(err)
	}
	total, gap := 0.0, 0.0
	for s := range 16 {
		logp, bound := e.logLikelihood(bits(s, 4), logZ)
		total += math.Exp(logp)
		if bound > logp {
			t.Errorf("state %d: bound %g above log p %g", s, bound, logp)
		}
		gap += (logp - bound) / 16
		// A draw deviates by a few nats at most: five of its standard errors, generously.
		if math.Abs(got.At(s)-bound) > 5*4/math.Sqrt(draws) {
			t.Errorf("state %d: bound %g by draws, %g by enumeration", s, got.At(s), bound)
		}
		if got.At(s) > logp {
			t.Errorf("state %d: the estimate %g lies above log p %g", s, got.At(s), logp)
		}
	}
	near(t, "sum of p(x)", total, 1, 1e-5)
	if gap < 0.3 {
		t.Errorf("the bound is within %g of log p: the test would not see a wrong entropy", gap)
	}
	if _, err := tinyDBN(t, 2, graph.Float32).Bound(ctx, graph.Key{}, graph.Floats32(x, 16, 4), 1, 0); !errors.Is(err, ErrConfig) {
		t.Error("a net with labels:", err)
	}
}

// TestLabels compares the probabilities of labels with those by enumeration of the top machine.
func TestLabels(t *testing.T) {
	d := spreadDBN(t, DBNConfig{Visible: 3, Hidden: []int{4}, Labels: 3, Steps: 1}, graph.Float32)
	e := exact{d}
	x := []float32{1, 0, 1, 0, 0.25, 0.5}
	got, err := d.Predict(graph.Floats32(x, 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	for r := range 2 {
		weights, total := make([]float64, 3), 0.0
		for k := range weights {
			y := oneHot([]int{k}, 3)
			v := []float64{float64(x[3*r]), float64(x[3*r+1]), float64(x[3*r+2]), y.At(0), y.At(1), y.At(2)}
			weights[k] = e.topWeight(v)
			total += weights[k]
		}
		for k, w := range weights {
			near(t, "probability of a label", got.At(3*r+k), w/total, 1e-5)
		}
	}
	m, err := d.Evaluate(graph.Key{}, data.Batch{N: 2, X: graph.Floats32(x, 2, 3), Y: graph.Ints([]int{largest(got)[0], (largest(got)[1] + 1) % 3}, 2)})
	if err != nil || m["error"] != 0.5 {
		t.Error(m, err)
	}
}

// TestGenerate compares what a tiny net generates with its exact distribution.
func TestGenerate(t *testing.T) {
	const n = 20000
	d := tinyDBN(t, 2, graph.Float32)
	e := exact{d}
	ctx := context.Background()
	weights, mean, total := make([]float64, 2), make([][]float64, 2), 0.0
	for label := range 2 {
		y := oneHot([]int{label}, 2)
		mean[label] = make([]float64, 4)
		for s := range 8 {
			w := e.topWeight(append(bits(s, 3), y.At(0), y.At(1)))
			weights[label] += w
			for i, p := range e.down(0, bits(s, 3)) {
				mean[label][i] += w * p
			}
		}
		total += weights[label]
	}
	x, labels, err := d.Generate(ctx, graph.NewKey(1), Fantasy{N: n, Steps: 40})
	if err != nil {
		t.Fatal(err)
	}
	ones := 0.0
	for _, l := range labels {
		ones += float64(l)
	}
	near(t, "share of label 1", ones/n, weights[1]/total, 0.02)
	for i := range 4 {
		sum := 0.0
		for r := range n {
			sum += x.At(4*r + i)
		}
		near(t, "mean of a visible unit", sum/n, (mean[0][i]+mean[1][i])/total, 0.01)
	}
	for clamped := range 2 {
		x, labels, err := d.Generate(ctx, graph.NewKey(2), Fantasy{N: n, Steps: 40, Labels: slices.Repeat([]int{clamped}, n)})
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(labels, 1-clamped) {
			t.Error("a clamped label has moved")
		}
		for i := range 4 {
			sum := 0.0
			for r := range n {
				sum += x.At(4*r + i)
			}
			near(t, "mean of a visible unit, given the label", sum/n, mean[clamped][i]/weights[clamped], 0.01)
		}
	}
	start := bars(3, 4).X
	if _, _, err := d.Generate(ctx, graph.NewKey(1), Fantasy{N: 3, Steps: 1, Start: start}); err != nil {
		t.Error(err)
	}
	for name, f := range map[string]Fantasy{
		"none":     {Steps: 1},
		"no steps": {N: 1},
		"start":    {N: 2, Steps: 1, Start: start},
		"labels":   {N: 2, Steps: 1, Labels: []int{0}},
		"range":    {N: 1, Steps: 1, Labels: []int{2}},
	} {
		if _, _, err := d.Generate(ctx, graph.Key{}, f); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
