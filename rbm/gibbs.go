package rbm

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// weights are a model's parameters in one graph.
type weights struct {
	w *graph.Node // (d, h)
	b *graph.Node // (d), visible bias
	c *graph.Node // (h), hidden bias
}

// bind binds the parameters to a graph.
func (m *Model) bind(b *graph.Builder) weights {
	d, h := m.cfg.Visible, m.cfg.Hidden
	return weights{
		w: b.Param("w", graph.NormalWith(m.cfg.initStd()), d, h),
		b: b.Param("b", graph.Zeros, d),
		c: b.Param("c", graph.Zeros, h),
	}
}

// frozen is the same weights, with no gradient passing.
func (w weights) frozen() weights {
	return weights{op.StopGradient(w.w), op.StopGradient(w.b), op.StopGradient(w.c)}
}

// hiddenLogits is v w + c: v (n, d), result (n, h).
func (w weights) hiddenLogits(v *graph.Node) *graph.Node {
	return op.Affine(v, w.w, w.c, op.Identity)
}

// hidden is p(h = 1 | v): v (n, d), result (n, h).
func (w weights) hidden(v *graph.Node) *graph.Node {
	return op.Affine(v, w.w, w.c, op.SigmoidActivation)
}

// visible is p(v = 1 | h): h (n, h), result (n, d).
func (w weights) visible(h *graph.Node) *graph.Node {
	return op.AffineT(h, w.w, w.b, op.SigmoidActivation)
}

// gibbs takes k steps from v (n, d): hidden given visible, then visible given hidden.
func (w weights) gibbs(v *graph.Node, k int) *graph.Node {
	for range k {
		v = op.Bernoulli(w.visible(op.Bernoulli(w.hidden(v))))
	}
	return v
}

// FreeEnergy is F(v) = -v b - sum log(1 + exp(v w + c)), so that p(v) = exp(-F(v)) / Z: v (n, d),
// w (d, h), b (d), c (h), result (n), in nats.
func FreeEnergy(v, w, b, c *graph.Node) *graph.Node {
	return freeEnergy(v, b, op.Affine(v, w, c, op.Identity))
}

// freeEnergy is F(v) from the hidden units' logits (n, h).
func freeEnergy(v, b, logits *graph.Node) *graph.Node {
	return op.Neg(op.Add(op.Sum(op.Mul(v, b), -1), op.Sum(op.Softplus(logits), -1)))
}
