package graph

import (
	"fmt"
	"slices"
	"sync"

	"github.com/pkg/errors"
)

// Params owns a model's parameters: values and gradients of the trainable ones, each in one
// contiguous slab, so that an optimiser step, a norm or an exchange between machines is a single
// pass; and buffers, which are saved with the model but not trained (persistent chains, running
// statistics). Optimisers, checkpoints and averages work on it and know nothing of graphs.
//
// Params is filled while a model is built and is fixed once a graph over it has been compiled.
// Any number of goroutines may read it, or build graphs over it; while one writes, no other may read.
type Params struct {
	mu     sync.Mutex // guards the set while graphs are built
	dtype  DType
	key    Key
	list   []*Param
	byName map[string]*Param
	sealed bool
	f32    slabs[float32]
	f64    slabs[float64]
}

// slabs is the memory behind the parameters. Only the one of the right element type is used.
type slabs[T Float] struct {
	values, grads []T // trainable
	buffers       []T
}

// A Param is one parameter or buffer.
type Param struct {
	Name      string // path, unique and stable: checkpoints depend on it
	Shape     []int
	Trainable bool // has a gradient; otherwise it is a buffer
	Offset    int  // of its first element in its slab; a multiple of 16
	Size      int  // number of elements
	owner     *Params
}

// seal fixes the set and trims its memory: graphs hold on to it from now on.
func (p *Params) seal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.sealed {
		p.sealed = true
		trim(&p.f32)
		trim(&p.f64)
	}
}

func trim[T Float](s *slabs[T]) {
	for _, slab := range []*[]T{&s.values, &s.grads, &s.buffers} {
		if len(*slab) < cap(*slab) {
			*slab = append(make([]T, 0, len(*slab)), *slab...)
		}
	}
}

// align is the granularity of offsets in a slab: 16 elements start a cache line. What lies
// between two parameters is zero in values and gradients alike, and stays so under every
// optimiser.
const align = 16

// NewParams makes an empty set. The initial value of each parameter depends on key and on its
// name alone, not on the order of creation.
func NewParams(dtype DType, key Key) *Params {
	return &Params{dtype: dtype, key: key, byName: map[string]*Param{}}
}

// DType is the element type of all parameters.
func (p *Params) DType() DType { return p.dtype }

// List returns the parameters in order of creation. Do not change it.
func (p *Params) List() []*Param { return p.list }

// Lookup finds a parameter by its path, or returns nil.
func (p *Params) Lookup(name string) *Param { return p.byName[name] }

// Count is the number of trainable numbers.
func (p *Params) Count() int {
	n := 0
	for _, q := range p.list {
		if q.Trainable {
			n += q.Size
		}
	}
	return n
}

// Add creates a parameter, sets it to its initial value and returns it. If the name exists, it
// returns the existing one, provided that shape and kind agree.
func (p *Params) Add(name string, trainable bool, init Init, shape ...int) (*Param, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if q := p.byName[name]; q != nil {
		if !slices.Equal(q.Shape, shape) {
			return nil, errors.Wrapf(ErrShape, "parameter %q has shape %v and is asked for with %v", name, q.Shape, shape)
		}
		if q.Trainable != trainable {
			return nil, errors.Wrapf(ErrName, "parameter %q is used both as a trainable parameter and as a buffer", name)
		}
		return q, nil
	}
	n, ok := size(shape)
	switch {
	case name == "":
		return nil, errors.Wrap(ErrName, "a parameter needs a name")
	case !ok:
		return nil, errors.Wrapf(ErrShape, "parameter %q: every dimension of %v must be positive", name, shape)
	case p.sealed:
		return nil, errors.Wrapf(ErrName, "parameter %q does not exist, and none can be added once a graph has been compiled", name)
	}
	q := &Param{Name: name, Shape: slices.Clone(shape), Trainable: trainable, Size: n, owner: p}
	if p.dtype == Float64 {
		addTo(&p.f64, q, init, p.key.Fork(name))
	} else {
		addTo(&p.f32, q, init, p.key.Fork(name))
	}
	p.list = append(p.list, q)
	p.byName[name] = q
	return q, nil
}

