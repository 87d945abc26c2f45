package op_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

func TestConvErrors(t *testing.T) {
	type builder = *graph.Builder
	three := op.SquareWindow(3)
	for name, c := range map[string]struct {
		f     func(b builder, x, w *node) *node // x (2, 4, 5, 3), w (27, 6)
		err   error
		parts string
	}{
		"images":  {func(b builder, x, w *node) *node { return op.Conv(w, w, nil, op.Identity, three) }, graph.ErrShape, "images x (n, y, x, c)"},
		"weights": {func(b builder, x, w *node) *node { return op.Conv(x, x, nil, op.Identity, three) }, graph.ErrShape, "a matrix w"},
		"integers": {func(b builder, x, w *node) *node {
			return op.Conv(b.IntInput("i", 2, 4, 5, 3), w, nil, op.Identity, three)
		}, graph.ErrType, "i(2, 4, 5, 3)"},
		"rows of w": {func(b builder, x, w *node) *node {
			return op.Conv(x, b.Input("v", 28, 6), nil, op.GELUActivation, three)
		}, graph.ErrShape, "w must be (27, h), for 9 taps of 3 channels"},
		"bias":    {func(b builder, x, w *node) *node { return op.Conv(x, w, b.Input("v", 3), op.Identity, three) }, graph.ErrShape, "the bias must be (6)"},
		"no tap":  {func(b builder, x, w *node) *node { return op.Conv(x, w, nil, op.Identity, op.SquareWindow(4)) }, graph.ErrRange, "empty"},
		"no mask": {func(b builder, x, w *node) *node { return op.Conv(x, w, nil, op.Identity, op.CausalWindow(2, true)) }, graph.ErrRange, "empty"},
		"below":   {func(b builder, x, w *node) *node { return op.Conv(x, w, nil, op.Identity, op.SquareWindow(-3)) }, graph.ErrRange, "empty"},
		"stride":  {func(b builder, x, w *node) *node { return op.Conv(x, w, nil, op.Identity, strided(three, -2)) }, graph.ErrRange, "stride -2"},
		"twice": {func(b builder, x, w *node) *node {
			return op.Conv(x, w, nil, op.Identity, taps([2]int{1, -1}, [2]int{}, [2]int{1, -1}))
		}, graph.ErrRange, "tap (1, -1) twice"},
		"activation": {func(b builder, x, w *node) *node { return op.Conv(x, w, nil, op.Activation(99), three) }, graph.ErrRange, "Activation(99)"},
		"graphs": {func(b builder, x, w *node) *node {
			other := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Train)
			return op.Conv(x, other.Input("other", 27, 6), nil, op.Identity, three)
		}, graph.ErrName, "different graphs"},
		"nil":          {func(b builder, x, w *node) *node { return op.Conv(x, nil, nil, op.Identity, three) }, graph.ErrName, "input 1 is nil"},
		"transposed x": {func(b builder, x, w *node) *node { return op.ConvTranspose(x, w, nil, op.Identity, three, 4, 5) }, graph.ErrShape, "x must be (n, 4, 5, 6) for images of 4 by 5"},
		"transposed size": {func(b builder, x, w *node) *node {
			return op.ConvTranspose(b.Input("y", 2, 2, 2, 6), w, nil, op.Identity, strided(three, 2), 4, 5)
		}, graph.ErrShape, "x must be (n, 2, 3, 6)"},
		"transposed weights": {func(b builder, x, w *node) *node {
			return op.ConvTranspose(b.Input("y", 2, 4, 5, 6), b.Input("v", 28, 6), nil, op.Identity, three, 4, 5)
		}, graph.ErrShape, "no multiple of 9 taps"},
		"transposed bias": {func(b builder, x, w *node) *node {
			return op.ConvTranspose(b.Input("y", 2, 4, 5, 6), w, b.Input("v", 6), op.SoftplusActivation, three, 4, 5)
		}, graph.ErrShape, "the bias must be (3)"},
		"no image": {func(b builder, x, w *node) *node { return op.ConvTranspose(x, w, nil, op.Identity, three, 0, 5) }, graph.ErrRange, "0 by 5"},
		"few weights": {func(b builder, x, w *node) *node {
			return op.ConvTranspose(b.Input("y", 2, 4, 5, 6), b.Input("v", 8, 6), nil, op.Identity, three, 4, 5)
		}, graph.ErrShape, "v(8, 6)"},
		"transposed stride": {func(b builder, x, w *node) *node {
			return op.ConvTranspose(x, w, nil, op.Identity, strided(three, -1), 4, 5)
		}, graph.ErrRange, "stride -1"},
		"transposed matrices": {func(b builder, x, w *node) *node { return op.ConvTranspose(w, w, nil, op.Identity, three, 4, 5) }, graph.ErrShape, "images x"},
	} {
		b := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Train)
		c.f(b, b.Input("x", 2, 4, 5, 3), b.Input("w", 27, 6))
		err := b.Err()
		if err == nil || !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.parts) || !strings.Contains(err.Error(), "conv_errors_test.go:") {
			t.Errorf("%s: %v should be %q and say %q and the place", name, err, c.err, c.parts)
		}
	}
}

// BenchmarkConv times a result with all gradients.
func BenchmarkConv(b *testing.B) {
	for _, c := range []struct {
		name string
		convCase
	}{
		{"3x3", convCase{64, 28, 28, 32, 32, op.SquareWindow(3)}},
		{"masked", convCase{64, 28, 28, 1, 32, op.CausalWindow(7, false)}},
		{"3x3 of 14x14x64", convCase{64, 14, 14, 64, 64, op.SquareWindow(3)}},
		{"3x3 of 7x7x128", convCase{64, 7, 7, 128, 128, op.SquareWindow(3)}},
		{"stride 2", convCase{64, 28, 28, 32, 64, strided(op.SquareWindow(3), 2)}},
	} {
		b.Run(c.name, func(b *testing.B) {
			params := graph.NewParams(graph.Float32, graph.NewKey(5))
			g := graph.NewBuilder(params, graph.Train)
			var x *node
			var feeds []graph.Array
			if c.c > 1 {
				x = g.Param("x", graph.NormalWith(1), c.images()...)
			} else { // data
				x, feeds = g.Input("x", c.images()...), []graph.Array{filled(0, c.images()...)}
				graph.Uniform(graph.NewKey(3), feeds[0].F32)
			}
			w, bias := g.Param("w", graph.NormalWith(0.05), c.weights()...), g.Param("b", graph.Zeros, c.h)
			prog, err := g.CompileGradient(op.Mean(op.Conv(x, w, bias, op.ReLUActivation, c.win)))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := prog.Run(graph.NewKey(1), feeds...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
