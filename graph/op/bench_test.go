package op_test

import (
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

func BenchmarkAttention(b *testing.B) {
	for name, c := range map[string]struct{ n, t, d, heads int }{
		"image 8x784x64": {8, 784, 64, 4},
		"text 32x64x128": {32, 64, 128, 4},
	} {
		b.Run(name, func(b *testing.B) {
			build := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Train)
			var in nodes
			for _, name := range []string{"q", "k", "v"} {
				in = append(in, build.Param(name, graph.NormalWith(1), c.n, c.t, c.d))
			}
			prog, err := build.CompileGradient(op.Mean(op.Attention(in[0], in[1], in[2], c.heads, true, nil)))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := prog.Run(graph.NewKey(1)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLayerNorm(b *testing.B) {
	const rows, d = 2048, 256
	build := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Train)
	y := op.LayerNorm(build.Param("x", graph.NormalWith(1), rows, d), build.Param("gain", graph.Constant(1), d), build.Param("bias", graph.Zeros, d), 1e-5)
	prog, err := build.CompileGradient(op.Mean(y))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := prog.Run(graph.NewKey(1)); err != nil {
			b.Fatal(err)
		}
	}
}
