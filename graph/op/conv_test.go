package op_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/op"
)

// A convCase is images (n, height, width, c), seen through a window by h units.
type convCase struct {
	n, height, width, c, h int
	win                    op.Window
}

func strided(win op.Window, stride int) op.Window { win.Stride = stride; return win }

func taps(t ...[2]int) op.Window { return op.Window{Taps: t} }

func (c convCase) places() (rows, cols int) {
	stride := max(1, c.win.Stride)
	return (c.height + stride - 1) / stride, (c.width + stride - 1) / stride
}

func (c convCase) weights() []int { return []int{len(c.win.Taps) * c.c, c.h} }

func (c convCase) images() []int { return []int{c.n, c.height, c.width, c.c} }

func (c convCase) result() []int {
	rows, cols := c.places()
	return []int{c.n, rows, cols, c.h}
}

var convCases = map[string]convCase{
	"square":             {2, 4, 5, 2, 3, op.SquareWindow(3)},
	"square of 5":        {1, 6, 3, 1, 2, op.SquareWindow(5)},
	"stride 2":           {2, 4, 5, 2, 3, strided(op.SquareWindow(3), 2)},
	"stride 2, odd":      {1, 5, 6, 1, 2, strided(op.SquareWindow(3), 2)},
	"stride 3":           {2, 7, 4, 1, 2, strided(op.SquareWindow(3), 3)},
	"stride 3 of 1":      {1, 5, 4, 2, 2, strided(op.SquareWindow(1), 3)},
	"stride over all":    {2, 3, 2, 1, 2, strided(op.SquareWindow(3), 9)},
	"masked":             {2, 3, 4, 2, 3, op.CausalWindow(3, false)},
	"masked, self":       {1, 4, 3, 1, 2, op.CausalWindow(5, true)},
	"masked, stride":     {1, 5, 4, 2, 2, strided(op.CausalWindow(3, true), 2)},
	"pointwise":          {3, 2, 3, 4, 2, op.SquareWindow(1)},
	"one tap":            {2, 3, 4, 2, 3, taps([2]int{-1, 2})},
	"one tap, inside":    {1, 7, 8, 2, 3, strided(taps([2]int{1, 2}), 4)},
	"window of any form": {1, 4, 5, 2, 2, taps([2]int{1, 1}, [2]int{-2, 0}, [2]int{1, 0}, [2]int{0, -3}, [2]int{1, 3})},
	"window over all":    {1, 2, 3, 2, 2, op.SquareWindow(7)},
	"nothing is seen":    {1, 2, 3, 2, 2, taps([2]int{5, 0}, [2]int{0, math.MaxInt32}, [2]int{math.MinInt32, 0})},
	"one place":          {3, 1, 1, 3, 2, op.SquareWindow(3)},
	"two strips":         {1, 2, 3, 2, 35, taps([2]int{0, 1}, [2]int{0, 0})},
	"two strips back":    {1, 3, 2, 34, 2, taps([2]int{0, 1}, [2]int{0, 0})},
}

func TestConv(t *testing.T) {
	for name, c := range convCases {
		t.Run(name, func(t *testing.T) {
			rows, cols := c.places()
			back := []int{c.n, rows, cols, c.h}
			conv := func(in nodes) *node { return op.Conv(in[0], in[1], append(in, nil)[2], op.TanhActivation, c.win) }
			transpose := func(in nodes) *node {
				return op.ConvTranspose(in[0], in[1], append(in, nil)[2], op.TanhActivation, c.win, c.height, c.width)
			}
			small := func(v float64) float64 { return v / 2 }
			check(t, graphtest.OpCase{Shapes: [][]int{c.images(), c.weights(), {c.h}}, Point: small, Build: conv})
			check(t, graphtest.OpCase{Shapes: [][]int{c.images(), c.weights()}, Point: small, Build: conv})
			check(t, graphtest.OpCase{Shapes: [][]int{back, c.weights(), {c.c}}, Point: small, Build: transpose})
			check(t, graphtest.OpCase{Shapes: [][]int{back, c.weights()}, Point: small, Build: transpose})
		})
	}
}

