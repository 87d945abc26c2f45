package graph_test

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

func newBuilder64() *graph.Builder {
	return graph.NewBuilder(graph.NewParams(graph.Float64, key), graph.Train)
}

func TestUnusedParametersHaveZeroGradient(t *testing.T) {
	b := newBuilder64()
	w := b.Param("w", graph.Constant(1), 2)
	b.Param("unused", graph.Constant(1), 2)
	stopped := b.Param("stopped", graph.Constant(1), 2)
	must[*graph.Param](t)(b.Params().Add("elsewhere", true, graph.Zeros, 3))
	prog := must[*graph.Program](t)(b.CompileGradient(op.Sum(op.Mul(w, op.StopGradient(stopped)))))
	for range 2 {
		_, grads := graph.Slab[float64](b.Params())
		for _, q := range b.Params().List() {
			for i := range q.Size {
				grads[q.Offset+i] = math.NaN()
			}
		}
		must[[]graph.Array](t)(prog.Run(key))
		for _, q := range b.Params().List() {
			want := 0.0
			if q.Name == "w" {
				want = 1
			}
			for i := range q.Size {
				if q.Grad().At(i) != want {
					t.Errorf("gradient of %s is %v, expected %v", q.Name, q.Grad().F64, want)
				}
			}
		}
		for i := 2; i < 16; i++ {
			if grads[i] != 0 {
				t.Errorf("padding of the gradient slab is %v", grads[i])
			}
		}
	}
}

func TestGradientErrors(t *testing.T) {
	b := newBuilder64()
	_, err := b.CompileGradient(b.Param("w", nil, 2))
	wantError(t, err, graph.ErrShape, "scalar", "w(2)")
	b = newBuilder64()
	_, err = b.CompileGradient(op.Sum(b.Input("x", 2)))
	wantError(t, err, graph.ErrName, "does not depend")
	_, err = b.Compile(b.Input("y", 2)) // half a gradient has been built
	wantError(t, err, graph.ErrName, "compiled")
	b = newBuilder64()
	loss := op.Sum(b.Param("w", nil, 2))
	must[*graph.Program](t)(b.CompileGradient(loss))
	_, err = b.CompileGradient(loss) // Gorgonia would give the first gradient again
	wantError(t, err, graph.ErrName, "compiled before")

	for name, backward := range map[string]func(in nodes, y, dy *node) nodes{
		"too few":     func(in nodes, y, dy *node) nodes { return nil },
		"none":        func(in nodes, y, dy *node) nodes { return nodes{nil} },
		"wrong shape": func(in nodes, y, dy *node) nodes { return nodes{op.Sum(dy)} },
		"failing":     func(in nodes, y, dy *node) nodes { return nodes{op.Slice(dy, 5, 0, 1)} },
		"panicking":   func(in nodes, y, dy *node) nodes { panic("no") },
	} {
		b := newBuilder64()
		y := graph.Apply("wrong", nodes{b.Param("w", nil, 2)}, func() (graph.Op, error) {
			return graph.Op{Shape: []int{2}, Forward: func(a *graph.Args) error { return nil }, Backward: backward}, nil
		})
		if _, err := b.CompileGradient(op.Sum(y)); err == nil {
			t.Errorf("%s: a wrong Backward is accepted", name)
		}
		// A failed compilation leaves no lock behind.
		next := newBuilder64()
		must[*graph.Program](t)(next.Compile(next.Input("x", 1)))
	}
}

