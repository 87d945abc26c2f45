package graph

import (
	"slices"
	"sync"

	"github.com/pkg/errors"
)

// A Function is a graph for any batch size. It builds and compiles a Program for each size it meets,
// keeps those most recently used, and hands them out one to a caller, so that any number of
// goroutines may call it at once, as long as none changes the parameters.
type Function struct {
	params *Params
	mode   Mode
	grad   bool
	build  func(b *Builder, n int) []*Node

	mu   sync.Mutex
	idle []pooled // least recently used first
}

type pooled struct {
	n    int
	prog *Program
}

// maxIdle is how many compiled programs a Function keeps: enough for the batch sizes of a training
// run or for the parallel callers of a server.
const maxIdle = 16

// NewFunction makes a Function over p. build adds the graph for a batch of n examples to b and
// returns its outputs.
func NewFunction(p *Params, build func(b *Builder, n int) []*Node) *Function {
	return &Function{params: p, mode: Eval, build: build}
}

// NewGradient makes a Function that also leaves the gradient of its first output, the loss, in
// p and carries out updates of buffers. It is for one caller at a time.
func NewGradient(p *Params, build func(b *Builder, n int) []*Node) *Function {
	return &Function{params: p, mode: Train, grad: true, build: build}
}

// Run calls the function for a batch of n examples. See Program.Run.
func (f *Function) Run(key Key, n int, in ...Array) ([]Array, error) {
	if n <= 0 {
		return nil, errors.Wrapf(ErrShape, "a batch of %d examples", n)
	}
	p, err := f.take(n)
	if err != nil {
		return nil, err
	}
	outs, err := p.Run(key, in...)
	f.put(n, p)
	return outs, err
}

// Prepare builds the graph for a batch of n examples, so that errors show, and parameters exist,
// before the first run.
func (f *Function) Prepare(n int) error {
	p, err := f.take(n)
	if err == nil {
		f.put(n, p)
	}
	return err
}

func (f *Function) take(n int) (*Program, error) {
	f.mu.Lock()
	for i, e := range slices.Backward(f.idle) {
		if e.n == n {
			f.idle = slices.Delete(f.idle, i, i+1)
			f.mu.Unlock()
			return e.prog, nil
		}
	}
	f.mu.Unlock()
	return f.compile(n)
}

func (f *Function) put(n int, p *Program) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.idle) == maxIdle {
		f.idle = slices.Delete(f.idle, 0, 1)
	}
	f.idle = append(f.idle, pooled{n, p})
}

// compile builds the graph, again with another salt if two of its nodes have the same hash.
func (f *Function) compile(n int) (p *Program, err error) {
	for salt := range 4 {
		b := newBuilder(f.params, f.mode, salt)
		outs := f.build(b, n)
		if f.grad && len(outs) > 0 {
			p, err = b.CompileGradient(outs[0], outs[1:]...)
		} else {
			p, err = b.Compile(outs...)
		}
		if !errors.Is(err, errCollision) {
			break
		}
	}
	return p, err
}

// Map calls the function for any number of examples, at most size at a time, and joins the outputs
// along their first axis, which must be the batch. Draws are as if key had been forked for each piece.
func (f *Function) Map(key Key, size int, in ...Array) ([]Array, error) {
	if size <= 0 {
		return nil, errors.Wrapf(ErrShape, "at most %d examples at a time", size)
	}
	total, err := examples(in)
	if err != nil {
		return nil, err
	}
	var joined []Array
	for lo := 0; lo < total; lo += size {
		hi := min(lo+size, total)
		piece := make([]Array, len(in))
		for i, a := range in {
			piece[i] = a.Rows(lo, hi)
		}
		outs, err := f.Run(key.ForkN(lo/size), hi-lo, piece...)
		if err != nil {
			return nil, errors.WithMessagef(err, "examples %d to %d", lo, hi-1)
		}
		for i, o := range outs {
			if len(o.Shape) == 0 || o.Shape[0] != hi-lo {
				return nil, errors.Wrapf(ErrShape, "output %d is %s for %d examples: it cannot be joined", i, shapeString(o.Shape), hi-lo)
			}
		}
		joined = join(joined, outs, total)
	}
	return joined, nil
}

// First is the first output of a Run or a Map.
func First(outs []Array, err error) (Array, error) {
	if err != nil {
		return Array{}, err
	}
	return outs[0], nil
}

// examples is the number of examples that all arrays hold.
func examples(in []Array) (total int, err error) {
	if len(in) == 0 {
		return 0, errors.Wrap(ErrShape, "an array of examples is needed")
	}
	for i, a := range in {
		if err := a.Check(); err != nil {
			return 0, errors.WithMessagef(err, "input %d", i)
		}
		switch {
		case len(a.Shape) == 0:
			return 0, errors.Wrapf(ErrShape, "input %d is a scalar, not examples", i)
		case i > 0 && a.Shape[0] != total:
			return 0, errors.Wrapf(ErrShape, "input 0 holds %d examples, input %d holds %d", total, i, a.Shape[0])
		}
		total = a.Shape[0]
	}
	return total, nil
}

// join appends outs to joined along the first axis; total is the final length.
func join(joined, outs []Array, total int) []Array {
	if joined == nil {
		joined = make([]Array, len(outs))
	}
	for i, o := range outs {
		j := &joined[i]
		j.Shape = append([]int{total}, o.Shape[1:]...)
		j.F32 = append(j.F32, o.F32...)
		j.F64 = append(j.F64, o.F64...)
	}
	return joined
}
