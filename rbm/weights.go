package rbm

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

// Weights are a machine's parameters as nodes of one graph, with its kinds of units: the machine as
// functions on nodes. v is (n, d), h is (n, h).
type Weights struct {
	W *graph.Node // (d, h)
	B *graph.Node // (d), visible bias
	C *graph.Node // (h), hidden bias

	// LogVar (d) is log sigma^2 of Gaussian visible units; nil stands for 0.
	LogVar *graph.Node

	Visible    Units
	Categories int // size of a softmax group
	Hidden     Units

	transposed *graph.Node // W' (h, d), if it has been made
}

// Bind binds the model's parameters to a graph over them.
func (m *Model) Bind(b *graph.Builder) Weights {
	c := &m.cfg
	w := Weights{
		W:          b.Param("w", c.initWeights(), c.Visible, c.Hidden),
		B:          b.Param("b", graph.Zeros, c.Visible),
		C:          b.Param("c", graph.Zeros, c.Hidden),
		Visible:    c.VisibleUnits,
		Categories: c.Categories,
		Hidden:     c.HiddenUnits,
	}
	if c.hasVariance() {
		bind := b.Buffer
		if c.LearnStd {
			bind = b.Param
		}
		w.LogVar = bind("logvar", graph.Constant(2*math.Log(c.std())), c.Visible)
	}
	return w
}

// Frozen is the same machine, with no gradient passing to its parameters.
func (w Weights) Frozen() Weights {
	w.W, w.B, w.C = op.StopGradient(w.W), op.StopGradient(w.B), op.StopGradient(w.C)
	if w.LogVar != nil {
		w.LogVar = op.StopGradient(w.LogVar)
	}
	return w
}

// forChain returns the same machine with what makes many steps of Gibbs sampling faster.
func (w Weights) forChain(steps int) Weights {
	if steps > 1 {
		w.transposed = op.Transpose(w.W)
	}
	return w
}

// interacting is what of v meets the weights: v / sigma^2 of Gaussian units, v of others.
func (w Weights) interacting(v *graph.Node) *graph.Node {
	if w.LogVar == nil {
		return v
	}
	return op.Mul(v, op.Exp(op.Neg(w.LogVar)))
}

// HiddenLogits is v w + c (n, h), with v / sigma^2 for v if the visible units are Gaussian.
func (w Weights) HiddenLogits(v *graph.Node) *graph.Node {
	return op.AffineSparse(w.interacting(v), w.W, w.C, op.Identity)
}

// Energy is E(v, h) (n), in nats. Rectified units have the energy of Bernoulli units.
func (w Weights) Energy(v, h *graph.Node) *graph.Node {
	field := op.MatMul(w.interacting(v), w.W, false, false)
	if w.Hidden == Gaussian {
		return op.Add(w.visibleEnergy(v), op.Sum(op.Sub(op.Scale(op.Square(op.Sub(h, w.C)), 0.5), op.Mul(h, field)), -1))
	}
	return op.Sub(w.visibleEnergy(v), op.Sum(op.Mul(h, op.Add(field, w.C)), -1))
}

// visibleEnergy is the part of the energy (n) that v alone has.
func (w Weights) visibleEnergy(v *graph.Node) *graph.Node {
	if w.Visible != Gaussian {
		return op.Neg(op.Sum(op.Mul(v, w.B), -1))
	}
	square := op.Scale(op.Square(op.Sub(v, w.B)), 0.5)
	if w.LogVar != nil {
		square = op.Mul(square, op.Exp(op.Neg(w.LogVar)))
	}
	return op.Sum(square, -1)
}

// FreeEnergy is F(v) = -log of the sum, or integral, of exp(-E(v, h)) over h (n), in nats, so that
// p(v) = exp(-F(v)) / Z. For Bernoulli hidden units it is -v b - sum log(1 + exp(v w + c)). Rectified
// units have none in closed form: an error.
func (w Weights) FreeEnergy(v *graph.Node) *graph.Node { return w.freeEnergy(v, w.HiddenLogits(v)) }

// freeEnergy is FreeEnergy from the hidden logits (n, h).
func (w Weights) freeEnergy(v, logits *graph.Node) *graph.Node {
	switch {
	case w.plain():
		return op.FreeEnergy(v, w.W, w.B, w.C, logits)
	case w.Hidden == Bernoulli:
		return op.Sub(w.visibleEnergy(v), op.Sum(op.Softplus(logits), -1))
	case w.Hidden == Gaussian:
		// The integral of exp(-(h-c)^2/2 + h x) is sqrt(2 pi) exp((c+x)^2/2 - c^2/2).
		gain := op.Scale(op.Sum(op.Sub(op.Square(logits), op.Square(w.C)), -1), 0.5)
		return op.AddScalar(op.Sub(w.visibleEnergy(v), gain), -0.5*math.Log(2*math.Pi)*float64(w.C.Len()))
	}
	return graph.Apply("free-energy", []*graph.Node{v}, func() (graph.Op, error) {
		return graph.Op{}, errNoFreeEnergy(w.Hidden)
	})
}

// plain reports whether the energy is -v b - h c - v w h'.
func (w Weights) plain() bool { return w.Hidden == Bernoulli && w.Visible != Gaussian }

func errNoFreeEnergy(u Units) error {
	return errors.Wrapf(ErrConfig, "%v hidden units have no free energy in closed form", u)
}

// contrast is the means of F, or of what training descends in its place, over v0 (n, d) and vk (m, d) with
// their hidden logits. Where it can, it takes both as one batch, for one product to make the gradient of the
// weights.
func (w Weights) contrast(v0, logits0, vk, logitsK *graph.Node) (data, model *graph.Node) {
	if !w.plain() {
		return op.Mean(w.trainingEnergy(v0, logits0)), op.Mean(w.trainingEnergy(vk, logitsK))
	}
	f := w.freeEnergy(op.Concat(0, v0, vk), op.Concat(0, logits0, logitsK))
	n := v0.Dim(0)
	return op.Mean(op.Slice(f, 0, 0, n)), op.Mean(op.Slice(f, 0, n, f.Dim(0)))
}

// trainingEnergy is a function of v and the logits that it has whose gradient by the parameters is
// minus the statistics: the free energy where there is one, else the energy at the means of the hidden
// units, held fixed.
func (w Weights) trainingEnergy(v, logits *graph.Node) *graph.Node {
	if w.Hidden != Rectified {
		return w.freeEnergy(v, logits)
	}
	h := op.StopGradient(w.hiddenMean(logits))
	return op.Sub(w.visibleEnergy(v), op.Sum(op.Mul(h, logits), -1))
}
