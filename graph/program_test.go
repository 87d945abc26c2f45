package graph_test

import (
	"math"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

var key = graph.NewKey(1)

// faulty is the identity that fails, or panics, when its first element says so.
func faulty(x *node) *node {
	return graph.Apply("faulty", nodes{x}, func() (graph.Op, error) {
		return graph.Op{Shape: x.Shape(), Forward: func(a *graph.Args) error {
			switch a.In[0].At(0) {
			case -1:
				return errors.New("refused")
			case -2:
				panic("out of order")
			}
			copy(a.Out.F32, a.In[0].F32)
			return nil
		}, Backward: func(_ nodes, _, dy *node) nodes { return nodes{dy} }}, nil
	})
}

// TestRunStaysOnGoroutine looks for the caller of Run among the callers of an operation.
func TestRunStaysOnGoroutine(t *testing.T) {
	b := newBuilder()
	x := b.Input("x", 1)
	var stack string
	y := graph.Apply("look", nodes{x}, func() (graph.Op, error) {
		return graph.Op{Shape: x.Shape(), Forward: func(*graph.Args) error {
			stack = string(debug.Stack())
			return nil
		}}, nil
	})
	if _, err := must[*graph.Program](t)(b.Compile(y)).Run(key, graph.Floats32([]float32{1}, 1)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(stack, "TestRunStaysOnGoroutine(") {
		t.Errorf("the operation was called from\n%s", stack)
	}
}

// TestRunAfterError runs one program through every kind of failure; each next run must be right, the
// buffer must change after successes only.
func TestRunAfterError(t *testing.T) {
	b := newBuilder()
	x, labels := b.Input("x", 2, 3), b.IntInput("labels", 2)
	w := b.Param("w", graph.Constant(1), 3, 3)
	s := b.Buffer("s", graph.Zeros, 2)
	logits := op.MatMul(op.Log(faulty(x)), w, false, false)
	loss := op.Mean(op.SoftmaxCrossEntropy(logits, labels))
	b.Update(s, op.Add(s, op.Sum(x, 1)))
	prog := must[*graph.Program](t)(b.CompileGradient(loss, logits))
	good := func(v float32) []graph.Array {
		return []graph.Array{graph.Floats32([]float32{v, 1, 2, 3, 4, 5}, 2, 3), graph.Ints([]int{0, 2}, 2)}
	}
	with := func(i int, a graph.Array) []graph.Array {
		in := good(1)
		in[i] = a
		return in
	}
	nan := float32(math.NaN())
	for _, c := range []struct {
		in    []graph.Array
		err   error
		parts []string
	}{
		{good(-1), nil, []string{"faulty", "refused"}},
		{good(-2), graph.ErrRun, []string{"faulty", "panic", "out of order"}},
		{with(1, graph.Ints([]int{0, 3}, 2)), graph.ErrRange, []string{"label 3 of example 1", "[0, 3)"}},
		{with(1, graph.Ints([]int{-1, 0}, 2)), graph.ErrRange, []string{"label -1 of example 0"}},
		{good(1)[:1], graph.ErrShape, []string{"1 inputs", "2 expected"}},
		{append(good(1), good(1)...), graph.ErrShape, []string{"4 inputs"}},
		{with(0, graph.Floats32(make([]float32, 6), 3, 2)), graph.ErrShape, []string{"input x", "(3, 2)", "(2, 3)"}},
		{with(0, graph.Ints(make([]int, 6), 2, 3)), graph.ErrType, []string{"input x"}},
		{with(1, graph.Floats32(make([]float32, 2), 2)), graph.ErrType, []string{"input labels"}},
		{with(0, graph.Array{}), graph.ErrShape, []string{"input x"}},
		{with(0, graph.Floats32([]float32{1, 1, 1, 1, 1, nan}, 2, 3)), graph.ErrNotFinite, []string{"input x", "element 2 of example 1", "NaN"}},
		{with(0, graph.Floats64([]float64{1, 1e300, 1, 1, 1, 1}, 2, 3)), graph.ErrNotFinite, []string{"input x", "element 1 of example 0"}},
		{good(-5), graph.ErrNotFinite, []string{"output 0", "first at log"}},
	} {
		_, err := prog.Run(key, c.in...)
		wantError(t, err, c.err, c.parts...)
		before := b.Params().Lookup("s").Value().F32[0]
		outs, err := prog.Run(key, good(2)...)
		if err != nil {
			t.Fatalf("the run after %q failed: %v", c.parts, err)
		}
		near(t, "logit", outs[1].At(0), math.Log(2)+math.Log(2), 1e-6)
		near(t, "loss", outs[0].At(0), math.Log(3), 1e-6)
		if after := b.Params().Lookup("s").Value().F32[0]; after != before+5 {
			t.Errorf("after %q the buffer went from %v to %v, expected 5 more", c.parts, before, after)
		}
	}
	if n := b.Params().Lookup("s").Value().F32[0]; n != 13*5 {
		t.Errorf("the buffer is %v after 13 successes, expected 65", n)
	}
}

// TestLargeBatchWithBadLabel fails where work is split over goroutines, on which a panic would end the
// process; the gradient may run before the loss.
func TestLargeBatchWithBadLabel(t *testing.T) {
	b := newBuilder()
	w := b.Param("w", graph.NormalWith(1), 100, 1000)
	prog := must[*graph.Program](t)(b.CompileGradient(op.Sum(op.SoftmaxCrossEntropy(w, b.IntInput("labels", 100)))))
	labels := make([]int, 100)
	labels[77] = 1000
	_, err := prog.Run(key, graph.Ints(labels, 100))
	wantError(t, err, graph.ErrRange, "label 1000 of example 77")
	labels[77] = 999
	must[[]graph.Array](t)(prog.Run(key, graph.Ints(labels, 100)))
}

// TestFirstNotFinite asks for the name of the operation, or of the parameter, that was NaN first.
func TestFirstNotFinite(t *testing.T) {
	b := newBuilder()
	x := b.Input("x", 2)
	w := b.Scope("deep").Param("w", graph.Constant(1), 2)
	h := op.Tanh(op.Mul(x, w))
	for range 5 {
		h = op.Add(h, op.Mul(h, w))
	}
	inside := op.Log(op.Sub(h, b.Scope("deep").Param("v", graph.Zeros, 2)))
	loss := op.Sum(op.Square(op.Softplus(op.Exp(inside))))
	prog := must[*graph.Program](t)(b.CompileGradient(loss))
	must[[]graph.Array](t)(prog.Run(key, graph.Floats32([]float32{1, 2}, 2)))
	_, err := prog.Run(key, graph.Floats32([]float32{1, -2}, 2))
	wantError(t, err, graph.ErrNotFinite, "first at "+inside.Path(), "NaN")
	b.Params().Lookup("deep/w").Value().F32[1] = float32(math.Inf(-1))
	_, err = prog.Run(key, graph.Floats32([]float32{1, 2}, 2))
	wantError(t, err, graph.ErrNotFinite, "parameter deep/w")
}

// TestFirstNotFiniteDraw: which of two logarithms is NaN depends on a draw.
func TestFirstNotFiniteDraw(t *testing.T) {
	b := newBuilder()
	u := op.Uniform(b.Param("w", graph.Zeros, 1))
	above, below := op.Log(op.AddScalar(u, -0.5)), op.Log(op.Sub(op.Scale(u, 0), op.AddScalar(u, -0.5)))
	prog := must[*graph.Program](t)(b.Compile(op.Sum(op.Add(above, below))))
	count := map[string]int{}
	for run := range uint64(20) {
		_, err := prog.Run(key.At(run))
		wantError(t, err, graph.ErrNotFinite)
		count[err.Error()[strings.Index(err.Error(), "first at "):]]++
	}
	for _, x := range []*node{above, below} {
		if n := count["first at "+x.Path()+": "+graph.ErrNotFinite.Error()]; n < 4 || n > 16 {
			t.Errorf("%s is found %d times of 20, expected about half: %v", x.Path(), n, count)
		}
	}
}

// TestFirstNotFiniteOfOutput: what an output does not depend on is not to blame, though it may be computed
// earlier.
func TestFirstNotFiniteOfOutput(t *testing.T) {
	for first := range 2 {
		b := newBuilder()
		x := b.Input("x", 1)
		logs := nodes{op.Log(x), op.Log(op.Scale(x, 2))}
		prog := must[*graph.Program](t)(b.Compile(op.Sum(logs[first]), op.Sum(logs[1-first])))
		_, err := prog.Run(key, graph.Floats32([]float32{-1}, 1))
		wantError(t, err, graph.ErrNotFinite, "output 0", "first at "+logs[first].Path()+": ")
	}
}

func TestMemoryIsNotShared(t *testing.T) {
	b := newBuilder()
	x := b.Input("x", 3)
	y := op.Neg(x)
	prog := must[*graph.Program](t)(b.Compile(y, y, x, op.Sum(y)))
	in := graph.Floats32([]float32{1, 2, 3}, 3)
	first := must[[]graph.Array](t)(prog.Run(key, in))
	in.F32[0] = 100 // the program has a copy
	first[0].Shape[0] = 7
	second := must[[]graph.Array](t)(prog.Run(key, graph.Floats32([]float32{4, 5, 6}, 3)))
	for i, want := range [][]float32{{-1, -2, -3}, {-1, -2, -3}, {1, 2, 3}, {-6}} {
		if !slices.Equal(first[i].F32, want) {
			t.Errorf("output %d of the first run is now %v", i, first[i].F32)
		}
	}
	if second[0].Shape[0] != 3 || second[0].F32[0] != -4 {
		t.Errorf("the second run gave %v", second[0])
	}
	second[0].F32[0] = 9
	if second[1].F32[0] != -4 {
		t.Error("two outputs share memory")
	}
}

func TestRanks(t *testing.T) {
	for _, dtype := range []graph.DType{graph.Float32, graph.Float64} {
		for _, shape := range [][]int{{}, {1}, {4}, {1, 1}, {2, 3}, {2, 1, 3, 1, 2}} {
			b := graph.NewBuilder(graph.NewParams(dtype, key), graph.Train)
			x := b.Param("x", graph.Constant(3), shape...)
			y := op.Mul(op.AddScalar(x, 1), x)
			prog, err := b.CompileGradient(op.Sum(y), y)
			if err != nil {
				t.Errorf("%v %v: %v", dtype, shape, err)
				continue
			}
			for range 3 {
				outs := must[[]graph.Array](t)(prog.Run(key))
				g := b.Params().Lookup("x").Grad()
				n := float64(x.Len())
				if outs[0].At(0) != 12*n || outs[1].At(x.Len()-1) != 12 || g.At(0) != 7 || !slices.Equal(outs[1].Shape, shape) {
					t.Errorf("%v %v: sum %v, y %v, gradient %v; expected %v, 12 and 7", dtype, shape, outs[0].At(0), outs[1], g, 12*n)
				}
			}
		}
	}
}

func TestPruning(t *testing.T) {
	count := func(f func(b *graph.Builder) *node) (*graph.Program, *graph.Params) {
		b := newBuilder()
		prog := must[*graph.Program](t)(b.CompileGradient(f(b)))
		must[[]graph.Array](t)(prog.Run(key, normals32(1, 4, 3)))
		return prog, b.Params()
	}
	matmuls := func(p *graph.Program) (n int) {
		for _, o := range p.Order() {
			if strings.Contains(o, "matmul") {
				n++
			}
		}
		return n
	}
	// One forward product and dW; no dX of the data.
	prog, params := count(func(b *graph.Builder) *node {
		return op.Sum(op.MatMul(b.Input("x", 4, 3), b.Param("w", graph.Glorot, 3, 2), false, false))
	})
	if matmuls(prog) != 2 || !prog.Writes(params.Lookup("w")) {
		t.Errorf("%d products in %v, gradient in place: %v", matmuls(prog), prog.Order(), prog.Writes(params.Lookup("w")))
	}
	// Two layers: two forward, dW2, dH, dW1.
	two := func(first func(b *graph.Builder) *node) func(b *graph.Builder) *node {
		return func(b *graph.Builder) *node {
			return op.Sum(op.MatMul(op.MatMul(b.Input("x", 4, 3), first(b), false, false), b.Param("w2", graph.Glorot, 2, 5), false, false))
		}
	}
	trained := two(func(b *graph.Builder) *node { return b.Param("w1", graph.Glorot, 3, 2) })
	frozen := two(func(b *graph.Builder) *node { return b.Buffer("w1", graph.Glorot, 3, 2) })
	stopped := two(func(b *graph.Builder) *node { return op.StopGradient(b.Param("w1", graph.Glorot, 3, 2)) })
	for i, c := range []struct {
		f    func(b *graph.Builder) *node
		want int
	}{{trained, 5}, {frozen, 3}, {stopped, 3}} {
		if prog, _ := count(c.f); matmuls(prog) != c.want {
			t.Errorf("case %d: %d products, expected %d: %v", i, matmuls(prog), c.want, prog.Order())
		}
	}
	// What the loss does not need is not computed.
	prog, _ = count(func(b *graph.Builder) *node {
		x := b.Input("x", 4, 3)
		op.Exp(op.Exp(op.Exp(x)))
		return op.Sum(op.Mul(x, b.Param("w", nil, 4, 3)))
	})
	if slices.ContainsFunc(prog.Order(), func(s string) bool { return strings.Contains(s, "exp") }) {
		t.Errorf("an unused operation is carried out: %v", prog.Order())
	}
}
