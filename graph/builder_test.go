package graph_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

func newBuilder() *graph.Builder {
	return graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Train)
}

// here is the caller's file and line, offset lines further.
func here(offset int) string {
	_, _, line, _ := runtime.Caller(1)
	return fmt.Sprintf("builder_test.go:%d", line+offset)
}

func TestErrorsAreLocatedAndStick(t *testing.T) {
	b := newBuilder()
	x := b.Input("x", 5, 3)
	dec := b.Scope("dec")
	w := dec.Param("w", graph.Glorot, 4, 2)
	line := here(1)
	h := op.Affine(x, w, nil, op.Identity)
	err := b.Err()
	wantError(t, err, graph.ErrShape, line, "dec/affine", "x(5, 3)", "dec/w(4, 2)")

	// Whatever follows does nothing and leaves the first error in place.
	y := op.Add(h, b.Input("y", 7))
	z := b.Param("z", nil, 3, 3)
	op.SquaredError(op.Softmax(y), op.MatMul(z, h, true, false))
	op.Mean(op.Concat(1, h, y), 0)
	b.Update(z, y)
	b.Fail(errors.New("another"))
	if b.Err() != err {
		t.Errorf("the first error gave way to %v", b.Err())
	}
	if b.Params().Lookup("z") != nil {
		t.Error("a parameter was made after an error")
	}
	_, compiled := b.Compile(h)
	if !errors.Is(compiled, graph.ErrShape) || compiled != err {
		t.Errorf("Compile returned %v", compiled)
	}
	for _, n := range (nodes{h, y, z, nil}) {
		if len(n.Shape()) != 0 || n.Dim(0) != 0 || n.Dim(-1) != 0 || n.Len() != 0 || n.IsInt() || n.NeedsGrad() ||
			!strings.HasSuffix(n.String(), "()") || n.Path() == "" || n.DType() != graph.Float32 {
			t.Errorf("dead node %v of shape %v, length %d", n, n.Shape(), n.Len())
		}
	}
}

func TestFailIsLocated(t *testing.T) {
	b := newBuilder()
	line := here(1)
	b.Scope("enc").Scope("0").Fail(errors.New("too deep"))
	wantError(t, b.Err(), nil, line, "enc/0", "too deep")
}

// TestDeadNodes hands nil nodes, and nodes that come of them, to every operation.
func TestDeadNodes(t *testing.T) {
	var none *node
	for name, f := range map[string]func(x *node) *node{
		"nil first":   func(x *node) *node { return op.Add(none, x) },
		"nil second":  func(x *node) *node { return op.Mul(x, none) },
		"concat":      func(x *node) *node { return op.Concat(0, none, x) },
		"affine":      func(x *node) *node { return op.Affine(none, x, nil, op.TanhActivation) },
		"affine gelu": func(x *node) *node { return op.Affine(x, none, x, op.GELUActivation) },
		"matmul":      func(x *node) *node { return op.MatMul(none, x, false, true) },
		"loss":        func(x *node) *node { return op.BernoulliNLL(none, x) },
		"gaussian":    func(x *node) *node { return op.GaussianNLL(x, none, x) },
		"entropy":     func(x *node) *node { return op.SoftmaxCrossEntropy(none, x) },
		"of nil": func(x *node) *node {
			return op.Add(x, op.Mean(op.Reshape(op.Dropout(op.Normal(op.Square(none)), 0.5), 2, 3), 0))
		},
		"of nothing": func(x *node) *node { return op.Add(x, op.Concat(0)) },
	} {
		b := newBuilder()
		y := f(b.Input("x", 3, 3))
		if b.Err() == nil {
			t.Errorf("%s: no error", name)
		}
		wantError(t, b.Err(), graph.ErrName, "nil")
		if _, err := b.Compile(y); err == nil {
			t.Errorf("%s: compiled", name)
		}
	}
	op.GaussianNLL(none, none, none)
	op.LogSumExp(op.Mean(none, 1))
	op.Slice(op.Transpose(op.Broadcast(none, 3)), 0, 1, 2)
}

func TestNodesOfTwoGraphs(t *testing.T) {
	a, b := newBuilder(), newBuilder()
	op.Add(a.Input("x", 3), b.Input("y", 3))
	wantError(t, a.Err(), graph.ErrName, "different graphs", "x(3)", "y(3)")

	a, b = newBuilder(), newBuilder()
	_, err := a.Compile(b.Input("x", 3))
	wantError(t, err, graph.ErrName, "output 0")
	_, err = a.Compile(nil)
	wantError(t, err, graph.ErrName, "output 0")
	_, err = a.Compile()
	wantError(t, err, graph.ErrShape, "output")
}

