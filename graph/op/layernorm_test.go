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

func TestLayerNorm(t *testing.T) {
	for _, shape := range [][]int{{3, 5}, {2, 3, 4}, {7}, {40, 2}, {2, 1, 3, 37}} {
		for _, eps := range []float64{1e-5, 0.5} {
			t.Run(fmt.Sprint(shape, eps), func(t *testing.T) {
				d := shape[len(shape)-1]
				check(t, graphtest.OpCase{Shapes: [][]int{shape, {d}, {d}}, Build: func(in nodes) *node {
					return op.LayerNorm(in[0], in[1], in[2], eps)
				}})
			})
		}
	}
}

// layerNorm gives the result, and the gradients of a sum of it with different weights, at x, gain and bias.
func layerNorm(t *testing.T, x graph.Array, eps float64) (y, grads []float32) {
	t.Helper()
	p := graph.NewParams(graph.Float32, graph.NewKey(1))
	b := graph.NewBuilder(p, graph.Train)
	d := x.Shape[len(x.Shape)-1]
	out := op.LayerNorm(b.Param("x", graph.Zeros, x.Shape...), b.Param("gain", graph.Constant(1), d), b.Param("bias", graph.Zeros, d), eps)
	w := make([]float32, out.Len())
	graph.Normal(graph.NewKey(8), w)
	prog, err := b.CompileGradient(op.Sum(op.Mul(out, b.Input("w", x.Shape...))), out)
	if err != nil {
		t.Fatal(err)
	}
	copy(p.Lookup("x").Value().F32, x.F32)
	outs, err := prog.Run(graph.NewKey(1), graph.Floats32(w, x.Shape...))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"x", "gain", "bias"} {
		grads = append(grads, p.Lookup(name).Grad().F32...)
	}
	return outs[1].F32, grads
}

// standardized is x less the mean of its row, divided by the root of the variance and eps.
func standardized(x graph.Array, d int, eps float64) []float64 {
	z := make([]float64, x.Len())
	for lo := 0; lo < len(z); lo += d {
		mean, variance := 0.0, 0.0
		for j := range d {
			mean += x.At(lo+j) / float64(d)
		}
		for j := range d {
			variance += (x.At(lo+j) - mean) * (x.At(lo+j) - mean) / float64(d)
		}
		for j := range d {
			z[lo+j] = (x.At(lo+j) - mean) / math.Sqrt(variance+eps)
		}
	}
	return z
}

// TestLayerNormRows compares with a plain loop, on numbers around 0 and far from it, and asks for the same bits
// on 1, 2 and 4 threads.
func TestLayerNormRows(t *testing.T) {
	const rows, d = 301, 123
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, offset := range []float32{0, 1e4, -3e6} {
		x := filled(0, rows, d)
		graph.Normal(graph.NewKey(2), x.F32)
		for i := range x.F32 {
			x.F32[i] += offset
		}
		want := standardized(x, d, 1e-5)
		var first []float32
		for _, threads := range []int{1, 2, 4} {
			runtime.GOMAXPROCS(threads)
			y, grads := layerNorm(t, x, 1e-5)
			all := append(slices.Clone(y), grads...)
			if first == nil {
				first = all
				compareLarge(t, fmt.Sprint("offset ", offset), y, want)
				w := make([]float32, rows*d)
				graph.Normal(graph.NewKey(8), w)
				sums := make([]float64, 2*d)
				for i, v := range w {
					sums[i%d] += float64(v) * want[i]
					sums[d+i%d] += float64(v)
				}
				compareLarge(t, "gradients of gain and bias", grads[rows*d:], sums)
			}
			if !slices.Equal(all, first) {
				t.Errorf("offset %v: other bits on %d threads", offset, threads)
			}
		}
	}
}

func TestLayerNormConstantRow(t *testing.T) {
	y, grads := layerNorm(t, filled(1e4, 2, 7), 1e-5)
	for i, v := range y {
		if v != 0 {
			t.Errorf("element %d is %v", i, v)
		}
	}
	if err := graph.Floats32(grads, len(grads)).CheckFinite(); err != nil {
		t.Error("gradient:", err)
	}
}
