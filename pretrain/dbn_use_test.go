package pretrain

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
	graphtest.Near(t, "log Z of the top machine", logZ, math.Log(z), 1e-5)
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
	graphtest.Near(t, "sum of p(x)", total, 1, 1e-5)
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
			graphtest.Near(t, "probability of a label", got.At(3*r+k), w/total, 1e-5)
		}
	}
	m, err := d.Evaluate(graph.Key{}, data.Batch{N: 2, X: graph.Floats32(x, 2, 3), Y: graph.Ints([]int{largest(got)[0], (largest(got)[1] + 1) % 3}, 2)})
	if err != nil || m["error"] != 0.5 {
		t.Error(m, err)
	}
}

// TestDecode compares the way down by means with plain loops.
func TestDecode(t *testing.T) {
	d := spreadDBN(t, DBNConfig{Visible: 4, Hidden: []int{3, 5, 2}, Steps: 1}, graph.Float64)
	e := exact{d}
	h := graphtest.Uniform(1, 6, 5)
	got, err := d.Decode(h)
	if err != nil {
		t.Fatal(err)
	}
	for r := range 6 {
		for i, want := range e.down(0, e.down(1, row(h, r))) {
			graphtest.Near(t, "mean of a visible unit", got.At(4*r+i), want, 1e-12)
		}
	}
	for _, bad := range []graph.Array{graphtest.Uniform(1, 6, 4), graph.Floats32([]float32{0, 0, 2, 0, 0}, 1, 5), {}} {
		if _, err := d.Decode(bad); err == nil {
			t.Errorf("%v is decoded", bad)
		}
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
	graphtest.Near(t, "share of label 1", ones/n, weights[1]/total, 0.02)
	for i := range 4 {
		sum := 0.0
		for r := range n {
			sum += x.At(4*r + i)
		}
		graphtest.Near(t, "mean of a visible unit", sum/n, (mean[0][i]+mean[1][i])/total, 0.01)
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
			graphtest.Near(t, "mean of a visible unit, given the label", sum/n, mean[clamped][i]/weights[clamped], 0.01)
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
