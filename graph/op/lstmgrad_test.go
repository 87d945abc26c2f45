package op_test

import (
	"fmt"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/op"
)

// lossesOf builds what a loss may read of an LSTM.
var lossesOf = map[string]func(h, last *node) *node{
	"h":    func(h, _ *node) *node { return h },
	"last": func(_, last *node) *node { return last },
	"both": func(h, last *node) *node {
		return op.Concat(1, op.Reshape(h, h.Dim(0), -1), op.Reshape(last, last.Dim(0), -1))
	},
}

func TestLSTMGradients(t *testing.T) {
	for _, c := range []struct{ n, t, h int }{{2, 3, 4}, {3, 1, 2}, {1, 4, 3}, {2, 3, 1}, {1, 1, 1}} {
		for name, loss := range lossesOf {
			t.Run(fmt.Sprint(c, name), func(t *testing.T) {
				shapes := [][]int{{c.n, c.t, 4 * c.h}, {c.h, 4 * c.h}, {c.n, 2 * c.h}}
				check(t, graphtest.OpCase{Shapes: shapes, Build: func(in nodes) *node { return loss(op.LSTM(in[0], in[1], in[2])) }})
				check(t, graphtest.OpCase{Shapes: shapes[:2], Build: func(in nodes) *node { return loss(op.LSTM(in[0], in[1], nil)) }})
			})
		}
	}
	t.Run("twice", func(t *testing.T) { // one call goes on from another, with the same weights
		check(t, graphtest.OpCase{Shapes: [][]int{{2, 3, 12}, {3, 12}, {2, 6}}, Build: func(in nodes) *node {
			h, last := op.LSTM(op.Slice(in[0], 1, 0, 2), in[1], in[2])
			more, _ := op.LSTM(op.Slice(in[0], 1, 2, 3), in[1], last)
			return op.Concat(1, h, more)
		}})
	})
}

func TestRowLSTMGradients(t *testing.T) {
	for _, c := range []struct{ n, y, x, h, reach int }{
		{2, 3, 4, 2, 1}, {2, 2, 3, 2, 0}, {1, 3, 2, 3, 4}, {3, 1, 2, 1, 1}, {1, 2, 5, 1, 2}, {2, 3, 1, 2, 1},
	} {
		for name, loss := range lossesOf {
			t.Run(fmt.Sprint(c, name), func(t *testing.T) {
				shapes := [][]int{{c.n, c.y, c.x, 4 * c.h}, {(2*c.reach + 1) * c.h, 4 * c.h}, {c.n, c.x, 2 * c.h}}
				check(t, graphtest.OpCase{Shapes: shapes, Build: func(in nodes) *node {
					return loss(op.RowLSTM(in[0], in[1], in[2], c.reach))
				}})
				check(t, graphtest.OpCase{Shapes: shapes[:2], Build: func(in nodes) *node {
					return loss(op.RowLSTM(in[0], in[1], nil, c.reach))
				}})
			})
		}
	}
}

// TestLSTMFrozen asks for the same gradient of the weights, whatever else is trained.
func TestLSTMFrozen(t *testing.T) {
	z, start := normals(1, 1, 2, 3, 16), normals(2, 1, 2, 8)
	var first graph.Array
	for _, data := range []bool{false, true} {
		p := graph.NewParams(graph.Float32, graph.NewKey(1))
		b := graph.NewBuilder(p, graph.Train)
		u, in := b.Param("u", graph.Glorot, 4, 16), []graph.Array{z, start}
		xs := nodes{b.Input("z", 2, 3, 16), b.Input("start", 2, 8)}
		if !data {
			xs = nodes{op.Add(xs[0], b.Param("a", graph.Zeros, 16)), op.Add(xs[1], b.Param("b", graph.Zeros, 8))}
		}
		h, last := op.LSTM(xs[0], u, xs[1])
		prog, err := b.CompileGradient(op.Sum(op.Add(op.Sum(h, 1), op.Slice(last, 1, 2, 6))))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := prog.Run(graph.Key{}, in...); err != nil {
			t.Fatal(err)
		}
		if first.IsZero() {
			first = p.Lookup("u").Grad()
		}
		if !sameBits(p.Lookup("u").Grad(), first) || first.At(5) == 0 {
			t.Errorf("gradients %v and %v", p.Lookup("u").Grad().F32, first.F32)
		}
	}
}
