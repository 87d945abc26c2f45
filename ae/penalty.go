package ae

import (
	"fmt"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// penalties are the scalars that are added to the reconstruction loss.
// layers are the outputs of the encoder's layers.
func (m *Model) penalties(b *graph.Builder, layers []*graph.Node) []*graph.Node {
	var ps []*graph.Node
	code := layers[len(layers)-1]
	n := float64(max(1, code.Dim(0)))
	if m.cfg.L1 > 0 {
		ps = append(ps, op.Scale(op.Sum(op.Abs(code)), m.cfg.L1/n))
	}
	if m.cfg.SparsityWeight > 0 {
		ps = append(ps, op.Scale(sparsity(code, m.cfg.SparsityTarget), m.cfg.SparsityWeight))
	}
	if m.cfg.Contractive > 0 {
		ps = append(ps, op.Scale(m.contraction(b, layers), m.cfg.Contractive/n))
	}
	return ps
}

// sparsity is the sum over code units of KL(rho || mean activation), activations in (0, 1).
func sparsity(code *graph.Node, rho float64) *graph.Node {
	// The mean is kept off 0 and 1, where the divergence is infinite; inside it moves by 1e-7 at most.
	const eps = 1e-7
	mean := op.AddScalar(op.Scale(op.Mean(code, 0), 1-2*eps), eps)
	on := op.Scale(op.Log(mean), -rho)
	off := op.Scale(op.Log(op.AddScalar(op.Neg(mean), 1)), -(1 - rho))
	entropy := rho*math.Log(rho) + (1-rho)*math.Log(1-rho)
	return op.Sum(op.AddScalar(op.Add(on, off), entropy))
}

// contraction is the sum over examples and encoder layers of the squared Frobenius norm of the layer's
// Jacobian, which for h = s(x w + b) is sum_j s'(j)^2 sum_i w_ij^2.
func (m *Model) contraction(b *graph.Builder, layers []*graph.Node) *graph.Node {
	in := m.cfg.Inputs()
	var terms []*graph.Node
	for i, l := range m.cfg.Encoder {
		w := b.Scope(fmt.Sprintf("enc/%d", i)).Param("w", graph.Zeros, in, l.Units)
		slope := op.Square(derivative(l.Activation)(layers[i])) // (n, h)
		weights := op.Sum(op.Square(w), 0)                      // (h)
		terms = append(terms, op.Sum(op.Mul(slope, weights)))
		in = l.Units
	}
	total := terms[0]
	for _, t := range terms[1:] {
		total = op.Add(total, t)
	}
	return total
}

// derivative returns s' as a function of the activation's output s, or nil if the penalty does not
// support it.
func derivative(a op.Activation) func(s *graph.Node) *graph.Node {
	switch a {
	case op.Identity:
		return func(s *graph.Node) *graph.Node { return op.AddScalar(op.Scale(s, 0), 1) }
	case op.SigmoidActivation:
		return func(s *graph.Node) *graph.Node { return op.Sub(s, op.Square(s)) }
	case op.TanhActivation:
		return func(s *graph.Node) *graph.Node { return op.AddScalar(op.Neg(op.Square(s)), 1) }
	case op.ReLUActivation:
		return op.Step
	}
	return nil
}
