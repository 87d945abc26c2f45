package graph_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// TestSamplingNodesAreNeverMerged draws from 300 nodes of one shape and input: all must differ, and
// be uncorrelated.
func TestSamplingNodesAreNeverMerged(t *testing.T) {
	const n = 512
	b := newBuilder()
	x := b.Input("x", n)
	var draws nodes
	for i := range 100 {
		draws = append(draws, op.Uniform(x), op.Normal(x), op.Bernoulli(x))
		if i == 50 {
			draws = append(draws, op.Uniform(x))
		}
	}
	prog := must[*graph.Program](t)(b.Compile(draws...))
	half := make([]float32, n)
	for i := range half {
		half[i] = 0.5
	}
	outs := must[[]graph.Array](t)(prog.Run(graph.NewKey(1), graph.Floats32(half, n)))
	for i := range outs {
		for j := range i {
			if r := correlation(copyOf(outs[i]), copyOf(outs[j])); math.Abs(r) > 6/math.Sqrt(n) {
				t.Fatalf("%s and %s correlate by %.3f", draws[i], draws[j], r)
			}
		}
	}
}

// TestParametersOfOpsAreNeverMerged applies the same kinds of operation with other parameters: what
// Gorgonia tells apart by a hash must be told apart.
func TestParametersOfOpsAreNeverMerged(t *testing.T) {
	const rows = 600
	b := newBuilder()
	x := b.Input("x", rows, 2)
	var outs nodes
	for i := range rows {
		outs = append(outs, op.Slice(x, 0, i, i+1)) // Gorgonia's own slices repeat after 256
	}
	for i := range 300 {
		outs = append(outs, op.Slice(op.AddScalar(x, float64(i)), 0, 0, 1), op.Slice(op.Scale(x, float64(i)), 0, 1, 2))
	}
	prog := must[*graph.Program](t)(b.Compile(outs...))
	in := make([]float32, 2*rows)
	for i := range in {
		in[i] = float32(i + 1)
	}
	got := must[[]graph.Array](t)(prog.Run(graph.NewKey(1), graph.Floats32(in, rows, 2)))
	for i := range rows {
		if got[i].At(0) != float64(2*i+1) || got[i].At(1) != float64(2*i+2) {
			t.Errorf("row %d is %v", i, got[i].F32)
		}
	}
	for i := range 300 {
		if s := got[rows+2*i]; s.At(0) != float64(1+i) {
			t.Errorf("x + %d is %v", i, s.F32)
		}
		if s := got[rows+2*i+1]; s.At(0) != float64(3*i) {
			t.Errorf("%d x is %v", i, s.F32)
		}
	}
}

// TestForcedCollisions weakens the identity of nodes: each case must either compute what it should or
// fail to compile; never another number.
func TestForcedCollisions(t *testing.T) {
	for name, c := range map[string]struct {
		id   func(nodes, try int) int
		fail bool
	}{
		"all equal":          {func(_, _ int) int { return 1 }, true},
		"three values":       {func(n, try int) int { return (n + try) % 3 }, true},
		"first attempt only": {func(n, try int) int { return 1 + try*(n+1) }, false},
		"second attempt too": {func(n, try int) int { return 1 + try/2*(n+1) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			defer graph.SetNodeID(c.id)()
			b := graph.NewBuilder(graph.NewParams(graph.Float64, graph.NewKey(1)), graph.Train)
			x := b.Param("x", graph.Constant(1), 2)
			sum := op.Sum(op.Scale(x, 1))
			for i := 2; i <= 10; i++ {
				sum = op.Add(sum, op.Sum(op.Scale(x, float64(i)))) // total 55 (x0 + x1)
			}
			prog, err := b.CompileGradient(sum)
			if c.fail {
				if !errors.Is(err, graph.ErrCollision) {
					t.Fatalf("compiled with error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			outs := must[[]graph.Array](t)(prog.Run(graph.NewKey(1)))
			g := b.Params().Lookup("x").Grad()
			if outs[0].At(0) != 110 || g.At(0) != 55 || g.At(1) != 55 {
				t.Errorf("sum %v, gradient %v, expected 110 and 55", outs[0].At(0), g.F64)
			}
		})
	}
}

// collidingNames finds two input names of which Gorgonia's nodes of type Vector float64 and shape (2)
// have the same 32-bit hash under the given salt.
func collidingNames(salt int) (a, b string) {
	seen := map[uint32]string{}
	for i := 0; ; i++ {
		name := fmt.Sprint("p", i)
		h := fnv.New32a()
		fmt.Fprintf(h, "%s%d#%s\x00", "Vector float64(2)", salt, name)
		if other, ok := seen[h.Sum32()]; ok {
			return other, name
		}
		seen[h.Sum32()] = name
	}
}

// TestNamesThatCollide uses a true collision of FNV-1a: Gorgonia would take the two inputs for one. The
// builder refuses, and a Function builds again with another salt.
func TestNamesThatCollide(t *testing.T) {
	first, second := collidingNames(0)
	build := func(b *graph.Builder, _ int) []*node {
		return nodes{op.Sub(b.Input(first, 2), b.Input(second, 2))}
	}
	p := graph.NewParams(graph.Float64, graph.NewKey(1))
	b := graph.NewBuilder(p, graph.Eval)
	_, err := b.Compile(build(b, 2)...)
	if !errors.Is(err, graph.ErrCollision) {
		t.Fatalf("%q and %q: %v, expected a collision", first, second, err)
	}
	salted := graph.NewSalted(p, graph.Eval, 1)
	if _, err := salted.Compile(build(salted, 2)...); err != nil {
		t.Fatalf("another salt: %v", err)
	}
	outs := must[[]graph.Array](t)(graph.NewFunction(p, build).Run(graph.NewKey(1), 2,
		graph.Floats64([]float64{10, 20}, 2), graph.Floats64([]float64{3, 4}, 2)))
	if outs[0].At(0) != 7 || outs[0].At(1) != 16 {
		t.Errorf("10 - 3, 20 - 4 = %v", outs[0].F64)
	}
}

// TestDeepChain is a chain of 2,000 operations, x_k+1 = x_k + c_k, forward and back.
func TestDeepChain(t *testing.T) {
	b := graph.NewBuilder(graph.NewParams(graph.Float64, graph.NewKey(1)), graph.Train)
	x := b.Param("x", graph.Zeros, 3)
	y, want := x, 0.0
	for i := range 2000 {
		y = op.AddScalar(y, float64(i))
		want += float64(i)
	}
	prog := must[*graph.Program](t)(b.CompileGradient(op.Sum(y), y))
	outs := must[[]graph.Array](t)(prog.Run(graph.NewKey(1)))
	if outs[1].At(2) != want || outs[0].At(0) != 3*want || b.Params().Lookup("x").Grad().At(1) != 1 {
		t.Errorf("got %v and gradient %v, expected %v and 1", outs[1].F64, b.Params().Lookup("x").Grad().F64, want)
	}
}
