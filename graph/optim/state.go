package optim

import (
	"maps"
	"slices"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// A State is what an Optimizer has gathered: with its Config and the weights, all that is
// needed to go on. What a checkpoint stores.
type State struct {
	Steps int // updates so far
	// Tensors holds, by method, role and parameter, arrays of the shape and element type of the
	// parameter: "adam/m/enc/0/w" (first moment), "adam/v/enc/0/w" (second moment),
	// "momentum/v/w" (velocity), "rmsprop/v/w", "adagrad/v/w" (squares), "ema/w" (average).
	Tensors map[string]graph.Array
}

// A stateSlab is one state of all parameters, under a prefix of its names.
type stateSlab struct {
	prefix  string
	at      func(q *graph.Param) graph.Array // the part that belongs to q, sharing memory
	squares bool                             // never negative
}

func (s *slabs[T]) stateSlabs() []stateSlab {
	var all []stateSlab
	add := func(prefix string, slab []T, squares bool) {
		if slab != nil {
			all = append(all, stateSlab{prefix, func(q *graph.Param) graph.Array { return arrayOf(slab, q) }, squares})
		}
	}
	first := "m/"
	if s.o.cfg.Method.usesMomentum() {
		first = "v/" // velocity
	}
	method := s.o.cfg.Method.String() + "/"
	add(method+first, s.m, false)
	add(method+"v/", s.v, true)
	add("ema/", s.average, false)
	return all
}

func arrayOf[T graph.Float](slab []T, q *graph.Param) graph.Array {
	a := graph.Array{Shape: q.Shape}
	switch x := any(slab[q.Offset : q.Offset+q.Size : q.Offset+q.Size]).(type) {
	case []float32:
		a.F32 = x
	case []float64:
		a.F64 = x
	}
	return a
}

// tensors lists the state with the slab that each array belongs to.
func (o *Optimizer) tensors() (arrays map[string]graph.Array, squares map[string]bool) {
	arrays, squares = map[string]graph.Array{}, map[string]bool{}
	for _, s := range o.engine.stateSlabs() {
		for _, q := range o.params.List() {
			if q.Trainable {
				arrays[s.prefix+q.Name] = s.at(q)
				squares[s.prefix+q.Name] = s.squares
			}
		}
	}
	return arrays, squares
}

// State returns the state. Its arrays share the Optimizer's memory: they change with the next
// step. It returns an error inside of WithAverage.
func (o *Optimizer) State() (State, error) {
	if o.averaged {
		return State{}, errors.New("optim: State inside of WithAverage")
	}
	arrays, _ := o.tensors()
	return State{o.steps, arrays}, nil
}

// SetState copies a state in, so that the next step is the one that the Optimizer that gave it
// would have taken. Names, shapes, element types and values must be those of an Optimizer with
// the same method and parameters; otherwise it returns an error, which wraps graph.ErrName,
// ErrShape, ErrType, ErrRange or ErrNotFinite, and changes nothing.
func (o *Optimizer) SetState(s State) error {
	if o.averaged {
		return errors.New("optim: SetState inside of WithAverage")
	}
	if s.Steps < 0 {
		return errors.Wrapf(graph.ErrRange, "optim: state after %d steps", s.Steps)
	}
	arrays, squares := o.tensors()
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		got, ok := s.Tensors[name]
		if !ok {
			return errors.Wrapf(graph.ErrName, "optim: state lacks %q, which %v needs", name, o.cfg.Method)
		}
		if err := checkTensor(got, arrays[name], squares[name]); err != nil {
			return errors.Wrapf(err, "optim: state %q", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Tensors)) {
		if _, ok := arrays[name]; !ok {
			return errors.Wrapf(graph.ErrName, "optim: state has %q, for which %v with these parameters has no place", name, o.cfg.Method)
		}
	}
	for name, dst := range arrays {
		copy(dst.F32, s.Tensors[name].F32)
		copy(dst.F64, s.Tensors[name].F64)
	}
	o.steps = s.Steps
	return nil
}

// checkTensor reports what makes got unfit to replace want.
func checkTensor(got, want graph.Array, squares bool) error {
	if err := got.Check(); err != nil {
		return err
	}
	if !slices.Equal(got.Shape, want.Shape) {
		return errors.Wrapf(graph.ErrShape, "has shape %v, expected %v", got.Shape, want.Shape)
	}
	if len(got.F32) != len(want.F32) || len(got.F64) != len(want.F64) {
		return errors.Wrapf(graph.ErrType, "does not have the element type of the parameters")
	}
	if err := got.CheckFinite(); err != nil {
		return err
	}
	for i := range got.Len() {
		if squares && got.At(i) < 0 {
			return errors.Wrapf(graph.ErrRange, "element %d is %v, but a sum of squares is not negative", i, got.At(i))
		}
	}
	return nil
}