// TestSharedGradients covers parameters whose gradients are one node, a parameter read often, the loss
// read again, and a loss that is a parameter.
func TestSharedGradients(t *testing.T) {
	for name, c := range map[string]struct {
		loss func(b *graph.Builder, v, w *node) *node
		v, w float64 // gradients where v = 2 and w = 3
	}{
		"v + w":       {func(_ *graph.Builder, v, w *node) *node { return op.Sum(op.Add(v, w)) }, 1, 1},
		"v + w + v":   {func(_ *graph.Builder, v, w *node) *node { return op.Sum(op.Add(op.Add(v, w), v)) }, 2, 1},
		"v w + v + w": {func(_ *graph.Builder, v, w *node) *node { return op.Sum(op.Add(op.Mul(v, w), op.Add(v, w))) }, 4, 3},
		"(v + w)^2":   {func(_ *graph.Builder, v, w *node) *node { return op.Sum(op.Square(op.Add(v, w))) }, 10, 10},
		"v v v w":     {func(_ *graph.Builder, v, w *node) *node { return op.Sum(op.Mul(op.Mul(v, v), op.Mul(v, w))) }, 36, 8},
		"stop(v^2) v": {func(_ *graph.Builder, v, w *node) *node { return op.Sum(op.Mul(op.StopGradient(op.Square(v)), v)) }, 4, 0},
		"s + s s, s = sum": {func(_ *graph.Builder, v, w *node) *node {
			s := op.Sum(op.Mul(v, w)) // 12
			return op.Add(s, op.Mul(s, s))
		}, 75, 50},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBuilder64()
			v, w := b.Param("v", graph.Constant(2), 2), b.Param("w", graph.Constant(3), 2)
			prog := must[*graph.Program](t)(b.CompileGradient(c.loss(b, v, w)))
			for range 3 {
				must[[]graph.Array](t)(prog.Run(key))
				gv, gw := b.Params().Lookup("v").Grad(), b.Params().Lookup("w").Grad()
				if gv.At(0) != c.v || gv.At(1) != c.v || gw.At(0) != c.w || gw.At(1) != c.w {
					t.Errorf("gradients %v and %v, expected %v and %v", gv.F64, gw.F64, c.v, c.w)
				}
			}
		})
	}
	b := newBuilder64()
	prog := must[*graph.Program](t)(b.CompileGradient(b.Param("w", graph.Constant(5))))
	if outs := must[[]graph.Array](t)(prog.Run(key)); outs[0].At(0) != 5 || b.Params().Lookup("w").Grad().At(0) != 1 {
		t.Errorf("a loss that is a parameter: %v, gradient %v", outs, b.Params().Lookup("w").Grad())
	}
}

// recurrentLoss is, in plain loops, sum_t h_t . c with h_t = tanh(h_t-1 U + x_t), the weights U tied
// over all steps, and its gradient by back-propagation through time.
func recurrentLoss(u, x, c []float64, steps, n int) (loss float64, grad []float64) {
	h := make([][]float64, steps+1)
	h[0] = make([]float64, n)
	for t := range steps {
		h[t+1] = make([]float64, n)
		for j := range n {
			z := x[t*n+j]
			for i := range n {
				z += h[t][i] * u[i*n+j]
			}
			h[t+1][j] = math.Tanh(z)
			loss += h[t+1][j] * c[j]
		}
	}
	grad = make([]float64, n*n)
	dh := make([]float64, n)
	for t := steps - 1; t >= 0; t-- {
		dz := make([]float64, n)
		for j := range n {
			dz[j] = (dh[j] + c[j]) * (1 - h[t+1][j]*h[t+1][j])
		}
		for i := range n {
			dh[i] = 0
			for j := range n {
				grad[i*n+j] += h[t][i] * dz[j]
				dh[i] += dz[j] * u[i*n+j]
			}
		}
	}
	return loss, grad
}

// TestUnrolledRecurrentNet has 50 steps of 16 units, a size at which a Gorgonia graph of built-in
// operations is known to merge nodes.
func TestUnrolledRecurrentNet(t *testing.T) {
	const steps, n = 50, 16
	b := newBuilder64()
	u := b.Param("u", graph.Glorot, n, n)
	x, c := b.Input("x", steps, n), b.Input("c", n)
	h := op.MatMul(op.Slice(x, 0, 0, 1), op.Scale(u, 0), false, false) // zeros (1, n)
	var terms nodes
	for s := range steps {
		h = op.Tanh(op.Add(op.MatMul(h, u, false, false), op.Slice(x, 0, s, s+1)))
		terms = append(terms, op.Mul(h, c))
	}
	prog := must[*graph.Program](t)(b.CompileGradient(op.Sum(op.Concat(0, terms...))))
	q := b.Params().Lookup("u")
	for run := range 3 {
		xs, cs := make([]float64, steps*n), make([]float64, n)
		graph.Normal(key.At(uint64(run)).Fork("x"), xs)
		graph.Normal(key.At(uint64(run)).Fork("c"), cs)
		outs := must[[]graph.Array](t)(prog.Run(key, graph.Floats64(xs, steps, n), graph.Floats64(cs, n)))
		loss, grad := recurrentLoss(q.Value().F64, xs, cs, steps, n)
		near(t, "loss", outs[0].At(0), loss, 1e-10*math.Abs(loss))
		for i, want := range grad {
			near(t, "gradient", q.Grad().At(i), want, 1e-9*(1+math.Abs(want)))
		}
		// The reference itself, and so both, against a central difference.
		const eps = 1e-6
		i := 17*run + 3
		up, down := append([]float64{}, q.Value().F64...), append([]float64{}, q.Value().F64...)
		up[i] += eps
		down[i] -= eps
		lu, _ := recurrentLoss(up, xs, cs, steps, n)
		ld, _ := recurrentLoss(down, xs, cs, steps, n)
		near(t, "numerical gradient", (lu-ld)/(2*eps), grad[i], 1e-5*(1+math.Abs(grad[i])))
	}
}
