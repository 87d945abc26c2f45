package op_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/op"
)

func TestEmbedding(t *testing.T) {
	for _, ids := range []graph.Array{
		graph.Ints([]int{4, 0, 2, 0, 0, 4}, 2, 3), graph.Ints([]int{1, 1, 1}, 3), graph.Ints([]int{3}, 1), graph.Ints([]int{0, 4, 4, 1}, 2, 1, 2),
	} {
		for _, d := range []int{1, 3} {
			check(t, graphtest.OpCase{Shapes: [][]int{{5, d}}, Ints: []graph.Array{ids}, Build: func(in nodes) *node {
				return op.Embedding(in[1], in[0])
			}})
		}
	}
}

// TestEmbeddingRows looks up many rows, more than one thread would.
func TestEmbeddingRows(t *testing.T) {
	const v, d, n = 50, 33, 900
	p := graph.NewParams(graph.Float32, graph.NewKey(1))
	b := graph.NewBuilder(p, graph.Train)
	y := op.Embedding(b.IntInput("ids", n/2, 2), b.Param("w", graph.NormalWith(1), v, d))
	weights := filled(0, n/2, 2, d)
	graph.Normal(graph.NewKey(5), weights.F32)
	prog, err := b.CompileGradient(op.Sum(op.Mul(y, b.Input("weights", n/2, 2, d))), y)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]int, n)
	for i := range ids {
		ids[i] = i * i % (v - 1) // row v-1 gets no gradient
	}
	outs, err := prog.Run(graph.NewKey(1), graph.Ints(ids, n/2, 2), weights)
	if err != nil {
		t.Fatal(err)
	}
	w := p.Lookup("w")
	rows, grads := make([]float64, n*d), make([]float64, v*d)
	for i := range rows {
		at := ids[i/d]*d + i%d
		rows[i] = w.Value().At(at)
		grads[at] += weights.At(i)
	}
	compareLarge(t, "rows", outs[1].F32, rows)
	compareLarge(t, "gradient", w.Grad().F32, grads)
}

func TestEmbeddingOutOfRange(t *testing.T) {
	for _, gradient := range []bool{false, true} {
		for _, id := range []int{-1, 5} {
			b := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Train)
			y := op.Embedding(b.IntInput("ids", 2, 3), b.Param("w", graph.Zeros, 5, 4))
			compile := b.Compile
			if gradient {
				y = op.Sum(y)
				compile = func(outs ...*node) (*graph.Program, error) { return b.CompileGradient(outs[0]) }
			}
			prog, err := compile(y)
			if err != nil {
				t.Fatal(err)
			}
			_, err = prog.Run(graph.NewKey(1), graph.Ints([]int{0, 4, 0, 1, id, 7}, 2, 3))
			if want := fmt.Sprintf("id %d at position (1, 1) is outside [0, 5)", id); !errors.Is(err, graph.ErrRange) || !strings.Contains(err.Error(), want) {
				t.Errorf("%v should say %q", err, want)
			}
		}
	}
}
