package optim

import (
	"testing"

	"github.com/latent-go/latent/graph"
)

// BenchmarkStep is one step over four million weights, with the gradient's norm.
func BenchmarkStep(b *testing.B) {
	for _, m := range allMethods {
		b.Run(m.String(), func(b *testing.B) {
			p := newParams(b, graph.Float32, wave(0), paramSpec{"w", []int{2048, 2048}})
			setGrad(p, "w", wave(1))
			o := mustNew(b, Config{Method: m, ClipNorm: 1}, p)
			for b.Loop() {
				mustStep(b, o)
			}
		})
	}
}
