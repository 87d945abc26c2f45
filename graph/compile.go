package graph

import (
	"reflect"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Compile makes a Program that computes outs. The graph can be compiled once.
func (b *Builder) Compile(outs ...*Node) (*Program, error) {
	return b.compile(nil, outs)
}

// CompileGradient makes a Program that computes loss, a scalar, and outs, writes the gradient of
// loss with respect to every trainable parameter to Params, and carries out the graph's updates of
// buffers. The first output of a run is the loss. Only gradients that are needed are computed; a
// parameter on which the loss does not depend has a gradient of zero.
func (b *Builder) CompileGradient(loss *Node, outs ...*Node) (*Program, error) {
	return b.compile(loss, append([]*Node{loss}, outs...))
}

func (b *Builder) compile(loss *Node, outs []*Node) (p *Program, err error) {
	switch {
	case b.err != nil:
		return nil, b.err
	case b.frozen:
		return nil, errors.Wrap(ErrName, "the graph has been compiled before")
	case len(outs) == 0:
		return nil, errors.Wrap(ErrShape, "a program needs an output")
	}
	for i, x := range outs {
		if x == nil || x.b != b.builder {
			return nil, errors.Wrapf(ErrName, "output %d is not a node of this graph", i)
		}
		if x.isInt {
			return nil, errors.Wrapf(ErrType, "output %d is %v, which holds integers", i, x)
		}
	}
	if loss != nil && len(loss.shape) > 0 {
		return nil, errors.Wrapf(ErrShape, "the loss must be a scalar, but is %v", loss)
	}
	buildMu.Lock()
	defer buildMu.Unlock()
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, errors.Errorf("graph: compile: %v", r)
		}
	}()
	b.params.seal()
	b.frozen = true // also if this fails: half a gradient would spoil another
	c := compiler{builder: b.builder, prog: &Program{b: b.builder}}
	if err := c.collect(loss, outs); err != nil {
		return nil, err
	}
	return c.finish()
}

// compiler gathers the roots of a program: nodes that nothing else reads, so that the tape machine
// keeps their values to the end.
type compiler struct {
	*builder
	prog   *Program
	roots  gorgonia.Nodes
	direct map[*opNode]Array // nodes that write straight to where their result belongs
}

func (c *compiler) collect(loss *Node, outs []*Node) error {
	c.direct = map[*opNode]Array{}
	for _, x := range outs {
		o, err := c.root(x, Array{})
		if err != nil {
			return err
		}
		c.prog.outs = append(c.prog.outs, o)
	}
	if loss == nil {
		return nil
	}
	if err := c.differentiate(loss); err != nil {
		return err
	}
	for _, u := range c.updates {
		o, err := c.root(u.value, Array{})
		if err != nil {
			return err
		}
		c.prog.updates = append(c.prog.updates, boundUpdate{u.buffer.Value(), o})
	}
	return nil
}

// root adds a copy of x as a root, so that no other use of x can touch what the caller reads.
func (c *compiler) root(x *Node, out Array) (*opNode, error) {
	y, err := c.apply(x.path+"/copy", copyOp(x.shape), []*Node{x})
	if err != nil {
		return nil, err
	}
	c.roots = append(c.roots, y.g)
	if !out.IsZero() {
		c.direct[y.op] = out
	}
	return y.op, nil
}

func copyOp(shape []int) Op {
	return Op{Shape: shape, Forward: func(a *Args) error { return copyArray(a.Out, a.In[0]) }}
}

// finish prunes the graph to what the roots need, checks it, allocates its memory and makes the
// tape machine.
func (c *compiler) finish() (*Program, error) {
	sub := c.g.SubgraphRoots(c.roots...)
	hashes := map[uint32]bool{}
	for _, g := range sub.AllNodes() {
		if hashes[g.Hashcode()] {
			return nil, errCollision
		}
		hashes[g.Hashcode()] = true
		x := c.wrap(g)
		if x.param != nil {
			if err := gorgonia.Let(g, dense(x.param.Value())); err != nil {
				return nil, errors.Wrap(err, x.path)
			}
		}
	}
	if err := c.allocate(sub); err != nil {
		return nil, err
	}
	for _, x := range c.inputs {
		c.prog.inputs = append(c.prog.inputs, input{x, arrayOf(x)})
	}
	vm := gorgonia.NewTapeMachine(sub)
	c.prog.vm, c.prog.runAll = vm, vm.RunAll
	if all, ok := instructions(vm.Run, vm.Prog()); ok {
		c.prog.runAll = func() error { return vm.Run(all) }
	}
	return c.prog, nil
}

// instructions returns all instructions of a compiled program as what the tape machine's Run takes, a type that has no
// name outside Gorgonia. Run stays on the goroutine that calls it, while RunAll starts one and keeps its own thread: to
// change threads twice takes some 50 microseconds, ten times what it takes to encode an example by a small network.
// It returns false if a program does not keep its instructions as Gorgonia 0.9 does.
func instructions[F any](_ func(F) error, program any) (all F, ok bool) {
	field := reflect.ValueOf(program).Elem().FieldByName("instructions")
	if !field.IsValid() || field.Type() != reflect.TypeFor[F]() {
		return all, false
	}
	return *(*F)(field.Addr().UnsafePointer()), true
}

// dense is a tensor over the memory of a.
func dense(a Array) *tensor.Dense {
	var backing any = a.F32
	if a.F64 != nil {
		backing = a.F64
	}
	return tensor.New(tensor.WithShape(a.Shape...), tensor.WithBacking(backing))
}

// arrayOf is the memory of an input.
func arrayOf(x *Node) Array {
	d := x.g.Value().(*tensor.Dense)
	switch {
	case x.isInt:
		return Ints(d.Ints(), x.shape...)
	case x.b.params.dtype == Float64:
		return Floats64(d.Float64s(), x.shape...)
	}
	return Floats32(d.Float32s(), x.shape...)
}
