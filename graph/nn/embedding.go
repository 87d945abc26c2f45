package nn

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// Embedding adds a table of so many vectors to the graph and looks up ids: integers (...) in [0, vocabulary),
// result (..., units). Its parameter is w (vocabulary, units) in b's scope, drawn from N(0, 0.02^2) (Radford
// et al. 2018, section 4.1), small enough to be the weights of a softmax's logits as well.
func Embedding(b *graph.Builder, ids *graph.Node, vocabulary, units int) *graph.Node {
	return op.Embedding(ids, b.Param("w", graph.NormalWith(0.02), vocabulary, units))
}
