package graph

import (
	"slices"

	"github.com/latent-go/latent/graph/internal/kernel"
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// differentiate adds the gradient of every trainable parameter that loss depends on as a root that
// writes to the parameter's place in the gradient slab.
func (c *compiler) differentiate(loss *Node) error {
	wrt := c.reachable(loss)
	if len(wrt) == 0 {
		return errors.Wrapf(ErrName, "the loss %v does not depend on any trainable parameter", loss)
	}
	nodes := make(gorgonia.Nodes, len(wrt))
	for i, x := range wrt {
		nodes[i] = x.g
	}
	grads, err := gorgonia.Grad(loss.g, nodes...)
	if err != nil {
		return errors.Wrap(err, "symbolic gradient")
	}
	for i, x := range wrt {
		d, err := c.gradient(x, grads[i])
		if err != nil {
			return err
		}
		if !SameShape(d, x) {
			return errors.Wrapf(ErrShape, "the gradient of %v is %v", x, d)
		}
		// A gradient made for this parameter alone is computed in place; one that something else
		// reads too (a second parameter, another gradient) is copied there.
		_, taken := c.direct[d.op]
		if d.op != nil && !taken && c.g.To(d.g.ID()).Len() == 0 {
			c.direct[d.op] = x.param.Grad()
			c.roots = append(c.roots, d.g)
		} else if _, err := c.root(d, x.param.Grad()); err != nil {
			return err
		}
	}
	for _, q := range c.params.list {
		if x := c.bound[q]; q.Trainable && (x == nil || !slices.Contains(wrt, x)) {
			c.prog.zero = append(c.prog.zero, q)
		}
	}
	return nil
}

// reachable lists the trainable parameters that a gradient of loss reaches, in order of creation.
func (c *compiler) reachable(loss *Node) []*Node {
	seen := map[*Node]bool{}
	var visit func(x *Node)
	visit = func(x *Node) {
		if seen[x] || !x.needsGrad {
			return
		}
		seen[x] = true
		for i, child := range x.in {
			if x.op.diff[i] {
				visit(child)
			}
		}
	}
	visit(loss)
	var wrt []*Node
	for _, q := range c.params.list {
		if x := c.bound[q]; x != nil && seen[x] {
			wrt = append(wrt, x)
		}
	}
	return wrt
}

// SymDiff builds the gradients of one node's inputs. Gorgonia calls it for every node between the
// loss and the parameters, once those that read the node have been done.
func (o *opNode) SymDiff(_ gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	o.b.gradOf = o.path
	x := o.b.wrap(y)
	d, err := o.b.gradient(x, dy)
	if err != nil {
		return nil, err
	}
	grads := o.Backward(o.in, x, d)
	if o.b.err != nil {
		return nil, o.b.err
	}
	if len(grads) != len(o.in) {
		return nil, errors.Errorf("%s: Backward returned %d gradients for %d inputs", o.path, len(grads), len(o.in))
	}
	nodes := make(gorgonia.Nodes, len(grads))
	for i, d := range grads {
		switch {
		case !o.diff[i]: // not needed: whatever was built is pruned
		case d.dead():
			return nil, errors.Errorf("%s: Backward returned no gradient for %v", o.path, o.in[i])
		case !SameShape(d, o.in[i]):
			return nil, errors.Wrapf(ErrShape, "%s: the gradient of %v is %v", o.path, o.in[i], d)
		default:
			nodes[i] = d.g
			o.in[i].grads = append(o.in[i].grads, d)
		}
	}
	return nodes, nil
}

// gradient returns the gradient of the loss with respect to x, given what Gorgonia takes it to be.
// If several nodes read x, Gorgonia adds their gradients with its own Add, of which it holds two to
// be the same when their 32-bit hashes are, and which may overwrite what it reads. So the sum that
// counts is an operation of ours; Gorgonia's is left out of the program.
func (b *builder) gradient(x *Node, dx *gorgonia.Node) (*Node, error) {
	switch len(x.grads) {
	case 0: // x is the loss
		return b.wrap(dx), nil
	case 1:
		return x.grads[0], nil
	}
	return b.apply(x.path+"/grad/sum", sumOp(x.shape), x.grads)
}

// sumOp adds two or more nodes of one shape, in order.
func sumOp(shape []int) Op {
	return Op{Shape: shape, Forward: func(a *Args) error {
		if a.Out.F64 != nil {
			addAll(a.Out.F64, len(a.In), func(i int) []float64 { return a.In[i].F64 })
		} else {
			addAll(a.Out.F32, len(a.In), func(i int) []float32 { return a.In[i].F32 })
		}
		return nil
	}}
}

func addAll[T Float](dst []T, n int, term func(i int) []T) {
	kernel.For(len(dst), func(lo, hi int) {
		kernel.Add(dst[lo:hi], term(0)[lo:hi], term(1)[lo:hi])
		for i := 2; i < n; i++ {
			kernel.Add(dst[lo:hi], dst[lo:hi], term(i)[lo:hi])
		}
	})
}
