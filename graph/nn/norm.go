package nn

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// LayerNorm adds layer normalisation to the graph (Ba et al. 2016): x (..., d), result of the same shape. Its
// parameters are gain, at first 1, and bias, at first 0, both (d), in b's scope; eps is 1e-5.
func LayerNorm(b *graph.Builder, x *graph.Node) *graph.Node {
	d := max(1, x.Dim(-1))
	return op.LayerNorm(x, b.Param("gain", graph.Constant(1), d), b.Param("bias", graph.Zeros, d), 1e-5)
}