func TestConvActivations(t *testing.T) {
	for act := op.Identity; act.Valid(); act++ {
		t.Run(act.String(), func(t *testing.T) {
			win := op.CausalWindow(3, true)
			check(t, graphtest.OpCase{Shapes: [][]int{{2, 3, 2, 2}, {10, 3}, {3}}, Build: func(in nodes) *node {
				return op.Conv(in[0], in[1], in[2], act, win)
			}})
			check(t, graphtest.OpCase{Shapes: [][]int{{2, 2, 1, 3}, {10, 3}, {2}}, Build: func(in nodes) *node {
				return op.ConvTranspose(in[0], in[1], in[2], act, strided(win, 2), 3, 2)
			}})
			check(t, graphtest.OpCase{Shapes: [][]int{{2, 3, 2, 2}, {2, 3}}, Build: func(in nodes) *node {
				return op.Conv(in[0], in[1], nil, act, op.SquareWindow(1))
			}})
		})
	}
}

// large are cases of several bands of an image and several groups of them, and both.
var large = map[string]convCase{
	"groups":           {37, 9, 8, 3, 5, op.SquareWindow(3)},
	"bands":            {2, 60, 41, 40, 33, op.SquareWindow(3)},
	"bands, stride":    {2, 61, 50, 50, 8, strided(op.SquareWindow(5), 2)},
	"bands, masked":    {3, 70, 50, 30, 70, op.CausalWindow(7, false)},
	"bands, inside":    {2, 90, 60, 20, 9, strided(op.SquareWindow(1), 3)},
	"one large image":  {1, 300, 200, 3, 4, op.SquareWindow(5)},
	"many channels":    {5, 5, 6, 260, 300, op.SquareWindow(3)},
	"pointwise":        {9, 28, 28, 17, 40, op.SquareWindow(1)},
	"longer than band": {1, 3, 9, 9000, 2, op.SquareWindow(3)},
}

// naiveConv is Conv and its gradients as their definition has them, in float64. From x and w it makes y, and from dy
// what that gives to dx and dw.
func naiveConv(c convCase, x, w, dy []float32) (y, dx, dw []float64) {
	rows, cols := c.places()
	stride := max(1, c.win.Stride)
	y, dx, dw = make([]float64, len(dy)), make([]float64, len(x)), make([]float64, len(w))
	for i := range y {
		u, ox, oy, n := i%c.h, i/c.h%cols, i/c.h/cols%rows, i/c.h/cols/rows
		for t, d := range c.win.Taps {
			iy, ix := oy*stride+d[0], ox*stride+d[1]
			if iy < 0 || iy >= c.height || ix < 0 || ix >= c.width {
				continue
			}
			for j := range c.c {
				at, of := ((n*c.height+iy)*c.width+ix)*c.c+j, (t*c.c+j)*c.h+u
				y[i] += float64(x[at]) * float64(w[of])
				dx[at] += float64(dy[i]) * float64(w[of])
				dw[of] += float64(dy[i]) * float64(x[at])
			}
		}
	}
	return y, dx, dw
}

// A convRun is one pass of Conv and ConvTranspose: y = Conv(x, w), dx and dw from the gradient dy, and back, which is
// ConvTranspose(dy, w).
type convRun struct{ x, w, dy, y, dx, dw, back graph.Array }

func runConv(t *testing.T, c convCase) convRun {
	t.Helper()
	params := graph.NewParams(graph.Float32, graph.NewKey(5))
	b := graph.NewBuilder(params, graph.Train)
	x, w := b.Param("x", graph.NormalWith(1), c.images()...), b.Param("w", graph.NormalWith(1), c.weights()...)
	dy := b.Param("dy", graph.NormalWith(1), c.result()...)
	y := op.Conv(x, w, nil, op.Identity, c.win)
	back := op.ConvTranspose(dy, w, nil, op.Identity, c.win, c.height, c.width)
	prog, err := b.CompileGradient(op.Sum(op.Mul(y, op.StopGradient(dy))), y, back)
	if err != nil {
		t.Fatal(err)
	}
	outs, err := prog.Run(graph.NewKey(1))
	if err != nil {
		t.Fatal(err)
	}
	list := params.List()
	return convRun{list[0].Value(), list[1].Value(), list[2].Value(), outs[1], list[0].Grad(), list[1].Grad(), outs[2]}
}

