package ae_test

import (
	"fmt"
	"testing"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
)

// BenchmarkEncode encodes few examples at a time, as in serving.
func BenchmarkEncode(b *testing.B) {
	for _, layer := range [][2]int{{64, 32}, {784, 500}} {
		m, err := ae.New(ae.Config{Shape: []int{layer[0]}, Encoder: []nn.Dense{{Units: layer[1]}}})
		if err != nil {
			b.Fatal(err)
		}
		for _, batch := range []int{1, 16} {
			b.Run(fmt.Sprintf("%dx%dx%d", batch, layer[0], layer[1]), func(b *testing.B) {
				x := graph.Floats32(make([]float32, batch*layer[0]), batch, layer[0])
				graph.Uniform(graph.NewKey(1), x.F32) // products with zeros take other ways
				b.ReportAllocs()
				for range b.N {
					if _, err := m.Encode(x); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
