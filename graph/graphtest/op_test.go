package graphtest_test

import (
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
)

// doubled is 2 x, written here in full so that one thing at a time can be wrong with it.
type doubled struct {
	forward  func(a *graph.Args, i int, v float64) float64
	backward float64
}

func (d doubled) build(in []*graph.Node) *graph.Node {
	return graph.Apply("doubled", in, func() (graph.Op, error) {
		return graph.Op{
			Shape:   in[0].Shape(),
			Forward: elementwise(d.forward),
			Backward: func(in []*graph.Node, _, dy *graph.Node) []*graph.Node {
				dx := doubled{forward: func(_ *graph.Args, _ int, v float64) float64 { return d.backward * v }}.build([]*graph.Node{dy})
				return []*graph.Node{dx, nil}[:len(in)]
			},
		}, nil
	})
}

func set(a graph.Array, i int, v float64) {
	if a.F64 != nil {
		a.F64[i] = v
	} else {
		a.F32[i] = float32(v)
	}
}

// keeper is 2 x too, but its gradient reads the result past the graph, where another may lie by then.
func keeper(in []*graph.Node) *graph.Node {
	var kept graph.Array
	forward := func(a *graph.Args, i int, v float64) float64 {
		kept = a.Out
		return 2 * v
	}
	backward := func(_ *graph.Args, i int, v float64) float64 { return 2*v + 0*kept.At(i) }
	return graph.Apply("keeper", in, func() (graph.Op, error) {
		return graph.Op{
			Shape:   in[0].Shape(),
			Forward: elementwise(forward),
			Backward: func(in []*graph.Node, _, dy *graph.Node) []*graph.Node {
				return []*graph.Node{doubled{forward: backward}.build([]*graph.Node{dy})}
			},
		}, nil
	})
}

func elementwise(f func(a *graph.Args, i int, v float64) float64) func(a *graph.Args) error {
	return func(a *graph.Args) error {
		for i := range a.Out.Len() {
			set(a.Out, i, f(a, i, a.In[0].At(i)))
		}
		return nil
	}
}

func TestCheckOp(t *testing.T) {
	calls := 0
	right := func(_ *graph.Args, _ int, v float64) float64 { return 2 * v }
	for name, c := range map[string]struct {
		op doubled
		ok bool
	}{
		"right":         {doubled{right, 2}, true},
		"wrong slope":   {doubled{right, 2.001}, false},
		"wrong sign":    {doubled{right, -2}, false},
		"no slope":      {doubled{right, 0}, false},
		"NaN":           {doubled{func(_ *graph.Args, i int, v float64) float64 { return (v - v) / (v - v) }, 2}, false},
		"reads its own": {doubled{func(a *graph.Args, i int, v float64) float64 { return 2*v + 0*a.Out.At(i) }, 2}, false},
		"skips one": {doubled{func(a *graph.Args, i int, v float64) float64 {
			if i == 1 {
				return a.Out.At(i)
			}
			return 2 * v
		}, 2}, false},
		"writes to its input": {doubled{func(a *graph.Args, i int, v float64) float64 {
			set(a.In[0], i, v+1e-3)
			return 2 * v
		}, 2}, false},
		"writes to its labels": {doubled{func(a *graph.Args, i int, v float64) float64 {
			if len(a.In) == 2 {
				a.In[1].Int[0]++
			}
			return 2 * v
		}, 2}, false},
		"coarse in float32": {doubled{func(a *graph.Args, i int, v float64) float64 {
			if a.Out.F32 != nil {
				return 2.001 * v
			}
			return 2 * v
		}, 2}, false},
		"remembers": {doubled{func(_ *graph.Args, _ int, v float64) float64 {
			calls++
			return 2*v + 1e-9*float64(calls)
		}, 2}, false},
	} {
		err := graphtest.CheckOp(graphtest.OpCase{Shapes: [][]int{{2, 3}}, Ints: []graph.Array{graph.Ints([]int{1, 2}, 2)}, Build: c.op.build})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := graphtest.CheckOp(graphtest.OpCase{Shapes: [][]int{{2, 0}}, Build: doubled{right, 2}.build}); err == nil {
		t.Error("an empty shape is accepted")
	}
	if err := graphtest.CheckOp(graphtest.OpCase{Shapes: [][]int{{2, 3}}, Build: keeper}); err == nil {
		t.Error("an operation that keeps its result is accepted")
	}
}