func near(t *testing.T, what string, got graph.Array, want []float64) {
	t.Helper()
	scale := 0.0
	for _, v := range want {
		scale = max(scale, math.Abs(v))
	}
	for i, v := range want {
		if !(math.Abs(got.At(i)-v) <= 1e-5*scale) {
			t.Fatalf("%s, element %d: %v, want %v", what, i, got.At(i), v)
		}
	}
}

// TestConvNaive compares with loops over the definition.
func TestConvNaive(t *testing.T) {
	for _, cases := range []map[string]convCase{convCases, large} {
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				r := runConv(t, c)
				y, dx, dw := naiveConv(c, r.x.F32, r.w.F32, r.dy.F32)
				near(t, "result", r.y, y)
				near(t, "gradient of x", r.dx, dx)
				near(t, "gradient of w", r.dw, dw)
				near(t, "transposed", r.back, dx)
				var left, right, size float64 // <Conv(x), dy> = <x, ConvTranspose(dy)>
				for i := range r.y.F32 {
					left += r.y.At(i) * r.dy.At(i)
					size += math.Abs(r.y.At(i) * r.dy.At(i))
				}
				for i := range r.x.F32 {
					right += r.x.At(i) * r.back.At(i)
				}
				if math.Abs(left-right) > 1e-6*size {
					t.Errorf("<Conv(x), y> is %v, <x, ConvTranspose(y)> is %v", left, right)
				}
			})
		}
	}
}

// TestConvThreads compares the bits of different numbers of threads.
func TestConvThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for name, c := range large {
		runtime.GOMAXPROCS(1)
		one := runConv(t, c)
		for _, threads := range []int{2, 4} {
			runtime.GOMAXPROCS(threads)
			if r := runConv(t, c); !sameBits(one.y, r.y) || !sameBits(one.dx, r.dx) || !sameBits(one.dw, r.dw) || !sameBits(one.back, r.back) {
				t.Errorf("%s: %d threads give other bits", name, threads)
			}
		}
	}
}

// TestConvAlone compares images alone with the same in a batch.
func TestConvAlone(t *testing.T) {
	for _, win := range []op.Window{op.SquareWindow(3), op.SquareWindow(1), strided(op.SquareWindow(5), 2), op.CausalWindow(7, false)} {
		for _, s := range [][4]int{{9, 8, 3, 5}, {28, 28, 1, 32}, {61, 50, 40, 33}} {
			t.Run(fmt.Sprint(len(win.Taps), s), func(t *testing.T) {
				const n = 3
				params := graph.NewParams(graph.Float32, graph.NewKey(5))
				there := func(x graph.Array) []graph.Array {
					b := graph.NewBuilder(params, graph.Eval)
					w := b.Param("w", graph.NormalWith(1), len(win.Taps)*s[2], s[3])
					y := op.Conv(b.Input("x", x.Shape...), w, b.Param("b", graph.NormalWith(1), s[3]), op.ReLUActivation, win)
					back := op.ConvTranspose(y, w, b.Param("c", graph.NormalWith(1), s[2]), op.SigmoidActivation, win, s[0], s[1])
					prog, err := b.Compile(y, back)
					if err != nil {
						t.Fatal(err)
					}
					outs, err := prog.Run(graph.NewKey(1), x)
					if err != nil {
						t.Fatal(err)
					}
					return outs
				}
				x := filled(0, n, s[0], s[1], s[2])
				graph.Normal(graph.NewKey(2), x.F32)
				batch := there(x)
				for i := range n {
					part := func(a graph.Array) graph.Array {
						size := len(a.F32) / n
						return graph.Floats32(a.F32[i*size:(i+1)*size], append([]int{1}, a.Shape[1:]...)...)
					}
					for j, alone := range there(part(x)) {
						if !sameBits(alone, part(batch[j])) {
							t.Errorf("result %d of image %d has other bits alone", j, i)
						}
					}
				}
			})
		}
	}
}
