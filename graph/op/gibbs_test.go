package op_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/internal/kernel"
	"github.com/latent-go/latent/graph/op"
)

// TestAffineBernoulli compares the draws with the numbers of their stream: number i, j of it, of rows
// padded to 32, is below the probability where the draw is 1. Sizes reach from one job to many.
func TestAffineBernoulli(t *testing.T) {
	key := graph.NewKey(7)
	for _, level := range kernel.Levels() {
		for _, s := range [][3]int{{3, 5, 4}, {1, 40, 70}, {2, 300, 1000}, {100, 64, 500}, {400, 50, 700}} {
			for _, transposed := range []bool{false, true} {
				t.Run(fmt.Sprint(level, s, transposed), func(t *testing.T) {
					defer kernel.SetLevel(level)()
					draws, p := gibbsHalf(t, key, s[0], s[1], s[2], transposed)
					stride := (s[2] + 31) / 32 * 32
					u := make([]float32, s[0]*stride)
					graph.Uniform(key.Fork("affine(bernoulli)"), u)
					for i := range draws.F32 {
						want := float32(0)
						if u[i/s[2]*stride+i%s[2]] < p.F32[i] {
							want = 1
						}
						if draws.F32[i] != want {
							t.Fatalf("element %d is %v with probability %v", i, draws.F32[i], p.F32[i])
						}
					}
					defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
					if again, _ := gibbsHalf(t, key, s[0], s[1], s[2], transposed); !sameBits(draws, again) {
						t.Error("one thread gives other bits")
					}
				})
			}
		}
	}
}

// gibbsHalf returns draws and their probabilities (m, n) of an affine map of k inputs.
func gibbsHalf(t *testing.T, key graph.Key, m, k, n int, transposed bool) (draws, p graph.Array) {
	t.Helper()
	params := graph.NewParams(graph.Float32, graph.NewKey(1))
	b := graph.NewBuilder(params, graph.Train)
	some := func(_ graph.Key, _ []int, v []float64) { // most are 0
		for i := 0; i < len(v); i += 7 {
			v[i] = float64(i%5) - 2
		}
	}
	x, bias := b.Param("x", some, m, k), b.Param("b", graph.NormalWith(1), n)
	f, g, shape := op.AffineBernoulli, op.Affine, []int{k, n}
	if transposed {
		f, g, shape = op.AffineTBernoulli, op.AffineT, []int{n, k}
	}
	w := b.Param("w", graph.NormalWith(0.3), shape...)
	prog, err := b.Compile(f(x, w, bias), g(x, w, bias, op.SigmoidActivation))
	if err != nil {
		t.Fatal(err)
	}
	outs, err := prog.Run(key)
	if err != nil {
		t.Fatal(err)
	}
	return outs[0], outs[1]
}

func TestBernoulliLogits(t *testing.T) {
	const n = 40000
	for _, logit := range []float32{-3, 0, 1.5} {
		y := run(t, graph.NewKey(5), filled(logit, n), func(x *node) nodes { return nodes{op.BernoulliLogits(x)} })[0]
		p := unit(float64(logit))
		if mean, _ := moments(y); math.Abs(mean-p) > 5*math.Sqrt(p*(1-p)/n) {
			t.Errorf("logit %v: mean %v, expected %v", logit, mean, p)
		}
		for _, v := range y.F32 {
			if v != 0 && v != 1 {
				t.Fatalf("a draw of %v", v)
			}
		}
	}
}

func TestFreeEnergy(t *testing.T) {
	shapes := [][]int{{3, 5}, {5, 4}, {5}, {4}}
	check(t, graphtest.OpCase{Shapes: shapes, Build: func(in nodes) *node { return op.FreeEnergy(in[0], in[1], in[2], in[3], nil) }})
	check(t, graphtest.OpCase{Shapes: shapes, Build: func(in nodes) *node {
		return op.FreeEnergy(in[0], in[1], in[2], in[3], op.Affine(in[0], in[1], in[3], op.Identity))
	}})
	// Logits of other weights are an error in the caller's mathematics; the check tells.
	if graphtest.CheckOp(graphtest.OpCase{Shapes: shapes, Build: func(in nodes) *node {
		return op.FreeEnergy(in[0], in[1], in[2], in[3], op.Affine(in[0], op.Scale(in[1], 1.1), in[3], op.Identity))
	}}) == nil {
		t.Error("wrong logits pass the check")
	}
	// The same from elementary operations.
	check(t, graphtest.OpCase{Shapes: shapes, Build: func(in nodes) *node {
		v, w, b, c := in[0], in[1], in[2], in[3]
		plain := op.Neg(op.Add(op.Sum(op.Mul(v, b), -1), op.Sum(op.Softplus(op.Affine(v, w, c, op.Identity)), -1)))
		return op.Add(op.Square(op.Sub(plain, op.FreeEnergy(v, w, b, c, nil))), plain)
	}})
}
