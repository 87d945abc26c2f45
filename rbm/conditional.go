package rbm

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// HiddenMean is E[h | v] (n, h): the probabilities of Bernoulli units.
func (w Weights) HiddenMean(v *graph.Node) *graph.Node {
	if w.Hidden == Bernoulli {
		return op.AffineSparse(w.interacting(v), w.W, w.C, op.SigmoidActivation)
	}
	return w.hiddenMean(w.HiddenLogits(v))
}

// HiddenSample draws from p(h | v) (n, h).
func (w Weights) HiddenSample(v *graph.Node) *graph.Node {
	if w.Hidden == Bernoulli {
		return op.AffineBernoulli(w.interacting(v), w.W, w.C)
	}
	return w.hiddenSample(w.HiddenLogits(v))
}

// Features is what the hidden units are to a feed-forward network (n, h): their mean without noise,
// which for rectified units is max(0, x) and not the mean of the draws.
func (w Weights) Features(v *graph.Node) *graph.Node {
	if w.Hidden == Rectified {
		return op.Affine(w.interacting(v), w.W, w.C, op.ReLUActivation)
	}
	return w.HiddenMean(v)
}

// hiddenMean is HiddenMean from the logits.
func (w Weights) hiddenMean(logits *graph.Node) *graph.Node {
	switch w.Hidden {
	case Bernoulli:
		return op.Sigmoid(logits)
	case Rectified:
		return rectifiedMean(logits)
	}
	return logits
}

// hiddenSample is HiddenSample from the logits.
func (w Weights) hiddenSample(logits *graph.Node) *graph.Node {
	switch w.Hidden {
	case Bernoulli:
		return op.BernoulliLogits(logits)
	case Rectified:
		return op.ReLU(op.Add(logits, op.Mul(op.Normal(logits), op.Sqrt(op.Sigmoid(logits)))))
	}
	return op.Add(logits, op.Normal(logits))
}

// rectifiedMean is the mean of max(0, x + s N(0, 1)), s^2 = sigmoid(x): x Phi(x/s) + s phi(x/s).
func rectifiedMean(x *graph.Node) *graph.Node {
	s := op.Sqrt(op.AddScalar(op.Sigmoid(x), 1e-12)) // not 0 where the logistic function underflows
	at := op.Div(x, s)
	density := op.Scale(op.Exp(op.Scale(op.Square(at), -0.5)), 1/math.Sqrt(2*math.Pi))
	return op.Mul(s, op.Add(op.GELU(at), density))
}

// VisibleMean is E[v | h] (n, d): probabilities of Bernoulli and softmax units.
func (w Weights) VisibleMean(h *graph.Node) *graph.Node {
	if w.Visible == Bernoulli {
		return op.AffineT(h, w.W, w.B, op.SigmoidActivation)
	}
	return w.visibleMean(op.AffineT(h, w.W, w.B, op.Identity))
}

// visibleMean is VisibleMean from h w' + b (n, d).
func (w Weights) visibleMean(x *graph.Node) *graph.Node {
	switch w.Visible {
	case Bernoulli:
		return op.Sigmoid(x)
	case Softmax:
		return flat(op.Softmax(w.groups(x)))
	}
	return x
}

// VisibleSample draws from p(v | h) (n, d).
func (w Weights) VisibleSample(h *graph.Node) *graph.Node {
	switch {
	case w.Visible == Bernoulli && w.transposed != nil:
		return op.AffineBernoulli(h, w.transposed, w.B)
	case w.Visible == Bernoulli:
		return op.AffineTBernoulli(h, w.W, w.B)
	}
	return w.visibleDraw(w.VisibleMean(h))
}

// visibleDraw draws visible units from their conditional means (n, d).
func (w Weights) visibleDraw(mean *graph.Node) *graph.Node {
	switch w.Visible {
	case Bernoulli:
		return op.Bernoulli(mean)
	case Softmax:
		return flat(op.Categorical(w.groups(mean)))
	}
	noise := op.Normal(mean)
	if w.LogVar != nil {
		noise = op.Mul(noise, op.Exp(op.Scale(w.LogVar, 0.5)))
	}
	return op.Add(mean, noise)
}

// Gibbs takes k steps from v: hidden given visible, then visible given hidden.
func (w Weights) Gibbs(v *graph.Node, k int) *graph.Node {
	for range k {
		v = w.VisibleSample(w.HiddenSample(v))
	}
	return v
}

// groups views (n, d) as (n, d/Categories, Categories), flat is its inverse.
func (w Weights) groups(x *graph.Node) *graph.Node {
	return op.Reshape(x, x.Dim(0), -1, w.Categories)
}

func flat(x *graph.Node) *graph.Node { return op.Reshape(x, x.Dim(0), -1) }
