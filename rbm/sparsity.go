package rbm

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// sparsity is a term of the loss whose gradient pulls the hidden units' mean activities towards
// SparsityTarget (Hinton 2010, section 11): by the total input of each unit it is SparsityCost (q - target),
// as if of the cross-entropy between target and q, the activity by a moving average over the batches,
// which it updates. v (n, d) is the batch, with its logits (n, h).
func (m *Model) sparsity(b *graph.Builder, w Weights, v, logits *graph.Node) *graph.Node {
	c := &m.cfg
	q := b.Buffer("activity", graph.Constant(c.SparsityTarget), c.Hidden)
	mean := op.Mean(op.Sigmoid(op.StopGradient(logits)), 0)
	next := op.Add(op.Scale(q, c.sparsityDecay()), op.Scale(mean, 1-c.sparsityDecay()))
	b.Update(q, next)
	excess := op.StopGradient(op.AddScalar(next, -c.SparsityTarget))
	// The mean input is the input of the mean: a product with one row.
	input := op.Affine(op.Reshape(op.Mean(w.interacting(v), 0), 1, -1), w.W, w.C, op.Identity)
	return op.Scale(op.Sum(op.Mul(input, excess)), c.SparsityCost)
}
