package op_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/op"
)

type (
	node  = graph.Node
	nodes = []*graph.Node
)

func positive(v float64) float64 { return 0.3 + math.Abs(v) }

// awayFromZero keeps clear of the kink of rectifiers, where a difference says nothing.
func awayFromZero(v float64) float64 { return v + math.Copysign(0.1, v) }

func unit(v float64) float64 { return 1 / (1 + math.Exp(-v)) }

func TestElementwise(t *testing.T) {
	unary := map[string]struct {
		f     func(*node) *node
		point func(float64) float64
	}{
		"neg": {op.Neg, nil}, "exp": {op.Exp, nil}, "log": {op.Log, positive}, "sqrt": {op.Sqrt, positive},
		"square": {op.Square, nil}, "abs": {op.Abs, awayFromZero}, "sigmoid": {op.Sigmoid, nil}, "tanh": {op.Tanh, nil},
		"relu": {op.ReLU, awayFromZero}, "softplus": {op.Softplus, nil}, "gelu": {op.GELU, nil},
		"leaky": {func(x *node) *node { return op.LeakyReLU(x, 0.2) }, awayFromZero},
		"elu":   {func(x *node) *node { return op.ELU(x, 0.7) }, awayFromZero},
		"scale": {func(x *node) *node { return op.Scale(x, -1.7) }, nil},
		"plus":  {func(x *node) *node { return op.AddScalar(x, 0.3) }, nil},
	}
	for name, c := range unary {
		for _, shape := range [][]int{{3, 5}, {2, 3, 4}, {7}, {1, 1}, {1, 4}, {5, 1}} {
			t.Run(fmt.Sprint(name, shape), func(t *testing.T) {
				check(t, graphtest.OpCase{Shapes: [][]int{shape}, Point: c.point, Build: func(in nodes) *node { return c.f(in[0]) }})
			})
		}
	}
}

func check(t *testing.T, c graphtest.OpCase) {
	t.Helper()
	if err := graphtest.CheckOp(c); err != nil {
		t.Error(err)
	}
}

func TestBinaryBroadcast(t *testing.T) {
	binary := map[string]func(a, b *node) *node{"add": op.Add, "sub": op.Sub, "mul": op.Mul, "div": op.Div}
	shapes := [][2][]int{
		{{3, 5}, {3, 5}}, {{3, 5}, {5}}, {{3, 5}, {1, 5}}, {{3, 5}, {3, 1}}, {{5}, {3, 5}}, {{3, 1}, {1, 5}},
		{{2, 3, 4}, {3, 1}}, {{2, 1, 4, 3}, {5, 1, 1}}, {{2, 3, 4, 5}, {3, 4, 1}}, {{2, 3, 4, 5}, {1, 4, 1}}, {{1, 1}, {2, 3}}, {{4}, {1}},
	}
	for name, f := range binary {
		for _, s := range shapes {
			t.Run(fmt.Sprint(name, s), func(t *testing.T) {
				check(t, graphtest.OpCase{Shapes: s[:], Point: positive, Build: func(in nodes) *node { return f(in[0], in[1]) }})
			})
		}
		t.Run(name+" with itself", func(t *testing.T) {
			check(t, graphtest.OpCase{Shapes: [][]int{{3, 2}}, Point: positive, Build: func(in nodes) *node { return f(in[0], in[0]) }})
		})
	}
}

func TestMatMul(t *testing.T) {
	for _, ta := range []bool{false, true} {
		for _, tb := range []bool{false, true} {
			a, b := []int{3, 5}, []int{5, 4}
			if ta {
				a = []int{5, 3}
			}
			if tb {
				b = []int{4, 5}
			}
			t.Run(fmt.Sprint(ta, tb), func(t *testing.T) {
				check(t, graphtest.OpCase{Shapes: [][]int{a, b}, Build: func(in nodes) *node { return op.MatMul(in[0], in[1], ta, tb) }})
				check(t, graphtest.OpCase{Shapes: [][]int{append([]int{2, 3}, a...), append([]int{2, 3}, b...)},
					Build: func(in nodes) *node { return op.MatMul(in[0], in[1], ta, tb) }})
			})
		}
	}
	check(t, graphtest.OpCase{Shapes: [][]int{{3, 3}}, Build: func(in nodes) *node { return op.MatMul(in[0], in[0], false, true) }})
}

