package pretrain

import (
	"fmt"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/rbm"
)

// belief are a net's parameters in one graph.
type belief struct {
	gen, rec []affineNodes // of layers 0 to top-1
	top      rbm.Weights   // of visible units (penultimate, labels)
	labels   int
}

// affineNodes are weights (d, h) with the biases of the side that they lead to.
type affineNodes struct{ w, bias *graph.Node }

// bind binds the parameters to a graph.
func (d *DBN) bind(b *graph.Builder) belief {
	small := graph.NormalWith(0.01)
	c := d.cfg
	w := belief{labels: c.Labels}
	for i := range c.top() {
		gen, rec := b.Scope(fmt.Sprintf("gen/%d", i)), b.Scope(fmt.Sprintf("rec/%d", i))
		in, out := c.units(i), c.units(i+1)
		w.gen = append(w.gen, affineNodes{gen.Param("w", small, in, out), gen.Param("b", graph.Zeros, in)})
		w.rec = append(w.rec, affineNodes{rec.Param("w", small, in, out), rec.Param("c", graph.Zeros, out)})
	}
	top, in, out := b.Scope("top"), c.units(c.top())+c.Labels, c.units(c.top()+1)
	w.top = rbm.Weights{W: top.Param("w", small, in, out), B: top.Param("b", graph.Zeros, in), C: top.Param("c", graph.Zeros, out)}
	return w
}

// frozen is the same net, with no gradient passing to its parameters.
func (w belief) frozen() belief {
	stop := func(list []affineNodes) []affineNodes {
		var stopped []affineNodes
		for _, a := range list {
			stopped = append(stopped, affineNodes{op.StopGradient(a.w), op.StopGradient(a.bias)})
		}
		return stopped
	}
	return belief{gen: stop(w.gen), rec: stop(w.rec), top: w.top.Frozen(), labels: w.labels}
}

// recognise is act(x rec + c) of layer i+1 given layer i: x (n, d), result (n, h).
func (w belief) recognise(i int, x *graph.Node, act op.Activation) *graph.Node {
	return op.Affine(x, w.rec[i].w, w.rec[i].bias, act)
}

// generate is act(h gen' + b) of layer i given layer i+1: h (n, h), result (n, d).
func (w belief) generate(i int, h *graph.Node, act op.Activation) *graph.Node {
	return op.AffineT(h, w.gen[i].w, w.gen[i].bias, act)
}

// means is the layer below the top by the means of each layer on the way: x (n, d), result (n, h).
func (w belief) means(x *graph.Node) *graph.Node {
	for i := range w.rec {
		x = w.recognise(i, x, op.SigmoidActivation)
	}
	return x
}

// ascend draws every layer given the one below it: x (n, d), results x and the layers above, up to the
// one below the top.
func (w belief) ascend(x *graph.Node) []*graph.Node {
	states := []*graph.Node{x}
	for i := range w.rec {
		x = op.Bernoulli(w.recognise(i, x, op.SigmoidActivation))
		states = append(states, x)
	}
	return states
}

// descend draws every layer given the one above it, but for the visible one, of which it has the means:
// h (n, h), results from the visible layer up to h itself.
func (w belief) descend(h *graph.Node) []*graph.Node {
	states := []*graph.Node{h}
	for i := len(w.gen) - 1; i >= 0; i-- {
		h = w.generate(i, h, op.SigmoidActivation)
		if i > 0 {
			h = op.Bernoulli(h)
		}
		states = append(states, h)
	}
	slices.Reverse(states)
	return states
}

// expected is the visible layer by the means of each layer on the way down: h (n, h), result (n, d).
func (w belief) expected(h *graph.Node) *graph.Node {
	for i := len(w.gen) - 1; i >= 0; i-- {
		h = w.generate(i, h, op.SigmoidActivation)
	}
	return h
}

// chain takes k Gibbs steps in the top machine from visible units v (n, d+Labels), labels among them
// unless there are none.
func (w belief) chain(v *graph.Node, k int) *graph.Node {
	for range k {
		x := op.AffineT(w.top.HiddenSample(v), w.top.W, w.top.B, op.Identity)
		v = w.draw(x)
	}
	return v
}

// draw draws the visible units of the top machine from their logits (n, d+Labels).
func (w belief) draw(x *graph.Node) *graph.Node {
	if w.labels == 0 {
		return op.Bernoulli(op.Sigmoid(x))
	}
	units := x.Dim(1) - w.labels
	below := op.Bernoulli(op.Sigmoid(op.Slice(x, 1, 0, units)))
	label := op.Categorical(op.Softmax(op.Slice(x, 1, units, units+w.labels)))
	return op.Concat(1, below, label)
}

// penultimate cuts the labels off the visible units of the top machine.
func (w belief) penultimate(v *graph.Node) *graph.Node {
	if w.labels == 0 {
		return v
	}
	return op.Slice(v, 1, 0, v.Dim(1)-w.labels)
}

// labelLogits is minus the free energy of the top machine with each label in turn: states of the layer
// below it (n, h), result (n, Labels).
func (w belief) labelLogits(h *graph.Node) *graph.Node {
	n, units, out := h.Dim(0), h.Dim(1), w.top.W.Dim(1)
	below, label := op.Slice(w.top.W, 0, 0, units), op.Slice(w.top.W, 0, units, units+w.labels)
	base := op.Reshape(op.Affine(h, below, w.top.C, op.Identity), n, 1, out)
	field := op.Sum(op.Softplus(op.Add(base, op.Reshape(label, 1, w.labels, out))), -1) // (n, labels)
	return op.Add(field, op.Slice(w.top.B, 0, units, units+w.labels))
}
