package op_test

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/op"
)

// run computes nodes of a float32 input filled with fill.
func run(t *testing.T, key graph.Key, x graph.Array, build func(x *node) nodes) []graph.Array {
	t.Helper()
	b := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Train)
	prog, err := b.Compile(build(b.Input("x", x.Shape...))...)
	if err != nil {
		t.Fatal(err)
	}
	outs, err := prog.Run(key, x)
	if err != nil {
		t.Fatal(err)
	}
	return outs
}

func filled(v float32, shape ...int) graph.Array {
	n := 1
	for _, d := range shape {
		n *= d
	}
	x := make([]float32, n)
	for i := range x {
		x[i] = v
	}
	return graph.Floats32(x, shape...)
}

func moments(a graph.Array) (mean, variance float64) {
	n := float64(a.Len())
	for i := range a.Len() {
		mean += a.At(i) / n
	}
	for i := range a.Len() {
		variance += (a.At(i) - mean) * (a.At(i) - mean) / n
	}
	return mean, variance
}

func sameBits(a, b graph.Array) bool {
	for i := range a.Len() {
		if math.Float64bits(a.At(i)) != math.Float64bits(b.At(i)) {
			return false
		}
	}
	return a.Len() == b.Len()
}

// TestDraws checks means and variances within five standard errors, that equal keys give equal bits, and
// that other keys and other nodes give other numbers.
func TestDraws(t *testing.T) {
	const n = 40000
	x := filled(0.3, 200, 200)
	build := func(x *node) nodes {
		return nodes{op.Bernoulli(x), op.Normal(x), op.Uniform(x), op.Bernoulli(x), op.Normal(x), op.Uniform(x)}
	}
	key := graph.NewKey(5)
	outs := run(t, key, x, build)
	for i, want := range []struct{ mean, variance, fourth float64 }{{0.3, 0.21, 0.0777}, {0, 1, 3}, {0.5, 1.0 / 12, 1.0 / 80}} {
		for _, o := range []graph.Array{outs[i], outs[i+3]} {
			mean, variance := moments(o)
			if d := 5 * math.Sqrt(want.variance/n); math.Abs(mean-want.mean) > d {
				t.Errorf("draw %d: mean %v, expected %v within %v", i, mean, want.mean, d)
			}
			if d := 5*math.Sqrt((want.fourth-want.variance*want.variance)/n) + 1e-6; math.Abs(variance-want.variance) > d {
				t.Errorf("draw %d: variance %v, expected %v within %v", i, variance, want.variance, d)
			}
		}
		if sameBits(outs[i], outs[i+3]) {
			t.Errorf("draw %d: two nodes drew the same", i)
		}
	}
	again, other := run(t, key, x, build), run(t, key.At(1), x, build)
	for i := range outs {
		if !sameBits(outs[i], again[i]) {
			t.Errorf("draw %d: equal keys gave other bits", i)
		}
		if sameBits(outs[i], other[i]) {
			t.Errorf("draw %d: another step gave the same bits", i)
		}
	}
	for i, v := range run(t, key, graph.Floats32([]float32{0, 1, 0, 1, 0, 1}, 6), func(x *node) nodes { return nodes{op.Bernoulli(x)} })[0].F32 {
		if v != float32(i%2) {
			t.Errorf("a draw with probability %d gave %v", i%2, v)
		}
	}
}

// TestCategorical compares frequencies with probabilities, which need not add up to 1.
func TestCategorical(t *testing.T) {
	const n = 20000
	p := []float32{0.2, 0, 0.6, 1.2}
	x := make([]float32, 0, 4*n)
	for range n {
		x = append(x, p...)
	}
	build := func(x *node) nodes { return nodes{op.Categorical(x)} }
	y := run(t, graph.NewKey(5), graph.Floats32(x, n, 4), build)[0].F32
	var count [4]float64
	for r := range n {
		ones := 0
		for i, v := range y[4*r : 4*r+4] {
			if v == 1 {
				ones++
				count[i]++
			} else if v != 0 {
				t.Fatalf("row %d holds %v", r, v)
			}
		}
		if ones != 1 {
			t.Fatalf("row %d holds %d ones", r, ones)
		}
	}
	for i, c := range count {
		if q := float64(p[i] / 2); math.Abs(c/n-q) > 5*math.Sqrt(q*(1-q)/n) {
			t.Errorf("category %d: frequency %g, probability %g", i, c/n, q)
		}
	}
	for _, v := range run(t, graph.NewKey(5), filled(math.MaxFloat32, 1, 3), build)[0].F32 {
		if v == v {
			t.Errorf("a row without a finite sum gave %v", v)
		}
	}
}

func TestDropout(t *testing.T) {
	for _, rate := range []float64{0.1, 0.5, 0.9} {
		y := run(t, graph.NewKey(1), filled(2, 200, 200), func(x *node) nodes { return nodes{op.Dropout(x, rate)} })[0]
		zeros := 0
		for i, v := range y.F32 {
			switch {
			case v == 0:
				zeros++
			case math.Abs(float64(v)-2/(1-rate)) > 1e-5/(1-rate):
				t.Fatalf("rate %v: element %d is %v, expected 0 or %v", rate, i, v, 2/(1-rate))
			}
		}
		if got := float64(zeros) / 40000; math.Abs(got-rate) > 5*math.Sqrt(rate*(1-rate)/40000) {
			t.Errorf("rate %v: %v are zero", rate, got)
		}
	}
	b := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Train)
	if x := b.Input("x", 3); op.Dropout(x, 0) != x {
		t.Error("dropout of rate 0 is not the identity")
	}
}

// TestGradientsUnderDraws checks gradients numerically: under one key the mask and the noise are those of
// the forward pass; through a draw itself none passes.
func TestGradientsUnderDraws(t *testing.T) {
	check(t, graphtest.OpCase{Shapes: [][]int{{4, 5}}, Build: func(in nodes) *node { return op.Square(op.Dropout(in[0], 0.3)) }})
	check(t, graphtest.OpCase{Shapes: [][]int{{4, 5}, {4, 5}}, Build: func(in nodes) *node {
		return op.Tanh(op.Add(in[0], op.Mul(op.Exp(in[1]), op.Normal(in[0])))) // reparameterised
	}})
	p := graph.NewParams(graph.Float64, graph.NewKey(1))
	b := graph.NewBuilder(p, graph.Train)
	w := b.Param("w", graph.Constant(0.5), 6)
	draws := op.Add(op.Add(op.Bernoulli(w), op.Normal(w)), op.Add(op.Uniform(w), op.StopGradient(op.Square(w))))
	prog, err := b.CompileGradient(op.Sum(op.Mul(draws, w)), draws)
	if err != nil {
		t.Fatal(err)
	}
	outs, err := prog.Run(graph.NewKey(2))
	if err != nil {
		t.Fatal(err)
	}
	if !sameBits(outs[1], p.Lookup("w").Grad()) { // d/dw of sum stop(d) w is d
		t.Errorf("gradient %v, draws %v", p.Lookup("w").Grad().F64, outs[1].F64)
	}
}
