package lm

import (
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

// BenchmarkGenerate draws one token after the other.
func BenchmarkGenerate(b *testing.B) {
	for k := FeedForward; k.valid(); k++ {
		b.Run(k.String(), func(b *testing.B) {
			m := must(New(Config{Kind: k, Vocabulary: 65, Context: 64, Layers: 4, Units: 128, Tied: k == Transformer}))(b)
			must(m.Generate(b.Context(), graph.NewKey(1), []int{1}, b.N, 1))(b)
		})
	}
}
