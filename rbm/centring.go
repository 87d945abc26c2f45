package rbm

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// Centring (Melchior, Fischer & Wiskott 2016, "How to center deep Boltzmann machines") descends as a machine
// would whose energy is in v - mu and h - lambda, with offsets mu (d) and lambda (h). Its biases are
// b + w lambda and c + w' mu, so that the direction of ours follows by the chain rule, and no offset
// enters the model itself.

// offsets adds the buffers of the offsets to a graph, and moves them towards the batch's means: v (n, d)
// and hidden probabilities (n, h).
func (m *Model) offsets(b *graph.Builder, v, hidden *graph.Node) {
	move := func(name string, x *graph.Node) {
		q := b.Buffer(name, graph.Constant(0.5), x.Dim(1))
		b.Update(q, op.Add(op.Scale(q, 1-m.cfg.Centring), op.Scale(op.Mean(op.StopGradient(x), 0), m.cfg.Centring)))
	}
	move("offset/visible", v)
	move("offset/hidden", hidden)
}

// centre turns the gradient that lies in p into that of the centred machine, by our parameters.
func centre[T graph.Float](p *graph.Params) {
	w, b, c := graph.Grads[T](p.Lookup("w")), graph.Grads[T](p.Lookup("b")), graph.Grads[T](p.Lookup("c"))
	mu, lambda := graph.Values[T](p.Lookup("offset/visible")), graph.Values[T](p.Lookup("offset/hidden"))
	h := len(c)
	for i := range b {
		row := w[i*h : (i+1)*h]
		for j := range row {
			row[j] -= b[i]*lambda[j] + mu[i]*c[j]
		}
	}
	for i := range b {
		for j, g := range w[i*h : (i+1)*h] {
			b[i] -= g * lambda[j]
			c[j] -= g * mu[i]
		}
	}
}
