package prob

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
)

// run computes the nodes that build makes of inputs (n, l) in float64.
func run(t *testing.T, key graph.Key, build func(in []*graph.Node) []*graph.Node, in ...graph.Array) []graph.Array {
	t.Helper()
	b := graph.NewBuilder(graph.NewParams(graph.Float64, graph.Key{}), graph.Eval)
	var nodes []*graph.Node
	for i, a := range in {
		nodes = append(nodes, b.Input(string(rune('a'+i)), a.Shape...))
	}
	p, err := b.Compile(build(nodes)...)
	if err != nil {
		t.Fatal(err)
	}
	outs, err := p.Run(key, in...)
	if err != nil {
		t.Fatal(err)
	}
	return outs
}

func kl(in []*graph.Node) []*graph.Node {
	return []*graph.Node{StandardNormalKL(in[0], in[1])}
}

// TestKLAgainstMonteCarlo averages log q(z) - log p(z) over draws of z, and the same for a KL that
// is wrong by its constant, which must not pass.
func TestKLAgainstMonteCarlo(t *testing.T) {
	means, logVars := []float64{0, 0.7, -2, 0.1}, []float64{0, -1.5, 0.8, -6}
	exact := run(t, graph.Key{}, kl, graph.Floats64(means, 1, 4), graph.Floats64(logVars, 1, 4))[0]
	if exact.F64[0] != 0 {
		t.Errorf("KL of the prior from itself is %g", exact.F64[0])
	}
	const draws = 200000
	for j := range means {
		m, lv := make([]float64, draws), make([]float64, draws)
		for i := range m {
			m[i], lv[i] = means[j], logVars[j]
		}
		outs := run(t, graph.NewKey(uint64(j)), func(in []*graph.Node) []*graph.Node {
			z, noise := DrawNormal(in[0], in[1])
			return []*graph.Node{z, noise}
		}, graph.Floats64(m, draws, 1), graph.Floats64(lv, draws, 1))
		sum, squares := 0.0, 0.0
		for i, z := range outs[0].F64 {
			// The density of q is taken at z, not from the noise.
			d := z - means[j]
			v := -0.5*(logVars[j]+d*d*math.Exp(-logVars[j])) + 0.5*z*z
			sum += v
			squares += v * v
			if want := means[j] + math.Exp(logVars[j]/2)*outs[1].F64[i]; math.Abs(z-want) > 1e-12 {
				t.Fatalf("z %g, want %g from its noise", z, want)
			}
		}
		mean := sum / draws
		stderr := math.Sqrt((squares/draws-mean*mean)/draws) + 1e-12
		agrees := func(v float64) bool { return math.Abs(mean-v) <= 4*stderr }
		if !agrees(exact.F64[j]) {
			t.Errorf("unit %d: KL %g, by sampling %g +- %g", j, exact.F64[j], mean, stderr)
		}
		if agrees(exact.F64[j] + 0.5) {
			t.Errorf("unit %d: the check accepts a KL that is wrong by 1/2", j)
		}
	}
}

func TestGradients(t *testing.T) {
	shapes := [][]int{{3, 5}, {3, 5}}
	for name, c := range map[string]graphtest.OpCase{
		"StandardNormalKL": {Shapes: shapes, Build: func(in []*graph.Node) *graph.Node { return StandardNormalKL(in[0], in[1]) }},
		"DrawNormal": {Shapes: shapes, Build: func(in []*graph.Node) *graph.Node {
			z, _ := DrawNormal(in[0], in[1])
			return z
		}},
		"LogMeanExp": {Shapes: shapes[:1], Build: func(in []*graph.Node) *graph.Node { return LogMeanExp(in[0]) }},
	} {
		if err := graphtest.CheckOp(c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLogMeanExp(t *testing.T) {
	x := []float64{0, math.Log(2), math.Log(3), 1000, 1000, 1000, -1e5, -1e5, -1e5 + math.Log(4)}
	got := run(t, graph.Key{}, func(in []*graph.Node) []*graph.Node {
		return []*graph.Node{LogMeanExp(in[0])}
	}, graph.Floats64(x, 3, 3))[0]
	for i, want := range []float64{math.Log(2), 1000, -1e5 + math.Log(2)} {
		if math.Abs(got.F64[i]-want) > 1e-9 {
			t.Errorf("row %d: %.12g, want %.12g", i, got.F64[i], want)
		}
	}
}
