package op_test

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/op"
)

func TestGate(t *testing.T) {
	for _, shape := range [][]int{{3, 10}, {2, 3, 4}, {6}, {5, 2}, {2, 1, 3, 38}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			check(t, graphtest.OpCase{Shapes: [][]int{shape}, Build: func(in nodes) *node { return op.Gate(in[0]) }})
		})
	}
	const rows, h = 700, 37
	x := filled(0, rows, 2*h)
	graph.Normal(graph.NewKey(3), x.F32)
	x.F32[0], x.F32[h], x.F32[1], x.F32[h+1] = 1e4, 1e4, -1e4, -1e4
	want := make([]float64, rows*h)
	for i := range want {
		r, j := i/h, i%h
		want[i] = math.Tanh(x.At(r*2*h+j)) / (1 + math.Exp(-x.At(r*2*h+h+j)))
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first []float32
	for _, threads := range []int{1, 2, 4} {
		runtime.GOMAXPROCS(threads)
		got := run(t, graph.Key{}, x, func(x *node) nodes { return nodes{op.Gate(x)} })[0].F32
		if first == nil {
			first = got
			compareLarge(t, "gate", got, want)
		}
		if !slices.Equal(got, first) {
			t.Errorf("other bits on %d threads", threads)
		}
	}
}
