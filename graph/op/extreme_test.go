package op_test

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// TestExtremes runs losses and their gradients in float32 on logits that overflow an exponential, against
// what the limits are.
func TestExtremes(t *testing.T) {
	logits := []float32{1e4, -1e4, 0, 1e30, -1e30, 3, -1e4, 1e4, 1e4}
	onOff := []float32{1, 1, 0, 1, 0, 0, 0, 0, 1}
	labels := graph.Ints([]int{0, 1, 0}, 3)
	bernoulli := []float64{1e4 + math.Log(2), 3 + math.Log1p(math.Exp(-3)), 1e4}
	for name, c := range map[string]struct {
		f    func(x, target, labels *node) *node
		want []float64
	}{
		"bernoulli":     {func(x, target, _ *node) *node { return op.BernoulliNLL(x, target) }, bernoulli},
		"cross-entropy": {func(x, _, labels *node) *node { return op.SoftmaxCrossEntropy(x, labels) }, []float64{0, 1e30 + 1e30, 2e4 + math.Log(2)}},
		"logsumexp":     {func(x, _, _ *node) *node { return op.LogSumExp(x) }, []float64{1e4, 1e30, 1e4 + math.Log(2)}},
		"softmax":       {func(x, _, _ *node) *node { return op.Softmax(x) }, []float64{1, 0, 0, 1, 0, 0, 0, 0.5, 0.5}},
		"softplus":      {func(x, _, _ *node) *node { return op.Softplus(x) }, []float64{1e4, 0, math.Log(2), 1e30, 0, 3 + math.Log1p(math.Exp(-3)), 0, 1e4, 1e4}},
		"logsoftmax":    {func(x, _, _ *node) *node { return op.LogSoftmax(x) }, []float64{0, -2e4, -1e4, 0, -2e30, -1e30, -2e4 - math.Log(2), -math.Log(2), -math.Log(2)}},
		"sigmoid":       {func(x, _, _ *node) *node { return op.Sigmoid(x) }, []float64{1, 0, 0.5, 1, 0, 1 / (1 + math.Exp(-3)), 0, 1, 1}},
		"tanh":          {func(x, _, _ *node) *node { return op.Tanh(x) }, []float64{1, -1, 0, 1, -1, math.Tanh(3), -1, 1, 1}},
	} {
		p := graph.NewParams(graph.Float32, graph.NewKey(1))
		b := graph.NewBuilder(p, graph.Train)
		y := c.f(b.Param("x", nil, 3, 3), b.Input("target", 3, 3), b.IntInput("labels", 3))
		prog, err := b.CompileGradient(op.Sum(op.Scale(y, 0.5)), y)
		if err != nil {
			t.Fatal(name, err)
		}
		copy(p.Lookup("x").Value().F32, logits)
		if name == "cross-entropy" {
			p.Lookup("x").Value().F32[4], c.want[1] = -1e30, 2e30
		}
		outs, err := prog.Run(graph.NewKey(1), graph.Floats32(onOff, 3, 3), labels)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, want := range c.want {
			if got := outs[1].At(i); !(math.Abs(got-want) <= 1e-6*max(1, math.Abs(want))) {
				t.Errorf("%s: element %d is %v, expected %v", name, i, got, want)
			}
		}
		if err := p.Lookup("x").Grad().CheckFinite(); err != nil {
			t.Errorf("%s: gradient: %v", name, err)
		}
	}
}

