package op_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/op"
)

func TestNormalGradients(t *testing.T) {
	pair := [][]int{{3, 5}, {3, 5}}
	for _, k := range []int{1, 4} {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			noise := func(in nodes) *node { return op.NormalRows(in[0], k) }
			check(t, graphtest.OpCase{Shapes: pair, Build: func(in nodes) *node {
				return op.Reparameterize(in[0], in[1], noise(in))
			}})
			check(t, graphtest.OpCase{Shapes: pair, Build: func(in nodes) *node {
				e := noise(in)
				return op.LogPriorRatio(in[1], e, op.Reparameterize(in[0], in[1], e))
			}})
		})
	}
	check(t, graphtest.OpCase{Shapes: pair, Build: func(in nodes) *node { return op.StandardNormalKL(in[0], in[1]) }})
	check(t, graphtest.OpCase{Shapes: [][]int{{4}, {4}}, Build: func(in nodes) *node { return op.StandardNormalKL(in[0], in[1]) }})
}

// compute runs build on float64 inputs.
func compute(t *testing.T, key graph.Key, build func(in nodes) nodes, in ...graph.Array) []graph.Array {
	t.Helper()
	return computeAs(t, graph.Float64, key, build, in...)
}

func computeAs(t *testing.T, dtype graph.DType, key graph.Key, build func(in nodes) nodes, in ...graph.Array) []graph.Array {
	t.Helper()
	b := graph.NewBuilder(graph.NewParams(dtype, graph.Key{}), graph.Eval)
	var xs nodes
	for i, a := range in {
		xs = append(xs, b.Input(fmt.Sprint("in", i), a.Shape...))
	}
	p, err := b.Compile(build(xs)...)
	if err != nil {
		t.Fatal(err)
	}
	outs, err := p.Run(key, in...)
	if err != nil {
		t.Fatal(err)
	}
	return outs
}

// TestNormalAgainstMonteCarlo averages log q(z) - log p(z), from the densities, over draws of z. That must
// be the KL, and by each draw the negative of LogPriorRatio; a KL that is wrong by its constant must not
// pass.
func TestNormalAgainstMonteCarlo(t *testing.T) {
	means, logVars := []float64{0, 0.7, -2, 0.1}, []float64{0, -1.5, 0.8, -6}
	const k = 100000
	for j := range means {
		outs := compute(t, graph.NewKey(uint64(j)), func(in nodes) nodes {
			noise := op.NormalRows(in[0], k)
			z := op.Reparameterize(in[0], in[1], noise)
			return nodes{op.StandardNormalKL(in[0], in[1]), z, op.LogPriorRatio(in[1], noise, z)}
		}, graph.Floats64(means[j:j+1], 1, 1), graph.Floats64(logVars[j:j+1], 1, 1))
		kl := outs[0].F64[0]
		sum, squares := 0.0, 0.0
		for i, z := range outs[1].F64 {
			d := z - means[j]
			v := -0.5*(logVars[j]+d*d*math.Exp(-logVars[j])) + 0.5*z*z
			sum += v
			squares += v * v
			if math.Abs(v+outs[2].F64[i]) > 1e-9*(1+math.Abs(v)) {
				t.Fatalf("unit %d, draw %d: ratio %g, from the densities %g", j, i, outs[2].F64[i], -v)
			}
		}
		mean := sum / k
		stderr := math.Sqrt((squares/k-mean*mean)/k) + 1e-12
		agrees := func(v float64) bool { return math.Abs(mean-v) <= 4*stderr }
		if !agrees(kl) || agrees(kl+0.5) {
			t.Errorf("unit %d: KL %g, by sampling %g +- %g", j, kl, mean, stderr)
		}
	}
}

// TestReparameterizeOrder gives every draw to its own example.
func TestReparameterizeOrder(t *testing.T) {
	z := compute(t, graph.Key{}, func(in nodes) nodes { return nodes{op.Reparameterize(in[0], in[1], in[2])} },
		graph.Floats64([]float64{10, 20}, 2, 1), graph.Floats64([]float64{0, 2 * math.Log(2)}, 2, 1),
		graph.Floats64([]float64{1, 2, 3, -1, -2, -3}, 6, 1))[0]
	for i, want := range []float64{11, 12, 13, 18, 16, 14} {
		if math.Abs(z.F64[i]-want) > 1e-12 {
			t.Errorf("draws %v", z.F64)
			break
		}
	}
}

func TestRepeatOrder(t *testing.T) {
	y := compute(t, graph.Key{}, func(in nodes) nodes { return nodes{op.Repeat(in[0], 2)} }, graph.Floats64([]float64{1, 2, 3, 4}, 2, 2))[0]
	if !slices.Equal(y.Shape, []int{4, 2}) || !slices.Equal(y.F64, []float64{1, 2, 1, 2, 3, 4, 3, 4}) {
		t.Errorf("rows %v of shape %v", y.F64, y.Shape)
	}
}

func TestLogMeanExp(t *testing.T) {
	x := []float64{0, math.Log(2), math.Log(3), 1000, 1000, 1000, -1e5, -1e5, -1e5 + math.Log(4)}
	got := compute(t, graph.Key{}, func(in nodes) nodes { return nodes{op.LogMeanExp(in[0])} }, graph.Floats64(x, 3, 3))[0]
	for i, want := range []float64{math.Log(2), 1000, -1e5 + math.Log(2)} {
		if math.Abs(got.F64[i]-want) > 1e-9 {
			t.Errorf("row %d: %.12g, want %.12g", i, got.F64[i], want)
		}
	}
}
