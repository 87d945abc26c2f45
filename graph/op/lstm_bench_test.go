package op_test

import (
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// BenchmarkLSTM is a sequence forth and back, with the product of inputs as wide as the state.
func BenchmarkLSTM(b *testing.B) {
	const n, steps, d = 32, 64, 256
	build := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Train)
	x := build.Param("x", graph.NormalWith(1), n*steps, d)
	z := op.Affine(x, build.Param("w", graph.Glorot, d, 4*d), build.Param("b", graph.Zeros, 4*d), op.Identity)
	h, _ := op.LSTM(op.Reshape(z, n, steps, 4*d), build.Param("u", graph.Glorot, d, 4*d), nil)
	prog, err := build.CompileGradient(op.Sum(h))
	benchmark(b, prog, err)
}

// BenchmarkRowLSTM is the recurrence over images of 28 by 28.
func BenchmarkRowLSTM(b *testing.B) {
	_, prog := lstmGradient(b, 16, 28, 28, 32, 1)
	benchmark(b, prog, nil)
}

func benchmark(b *testing.B, prog *graph.Program, err error) {
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := prog.Run(graph.Key{}); err != nil {
			b.Fatal(err)
		}
	}
}
