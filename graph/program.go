package graph

import (
	"math"
	"slices"
	"sync"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// A Program is a compiled graph of fixed shapes. It is the only code that touches a virtual
// machine. Runs of one Program exclude one another.
type Program struct {
	mu      sync.Mutex
	b       *builder
	vm      gorgonia.VM
	runAll  func() error // of all instructions of vm
	inputs  []input
	outs    []*opNode
	updates []boundUpdate
	zero    []*Param // trainable parameters that the loss does not depend on
	ops     int      // operations that a run carries out
}

type input struct {
	node *Node
	mem  Array // what the node is bound to
}

type boundUpdate struct {
	buffer Array
	value  *opNode
}

// runState is what the operations of a graph and the Program that runs them share.
type runState struct {
	key   Key
	err   error     // the first error, before Gorgonia has wrapped it
	order []*opNode // operations in the order in which the first run carried them out
	whole bool      // order is complete
}

func (r *runState) failed(err error) error {
	if r.err == nil {
		r.err = err
	}
	return err
}

func (r *runState) done(o *opNode) {
	if !r.whole {
		r.order = append(r.order, o)
	}
}

// Run computes the outputs for inputs given in the order of their declaration and returns them in
// memory of their own. Inputs are copied; floats of either width are taken. Wrong counts, shapes and
// types and inputs that are not finite are errors, as is a loss that is NaN or Inf, with the first
// node that was; after an error the Program can be run again.
func (p *Program) Run(key Key, in ...Array) ([]Array, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.feed(in); err != nil {
		return nil, err
	}
	if err := p.execute(key); err != nil {
		return nil, err
	}
	for i, o := range p.outs {
		if len(o.Shape) == 0 && !isFinite(o.args.Out.At(0)) {
			return nil, errors.Wrapf(ErrNotFinite, "output %d is %v; first at %s", i, o.args.Out.At(0), p.culprit(o))
		}
	}
	for _, u := range p.updates {
		if err := copyArray(u.buffer, u.value.args.Out); err != nil {
			return nil, err
		}
	}
	for _, q := range p.zero {
		zero(q.Grad())
	}
	outs := make([]Array, len(p.outs))
	for i, o := range p.outs {
		outs[i] = clone(o.args.Out)
	}
	return outs, nil
}

func (p *Program) feed(in []Array) error {
	if len(in) != len(p.inputs) {
		return errors.Wrapf(ErrShape, "%d inputs given, %d expected", len(in), len(p.inputs))
	}
	for i, a := range in {
		x := p.inputs[i].node
		if err := a.Check(); err != nil {
			return errors.WithMessagef(err, "input %s", x.path)
		}
		if !slices.Equal(a.Shape, x.shape) {
			return errors.Wrapf(ErrShape, "input %s: got %s, expected %s", x.path, shapeString(a.Shape), shapeString(x.shape))
		}
		if err := copyArray(p.inputs[i].mem, a); err != nil {
			return errors.WithMessagef(err, "input %s", x.path)
		}
		if err := p.inputs[i].mem.CheckFinite(); err != nil {
			return errors.WithMessagef(err, "input %s", x.path)
		}
	}
	return nil
}

// execute runs the machine once and always leaves it reset: a machine that is run again without
// does nothing, or goes on in the middle.
func (p *Program) execute(key Key) (err error) {
	r := p.b.run
	r.key, r.err = key, nil
	if !r.whole {
		r.order = r.order[:0]
	}
	defer p.vm.Reset()
	defer func() {
		if v := recover(); v != nil {
			err = errors.Wrapf(ErrRun, "panic: %v", v)
		}
	}()
	if err := p.runAll(); err != nil {
		if r.err != nil {
			return r.err
		}
		return errors.Wrap(ErrRun, err.Error())
	}
	if !r.whole && len(r.order) != p.ops {
		return errors.Wrapf(ErrRun, "the machine carried out %d of %d operations", len(r.order), p.ops)
	}
	r.whole = true
	return nil
}

// culprit names what was NaN or Inf first among all that out was computed from: a parameter, or the
// result of an operation.
func (p *Program) culprit(out *opNode) string {
	order := p.b.run.order
	used := map[*opNode]bool{out: true}
	for _, o := range slices.Backward(order) {
		if used[o] {
			for _, x := range o.in {
				used[x.op] = true
			}
		}
	}
	for _, o := range order {
		if !used[o] {
			continue
		}
		for _, x := range o.in {
			if x.param != nil && x.param.Value().CheckFinite() != nil {
				return "parameter " + x.path
			}
		}
		if o.args.Out.CheckFinite() != nil {
			return o.path
		}
	}
	return out.path
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func zero(a Array) {
	clear(a.F32)
	clear(a.F64)
}

func clone(a Array) Array {
	return Array{Shape: slices.Clone(a.Shape), F32: slices.Clone(a.F32), F64: slices.Clone(a.F64), Int: slices.Clone(a.Int)}
}

// Poison fills the memory of every result with NaN. Tests use it to show that a run depends on its
// inputs alone.
func (p *Program) Poison() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range p.b.run.order {
		for i := range o.args.Out.F32 {
			o.args.Out.F32[i] = float32(math.NaN())
		}
		for i := range o.args.Out.F64 {
			o.args.Out.F64[i] = math.NaN()
		}
	}
}