// addTo appends q's memory to its slab and fills it.
func addTo[T Float](s *slabs[T], q *Param, init Init, key Key) {
	padded := (q.Size + align - 1) / align * align
	slab := &s.buffers
	if q.Trainable {
		slab = &s.values
		s.grads = append(s.grads, make([]T, padded)...)
	}
	q.Offset = len(*slab)
	*slab = append(*slab, make([]T, padded)...)
	if init == nil {
		return
	}
	w := make([]float64, q.Size)
	init(key, q.Shape, w)
	for i, v := range w {
		(*slab)[q.Offset+i] = T(v)
	}
}

func store[T Float](p *Params) *slabs[T] {
	var s any = &p.f32
	if p.dtype == Float64 {
		s = &p.f64
	}
	t, ok := s.(*slabs[T])
	if !ok {
		panic(fmt.Sprintf("graph: parameters are %v", p.dtype))
	}
	return t
}

// Slab returns the values and gradients of all trainable parameters. T must be p's element type.
func Slab[T Float](p *Params) (values, grads []T) {
	s := store[T](p)
	return s.values, s.grads
}

// Values returns the memory of q's value. T must be the element type of its Params.
func Values[T Float](q *Param) []T {
	s := store[T](q.owner)
	if q.Trainable {
		return s.values[q.Offset : q.Offset+q.Size : q.Offset+q.Size]
	}
	return s.buffers[q.Offset : q.Offset+q.Size : q.Offset+q.Size]
}

// Grads returns the memory of q's gradient, or nil for a buffer.
func Grads[T Float](q *Param) []T {
	if !q.Trainable {
		return nil
	}
	return store[T](q.owner).grads[q.Offset : q.Offset+q.Size : q.Offset+q.Size]
}

// Value is q's value as an Array that shares its memory.
func (q *Param) Value() Array {
	if q.owner.dtype == Float64 {
		return Floats64(Values[float64](q), q.Shape...)
	}
	return Floats32(Values[float32](q), q.Shape...)
}

// Grad is q's gradient as an Array that shares its memory; absent for a buffer.
func (q *Param) Grad() Array {
	switch {
	case !q.Trainable:
		return Array{}
	case q.owner.dtype == Float64:
		return Floats64(Grads[float64](q), q.Shape...)
	}
	return Floats32(Grads[float32](q), q.Shape...)
}

// Set copies a into q's value. The shape must be q's, the element type may be either float.
func (q *Param) Set(a Array) error {
	if err := a.Check(); err != nil {
		return errors.Wrapf(err, "parameter %q", q.Name)
	}
	if !slices.Equal(a.Shape, q.Shape) {
		return errors.Wrapf(ErrShape, "parameter %q has shape %v, the new value %v", q.Name, q.Shape, a.Shape)
	}
	return errors.Wrapf(copyArray(q.Value(), a), "parameter %q", q.Name)
}

// copyArray copies src to dst, which has as many elements, converting between float types.
func copyArray(dst, src Array) error {
	switch {
	case dst.Int != nil && src.Int != nil:
		copy(dst.Int, src.Int)
	case dst.F32 != nil && src.F32 != nil:
		copy(dst.F32, src.F32)
	case dst.F64 != nil && src.F64 != nil:
		copy(dst.F64, src.F64)
	case dst.F32 != nil && src.F64 != nil:
		convert(dst.F32, src.F64)
	case dst.F64 != nil && src.F32 != nil:
		convert(dst.F64, src.F32)
	default:
		return errors.Wrap(ErrType, "integers and floats do not mix")
	}
	return nil
}

func convert[A, B Float](dst []A, src []B) {
	for i, v := range src {
		dst[i] = A(v)
	}
}
