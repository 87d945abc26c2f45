package prob_test

import (
	"errors"
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/prob"
)

// TestCategoricalSumsToOne adds up the probabilities of all values of two variables of three values.
func TestCategoricalSumsToOne(t *testing.T) {
	const v, d = 3, 6
	row := make([]float64, d)
	graph.Normal(graph.NewKey(1), row)
	row[4] += 800 // the softmax must not overflow
	var logits, x []float64
	for a := range v {
		for b := range v {
			one := make([]float64, d)
			one[a], one[v+b] = 1, 1
			logits, x = append(logits, row...), append(x, one...)
		}
	}
	b := graph.NewBuilder(graph.NewParams(graph.Float64, graph.Key{}), graph.Eval)
	p, err := b.Compile(prob.CategoricalNLL(b.Input("logits", v*v, d), b.Input("x", v*v, d), v))
	if err != nil {
		t.Fatal(err)
	}
	outs, err := p.Run(graph.Key{}, graph.Floats64(logits, v*v, d), graph.Floats64(x, v*v, d))
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for i, nll := range outs[0].F64 {
		total += math.Exp(-nll)
		want := 0.0 // by the formula of each variable
		for g := range d / v {
			sum := 0.0
			for j := range v {
				sum += math.Exp(row[g*v+j] - row[4]*float64(g))
			}
			for j := range v {
				want += x[i*d+g*v+j] * (math.Log(sum) + row[4]*float64(g) - row[g*v+j])
			}
		}
		if math.Abs(nll-want) > 1e-9*(1+want) {
			t.Errorf("value %d: %g, want %g", i, nll, want)
		}
	}
	if math.Abs(total-1) > 1e-12 {
		t.Errorf("the probabilities sum to %g", total)
	}
}

func TestCategoricalGradients(t *testing.T) {
	if err := graphtest.CheckOp(graphtest.OpCase{Shapes: [][]int{{3, 8}}, Build: func(in []*graph.Node) *graph.Node {
		return prob.CategoricalNLL(in[0], op.Uniform(in[0]), 4)
	}}); err != nil {
		t.Error(err)
	}
}

func TestCategoricalErrors(t *testing.T) {
	for _, v := range []int{0, 4, 7} {
		b := graph.NewBuilder(graph.NewParams(graph.Float32, graph.Key{}), graph.Eval)
		prob.CategoricalNLL(b.Input("logits", 2, 6), b.Input("x", 2, 6), v)
		if !errors.Is(b.Err(), graph.ErrShape) {
			t.Errorf("groups of %d: %v", v, b.Err())
		}
	}
}