// TestLargeShapes compares shapes that are split over threads with plain loops, and asks for the same bits
// on 1, 2 and 4 threads.
func TestLargeShapes(t *testing.T) {
	const n, m = 300, 701
	x, y := make([]float32, n*m), make([]float32, n*m)
	graph.Normal(graph.NewKey(1), x)
	graph.Uniform(graph.NewKey(2), y)
	at := func(v []float32, r, c int) float64 { return float64(v[r*m+c]) }
	row := func(f func(r int) float64) []float64 {
		out := make([]float64, n)
		for r := range out {
			out[r] = f(r)
		}
		return out
	}
	element := func(f func(r, c int) float64) []float64 {
		out := make([]float64, n*m)
		for i := range out {
			out[i] = f(i/m, i%m)
		}
		return out
	}
	over := func(count int, f func(i int) float64) (s float64) {
		for i := range count {
			s += f(i)
		}
		return s
	}
	columns := make([]float64, m)
	for c := range columns {
		columns[c] = over(n, func(r int) float64 { return at(x, r, c) })
	}
	sumExp := row(func(r int) float64 { return over(m, func(c int) float64 { return math.Exp(at(x, r, c)) }) })
	cases := map[string]struct {
		f    func(x, y *node) *node
		want []float64
	}{
		"add":         {op.Add, element(func(r, c int) float64 { return at(x, r, c) + at(y, r, c) })},
		"mul rows":    {func(x, y *node) *node { return op.Mul(x, op.Slice(y, 0, 3, 4)) }, element(func(r, c int) float64 { return at(x, r, c) * at(y, 3, c) })},
		"sub columns": {func(x, y *node) *node { return op.Sub(x, op.Slice(y, 1, 3, 4)) }, element(func(r, c int) float64 { return at(x, r, c) - at(y, r, 3) })},
		"tanh":        {func(x, _ *node) *node { return op.Tanh(x) }, element(func(r, c int) float64 { return math.Tanh(at(x, r, c)) })},
		"sum":         {func(x, _ *node) *node { return op.Sum(x) }, []float64{over(m, func(c int) float64 { return columns[c] })}},
		"sum rows":    {func(x, _ *node) *node { return op.Sum(x, 1) }, row(func(r int) float64 { return over(m, func(c int) float64 { return at(x, r, c) }) })},
		"sum columns": {func(x, _ *node) *node { return op.Sum(x, 0) }, columns},
		"transpose":   {func(x, _ *node) *node { return op.Reshape(op.Transpose(op.Transpose(x)), n, m) }, element(func(r, c int) float64 { return at(x, r, c) })},
		"logsumexp":   {func(x, _ *node) *node { return op.LogSumExp(x) }, row(func(r int) float64 { return math.Log(sumExp[r]) })},
		"softmax":     {func(x, _ *node) *node { return op.Softmax(x) }, element(func(r, c int) float64 { return math.Exp(at(x, r, c)) / sumExp[r] })},
		"squared error": {op.SquaredError, row(func(r int) float64 {
			return over(m, func(c int) float64 { d := at(x, r, c) - at(y, r, c); return d * d })
		})},
		"bernoulli": {op.BernoulliNLL, row(func(r int) float64 {
			return over(m, func(c int) float64 { return math.Log1p(math.Exp(at(x, r, c))) - at(x, r, c)*at(y, r, c) })
		})},
		"affine": {func(x, y *node) *node { return op.Slice(op.AffineT(x, y, nil, op.SigmoidActivation), 1, 0, 1) }, row(func(r int) float64 {
			return 1 / (1 + math.Exp(-over(m, func(c int) float64 { return at(x, r, c) * at(y, 0, c) })))
		})},
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name, c := range cases {
		b := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Eval)
		prog, err := b.Compile(c.f(b.Input("x", n, m), b.Input("y", n, m)))
		if err != nil {
			t.Fatal(name, err)
		}
		var first []float32
		for _, threads := range []int{1, 2, 4} {
			runtime.GOMAXPROCS(threads)
			outs, err := prog.Run(graph.NewKey(1), graph.Floats32(x, n, m), graph.Floats32(y, n, m))
			if err != nil {
				t.Fatal(name, err)
			}
			got := outs[0].F32
			if first == nil {
				first = got
				compareLarge(t, name, got, c.want)
			}
			if !slices.Equal(got, first) {
				t.Errorf("%s: other bits on %d threads", name, threads)
			}
		}
	}
}

func compareLarge(t *testing.T, name string, got []float32, want []float64) {
	t.Helper()
	scale := 0.0
	for _, w := range want {
		scale = max(scale, math.Abs(w))
	}
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, expected %d", name, len(got), len(want))
	}
	for i, w := range want {
		if !(math.Abs(float64(got[i])-w) <= 1e-5*scale) {
			t.Errorf("%s: element %d is %v, expected %v", name, i, got[i], w)
			return
		}
	}
}

func TestScalars(t *testing.T) {
	p := graph.NewParams(graph.Float32, graph.NewKey(1))
	b := graph.NewBuilder(p, graph.Train)
	s := op.Sum(b.Param("w", graph.Constant(1), 2, 2)) // 4
	y := op.Add(op.Mul(s, op.Square(s)), op.Exp(op.Sub(s, s)))
	y = op.Div(op.Sum(op.Broadcast(op.Reshape(y, 1), 2)), op.AddScalar(op.Neg(op.Reshape(op.Transpose(s), 1)), 5))
	prog, err := b.CompileGradient(op.Mean(y))
	if err != nil {
		t.Fatal(err)
	}
	outs, err := prog.Run(graph.NewKey(1))
	// 2 (s^3 + 1) / (5 - s) = 130; its slope 6 s^2/(5-s) + 2 (s^3+1)/(5-s)^2 = 226.
	if err != nil || outs[0].At(0) != 130 || p.Lookup("w").Grad().At(3) != 226 {
		t.Errorf("%v, %v, gradient %v, expected 130 and 226", outs, err, p.Lookup("w").Grad())
	}
}
