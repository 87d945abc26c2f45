// Package prob holds likelihoods and functions of distributions that are put together of operations.
// Those that are a single operation are in package op.
package prob

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

// CategoricalNLL is the negative log-likelihood (n), in nats, of x (n, d) under independent categorical
// variables of v values each, given by their logits (n, d), d a multiple of v: the elements of an
// example are groups of v, softmax groups. In x each group must sum to 1; it is one-hot for an observation.
func CategoricalNLL(logits, x *graph.Node, v int) *graph.Node {
	n, d := logits.Dim(0), logits.Dim(-1)
	if len(logits.Shape()) != 2 || !graph.SameShape(logits, x) || v < 1 || d%v != 0 {
		return graph.Apply("categoricalnll", []*graph.Node{logits, x}, func() (graph.Op, error) {
			return graph.Op{}, errors.Wrapf(graph.ErrShape, "expected two matrices (n, d) with d a multiple of %d", v)
		})
	}
	// -sum x log softmax(logits)
	normaliser := op.Sum(op.LogSumExp(op.Reshape(logits, n, d/v, v)), 1)
	return op.Sub(normaliser, op.Sum(op.Mul(logits, x), 1))
}