func TestAffine(t *testing.T) {
	for act := op.Identity; act.Valid(); act++ {
		t.Run(act.String(), func(t *testing.T) {
			check(t, graphtest.OpCase{Shapes: [][]int{{3, 5}, {5, 4}, {4}}, Build: func(in nodes) *node { return op.Affine(in[0], in[1], in[2], act) }})
			check(t, graphtest.OpCase{Shapes: [][]int{{3, 5}, {4, 5}, {4}}, Build: func(in nodes) *node { return op.AffineT(in[0], in[1], in[2], act) }})
			check(t, graphtest.OpCase{Shapes: [][]int{{3, 5}, {5, 4}}, Build: func(in nodes) *node { return op.Affine(in[0], in[1], nil, act) }})
			check(t, graphtest.OpCase{Shapes: [][]int{{3, 5}, {5, 4}, {4}}, Build: func(in nodes) *node { return op.AffineSparse(in[0], in[1], in[2], act) }})
		})
	}
	t.Run("more axes", func(t *testing.T) {
		for _, act := range []op.Activation{op.Identity, op.TanhActivation, op.GELUActivation} {
			check(t, graphtest.OpCase{Shapes: [][]int{{2, 3, 5}, {5, 4}, {4}}, Build: func(in nodes) *node { return op.Affine(in[0], in[1], in[2], act) }})
			check(t, graphtest.OpCase{Shapes: [][]int{{2, 1, 3, 5}, {4, 5}}, Build: func(in nodes) *node { return op.AffineT(in[0], in[1], nil, act) }})
			check(t, graphtest.OpCase{Shapes: [][]int{{2, 3, 5}, {5, 4}, {4}}, Build: func(in nodes) *node { return op.AffineSparse(in[0], in[1], in[2], act) }})
		}
	})
	t.Run("tied", func(t *testing.T) {
		check(t, graphtest.OpCase{Shapes: [][]int{{3, 5}, {5, 4}, {4}, {5}}, Build: func(in nodes) *node {
			h := op.Affine(in[0], in[1], in[2], op.TanhActivation)
			return op.AffineT(h, in[1], in[3], op.SigmoidActivation)
		}})
	})
}

func TestReduce(t *testing.T) {
	for _, c := range []struct{ shape, axes []int }{
		{[]int{3, 5}, nil}, {[]int{3, 5}, []int{0}}, {[]int{3, 5}, []int{1}}, {[]int{3, 5}, []int{-1}}, {[]int{2, 3, 4}, []int{1}},
		{[]int{2, 3, 4}, []int{0, 2}}, {[]int{2, 3, 4, 5}, []int{2}}, {[]int{2, 3, 4, 5}, []int{2, 3}}, {[]int{2, 3, 4, 5}, []int{0, 2}},
		{[]int{2, 3, 4, 5}, []int{1, 3}}, {[]int{4}, []int{0}}, {[]int{2, 1, 3}, []int{1}}, {[]int{2, 3, 2, 2, 3}, []int{0, 2, 4}},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			check(t, graphtest.OpCase{Shapes: [][]int{c.shape}, Build: func(in nodes) *node { return op.Sum(in[0], c.axes...) }})
			check(t, graphtest.OpCase{Shapes: [][]int{c.shape}, Build: func(in nodes) *node { return op.Mean(in[0], c.axes...) }})
		})
	}
}

func TestSoftmaxes(t *testing.T) {
	for name, f := range map[string]func(*node) *node{
		"softmax": op.Softmax, "logsoftmax": op.LogSoftmax, "logsumexp": op.LogSumExp, "logmeanexp": op.LogMeanExp,
	} {
		for _, shape := range [][]int{{3, 5}, {2, 3, 4}, {6}, {4, 1}} {
			t.Run(fmt.Sprint(name, shape), func(t *testing.T) {
				check(t, graphtest.OpCase{Shapes: [][]int{shape}, Build: func(in nodes) *node { return f(in[0]) }})
			})
		}
	}
}

