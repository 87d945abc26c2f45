package rbm

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// annealing is the graph of one change of temperature: the visible states v (n, d) gain log p(v at to) -
// log p(v at from), and then take a Gibbs step at to. At temperature t the energy is, with the base's
// biases a in the place of b, (1-t) E(v) + t E(v, h); Gaussian hidden units keep (h-c)^2/2 throughout,
// so that they have a density at 0.
func (m *Model) annealing(b *graph.Builder, n int) []*graph.Node {
	w := m.Bind(b)
	v := b.Input("v", n, m.cfg.Visible)
	from, to := b.Input("from", 1), b.Input("to", 1)
	base := b.Input("base", m.cfg.Visible)
	logits := w.HiddenLogits(v)
	// The differences are taken unit by unit, since in float32 that of two sums would be lost in rounding.
	visible := op.Sum(op.Mul(w.interacting(v), op.Sub(w.B, base)), -1)
	if w.Visible == Gaussian {
		visible = op.Sub(visible, op.Scale(op.Sum(w.interacting(op.Sub(op.Square(w.B), op.Square(base)))), 0.5))
	}
	at, before := w.tempered(logits, to), w.tempered(logits, from)
	var hidden *graph.Node
	if w.Hidden == Gaussian {
		hidden = op.Scale(op.Sub(op.Square(at), op.Square(before)), 0.5)
	} else {
		hidden = op.Sub(op.Softplus(at), op.Softplus(before))
	}
	gain := op.Add(op.Mul(op.Sub(to, from), visible), op.Sum(hidden, -1))
	up := op.Mul(op.AffineT(w.hiddenSample(at), w.W, w.B, op.Identity), to)
	next := w.visibleDraw(w.visibleMean(op.Add(up, op.Sub(base, op.Mul(base, to)))))
	return []*graph.Node{next, gain}
}

// tempered is the hidden logits (n, h) at a temperature (1).
func (w Weights) tempered(logits, t *graph.Node) *graph.Node {
	if w.Hidden == Gaussian {
		return op.Add(w.C, op.Mul(op.Sub(logits, w.C), t))
	}
	return op.Mul(logits, t)
}
