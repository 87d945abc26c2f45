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
	err   error         // the first error, before Gorgonia has wrapped it
	order []*opNode     // the operations of a run, in order
	at    int           // how many of them have started
	after func(*opNode) // if set, is called after every operation
}

func (r *runState) failed(err error) error {
	if r.err == nil {
		r.err = err
	}
	return err
}

// start refuses an operation that is not the next: its result may lie where another is still needed.
func (r *runState) start(o *opNode) error {
	if r.at == len(r.order) || r.order[r.at] != o {
		return r.failed(errors.Wrapf(ErrRun, "%s: operation %d of the machine is another in the plan", o.path, r.at))
	}
	r.at++
	return nil
}

func (r *runState) done(o *opNode) {
	if r.after != nil {
		r.after(o)
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
			return nil, errors.Wrapf(ErrNotFinite, "output %d is %v; first at %s", i, o.args.Out.At(0), p.culprit(key, o))
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
	r.key, r.err, r.at = key, nil, 0
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
	if r.at != len(r.order) {
		return errors.Wrapf(ErrRun, "the machine carried out %d of %d operations", r.at, len(r.order))
	}
	return nil
}

// culprit names what was NaN or Inf first among all that out was computed from: a parameter, or the
// result of an operation. It looks on while the run with that key is repeated, as most results of a
// run have lost their memory when it ends.
func (p *Program) culprit(key Key, out *opNode) string {
	r := p.b.run
	used := map[*opNode]bool{out: true}
	for _, o := range slices.Backward(r.order) {
		if used[o] {
			for _, x := range o.in {
				used[x.op] = true
			}
		}
	}
	name := ""
	defer func(after func(*opNode)) { r.after = after }(r.after)
	r.after = func(o *opNode) {
		if name == "" && used[o] {
			name = o.notFinite()
		}
	}
	if err := p.execute(key); err != nil || name == "" {
		return out.path
	}
	return name
}

// notFinite names a parameter that o reads, or else o, if it holds a NaN or Inf.
func (o *opNode) notFinite() string {
	for _, x := range o.in {
		if x.param != nil && x.param.Value().CheckFinite() != nil {
			return "parameter " + x.path
		}
	}
	if o.args.Out.CheckFinite() != nil {
		return o.path
	}
	return ""
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func zero(a Array) {
	clear(a.F32)
	clear(a.F64)
}

func clone(a Array) Array {
	return Array{Shape: slices.Clone(a.Shape), F32: slices.Clone(a.F32), F64: slices.Clone(a.F64), Int: slices.Clone(a.Int)}
}

// Poison fills the memory of every result with NaN and, in all runs from now on, that of each result
// as soon as no operation needs it any more. Tests use it to show that a run depends on its inputs alone.
func (p *Program) Poison() {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.b.run
	for _, o := range r.order {
		poison(o.args.Out)
	}
	r.after = func(*opNode) {
		for _, o := range r.order[:r.at] {
			if o.life.last == r.at-1 {
				poison(o.args.Out)
			}
		}
	}
}

func poison(a Array) {
	for i := range a.F32 {
		a.F32[i] = float32(math.NaN())
	}
	for i := range a.F64 {
		a.F64[i] = math.NaN()
	}
}