// TestSharedRows compares each row of a constant with three rows.
func TestSharedRows(t *testing.T) {
	for name, f := range map[string]func(a, b *node) *node{"squared error": op.SquaredError, "bernoulli": op.BernoulliNLL} {
		x := filled(0, 6, 5)
		graph.Normal(graph.NewKey(3), x.F32)
		outs := run(t, graph.Key{}, x, func(x *node) nodes {
			b := op.Uniform(op.Slice(x, 0, 0, 2))
			return nodes{f(x, b), f(x, op.Repeat(b, 3))}
		})
		if !sameBits(outs[0], outs[1]) {
			t.Errorf("%s: %v with shared rows, %v with repeated ones", name, outs[0].F32, outs[1].F32)
		}
		check(t, graphtest.OpCase{Shapes: [][]int{{6, 5}}, Build: func(in nodes) *node {
			return f(in[0], op.Uniform(op.Slice(in[0], 0, 0, 2)))
		}})
	}
}

func TestLosses(t *testing.T) {
	check(t, graphtest.OpCase{Shapes: [][]int{{3, 5}, {3, 5}}, Build: func(in nodes) *node { return op.SquaredError(in[0], in[1]) }})
	check(t, graphtest.OpCase{Shapes: [][]int{{3, 2, 4}, {3, 2, 4}}, Build: func(in nodes) *node { return op.SquaredError(in[0], in[1]) }})
	check(t, graphtest.OpCase{Shapes: [][]int{{3, 5}, {3, 5}}, Point: unit, Build: func(in nodes) *node { return op.BernoulliNLL(in[0], in[1]) }})
	check(t, graphtest.OpCase{Shapes: [][]int{{3, 5}, {3, 5}, {3, 5}}, Build: func(in nodes) *node { return op.GaussianNLL(in[0], in[1], in[2]) }})
	check(t, graphtest.OpCase{Shapes: [][]int{{3, 5}}, Ints: []graph.Array{graph.Ints([]int{4, 0, 2}, 3)},
		Build: func(in nodes) *node { return op.SoftmaxCrossEntropy(in[0], in[1]) }})
}

func TestShapes(t *testing.T) {
	check(t, graphtest.OpCase{Shapes: [][]int{{3, 4}}, Build: func(in nodes) *node { return op.Reshape(in[0], 2, -1) }})
	check(t, graphtest.OpCase{Shapes: [][]int{{3, 4}}, Build: func(in nodes) *node { return op.Transpose(in[0]) }})
	for _, perm := range [][]int{{0, 2, 1}, {2, 0, 1}, {1, 2, 0}, {2, 1, 0}} {
		check(t, graphtest.OpCase{Shapes: [][]int{{2, 3, 4}}, Build: func(in nodes) *node { return op.Transpose(in[0], perm...) }})
	}
	for axis := range 3 {
		check(t, graphtest.OpCase{Shapes: [][]int{{3, 4, 5}}, Build: func(in nodes) *node { return op.Slice(in[0], axis, 1, 3) }})
		check(t, graphtest.OpCase{Shapes: [][]int{{3, 4, 5}, {3, 4, 5}}, Build: func(in nodes) *node {
			return op.Concat(axis, in[0], in[1], in[0])
		}})
	}
	check(t, graphtest.OpCase{Shapes: [][]int{{3, 1}}, Build: func(in nodes) *node { return op.Broadcast(in[0], 2, 3, 4) }})
	check(t, graphtest.OpCase{Shapes: [][]int{{4}}, Build: func(in nodes) *node { return op.Broadcast(in[0], 1, 4) }})
	for _, k := range []int{1, 3} {
		check(t, graphtest.OpCase{Shapes: [][]int{{2, 4}}, Build: func(in nodes) *node { return op.Repeat(in[0], k) }})
		check(t, graphtest.OpCase{Shapes: [][]int{{2, 3, 4}}, Build: func(in nodes) *node { return op.Repeat(in[0], k) }})
	}
	// A residual connection through a reshape: where memory is shared, this goes wrong.
	check(t, graphtest.OpCase{Shapes: [][]int{{3, 4}}, Build: func(in nodes) *node {
		r := op.Reshape(op.Tanh(in[0]), 4, 3)
		return op.Add(r, op.Mul(r, op.Exp(r)))
	}})
}
