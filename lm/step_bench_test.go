package lm

import (
	"fmt"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/optim"
)

// BenchmarkStep is one training step of nanoGPT's setting for a CPU: loss, gradient and AdamW.
func BenchmarkStep(b *testing.B) {
	for k := FeedForward; k.valid(); k++ {
		b.Run(k.String(), func(b *testing.B) {
			m := must(New(Config{Kind: k, Vocabulary: 65, Context: 64, Layers: 4, Units: 128, Tied: k == Transformer}))(b)
			o := must(optim.New(optim.Config{Method: optim.AdamW, Rate: 1e-3, Beta2: 0.99, Decay: 0.1, ClipNorm: 1}, m.Params()))(b)
			batch := batches(m.cfg)(12)
			step := func(i int) {
				must(m.Gradient(graph.NewKey(1).At(uint64(i)), batch))(b)
				must(o.Step())(b)
			}
			step(0)
			for i := 0; b.Loop(); i++ {
				step(i)
			}
			b.ReportMetric(float64(12*64*b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}

// BenchmarkGenerate draws one token after the other, for one prompt and for 16.
func BenchmarkGenerate(b *testing.B) {
	for k := FeedForward; k.valid(); k++ {
		b.Run(k.String(), func(b *testing.B) {
			m := must(New(Config{Kind: k, Vocabulary: 65, Context: 64, Layers: 4, Units: 128, Tied: k == Transformer}))(b)
			for _, prompts := range []int{1, 16} {
				b.Run(fmt.Sprint(prompts), func(b *testing.B) {
					ones := slices.Repeat([][]int{{1}}, prompts)
					must(m.Generate(b.Context(), graph.NewKey(1), ones, 1, 1))(b)
					b.ResetTimer()
					must(m.Generate(b.Context(), graph.NewKey(1), ones, b.N, 1))(b)
					b.ReportMetric(float64(prompts*b.N)/b.Elapsed().Seconds(), "tokens/s")
				})
			}
		})
	}
}