func TestNamesAreUnique(t *testing.T) {
	b := newBuilder()
	x := b.Input("x", 3)
	seen := map[string]bool{x.Path(): true}
	// "neg.1" is taken beforehand, so that the second neg must find another name.
	for _, n := range []*node{b.Input("neg.1", 3), op.Neg(x), op.Neg(x), op.Neg(x), b.Scope("s").Input("x", 3), b.Scope("s").Scope("x").Input("y", 3)} {
		if seen[n.Path()] {
			t.Errorf("two nodes are called %s", n.Path())
		}
		seen[n.Path()] = true
	}
	if b.Err() != nil {
		t.Fatal(b.Err())
	}
	for i, f := range []func(b *graph.Builder){
		func(b *graph.Builder) { b.Input("a", 3); b.Input("a", 3) },
		func(b *graph.Builder) { b.Input("a", 3); b.IntInput("a", 3) },
		func(b *graph.Builder) { b.Input("a", 3); b.Param("a", nil, 3) },
		func(b *graph.Builder) { b.Param("a", nil, 3); b.Input("a", 3) },
		func(b *graph.Builder) { b.Param("a", nil, 3); b.Buffer("a", nil, 3) },
		func(b *graph.Builder) { b.Input("", 3) },
		func(b *graph.Builder) { b.Scope("enc").Param("", nil, 3) },
		func(b *graph.Builder) { b.Scope("enc").Param("../w", nil, 3) },
		func(b *graph.Builder) { b.Scope("..").Param("w", nil, 3) },
		func(b *graph.Builder) { b.Param("w/", nil, 3) },
		func(b *graph.Builder) { b.Param("/w", nil, 3) },
	} {
		b := newBuilder()
		f(b)
		if !errors.Is(b.Err(), graph.ErrName) {
			t.Errorf("case %d: error %v", i, b.Err())
		}
	}
}

func TestBadShapesOfLeaves(t *testing.T) {
	for _, shape := range [][]int{{}, {0}, {3, 0}, {-1}, {1 << 40, 1 << 40}} {
		b := newBuilder()
		line := here(1)
		b.Scope("s").Input("x", shape...)
		wantError(t, b.Err(), graph.ErrShape, "s/x", line)
	}
	b := newBuilder()
	b.Param("w", nil, 3, 4)
	b.Param("w", nil, 4, 3)
	wantError(t, b.Err(), graph.ErrShape, `"w"`, "[3 4]", "[4 3]")
	b = newBuilder()
	graph.Apply("empty", nodes{b.Input("x", 3)}, func() (graph.Op, error) { return graph.Op{Shape: []int{3, 0}}, nil })
	wantError(t, b.Err(), graph.ErrShape, "empty", "(3, 0)")
}

func TestSharedParameter(t *testing.T) {
	b := newBuilder()
	w := b.Param("w", graph.Glorot, 3, 4)
	if again := b.Param("w", graph.Glorot, 3, 4); w != again {
		t.Error("one parameter has two nodes in a graph")
	}
	if b.Buffer("s", nil, 2).NeedsGrad() || !op.Neg(w).NeedsGrad() || op.StopGradient(w).NeedsGrad() {
		t.Error("NeedsGrad is wrong")
	}
}

func TestUseAfterCompile(t *testing.T) {
	for name, use := range map[string]func(b *graph.Builder, x, s *node){
		"input":     func(b *graph.Builder, x, s *node) { b.Input("late", 3) },
		"parameter": func(b *graph.Builder, x, s *node) { b.Param("w", nil, 3) },
		"operation": func(b *graph.Builder, x, s *node) { op.Neg(x) },
		"update":    func(b *graph.Builder, x, s *node) { b.Update(s, x) },
	} {
		b := newBuilder()
		x, s := b.Input("x", 3), b.Buffer("s", nil, 3)
		prog := must[*graph.Program](t)(b.Compile(op.Add(x, s)))
		use(b, x, s)
		if b.Err() == nil {
			t.Errorf("%s after Compile: no error", name)
		} else {
			wantError(t, b.Err(), graph.ErrName, "compiled")
		}
		if out := must[[]graph.Array](t)(prog.Run(graph.NewKey(1), graph.Floats32([]float32{1, 2, 3}, 3))); out[0].At(2) != 3 {
			t.Errorf("%s after Compile changed the program: %v", name, out)
		}
	}
	b := newBuilder()
	x := b.Input("x", 3)
	must[*graph.Program](t)(b.Compile(x))
	_, err := b.Compile(x)
	wantError(t, err, graph.ErrName, "compiled before")
}

func TestBadUpdates(t *testing.T) {
	for name, f := range map[string]func(b *graph.Builder, buffer, x *node){
		"of an input":     func(b *graph.Builder, buffer, x *node) { b.Update(x, x) },
		"of a parameter":  func(b *graph.Builder, buffer, x *node) { b.Update(b.Param("w", nil, 3), x) },
		"wrong shape":     func(b *graph.Builder, buffer, x *node) { b.Update(buffer, b.Input("y", 4)) },
		"by integers":     func(b *graph.Builder, buffer, x *node) { b.Update(buffer, b.IntInput("y", 3)) },
		"of nothing":      func(b *graph.Builder, buffer, x *node) { b.Update(nil, x) },
		"by nothing":      func(b *graph.Builder, buffer, x *node) { b.Update(buffer, nil) },
		"twice":           func(b *graph.Builder, buffer, x *node) { b.Update(buffer, x); b.Update(buffer, op.Neg(x)) },
		"by another's":    func(b *graph.Builder, buffer, x *node) { b.Update(buffer, newBuilder().Input("x", 3)) },
		"another's own":   func(b *graph.Builder, buffer, x *node) { b.Update(newBuilder().Buffer("s", nil, 3), x) },
		"with dead value": func(b *graph.Builder, buffer, x *node) { b.Update(buffer, op.Neg(nil)) },
	} {
		b := newBuilder()
		f(b, b.Buffer("s", nil, 3), b.Input("x", 3))
		if b.Err() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
