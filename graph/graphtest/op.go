// Package graphtest holds the library's contracts as executable checks: operations, gradients and
// objectives are tested with it, and each check is itself tested by a wrong implementation that it
// must reject.
package graphtest

import (
	"math"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// An OpCase is an operation under test: Build makes a node of inputs of the given shapes.
type OpCase struct {
	Shapes [][]int // of the float inputs
	// Ints are further, integer inputs, with their values.
	Ints  []graph.Array
	Build func(in []*graph.Node) *graph.Node
	// Point maps a draw from N(0, 1) to a point of the domain; nil is the identity.
	Point func(v float64) float64
	// Tolerance of the symbolic against the numerical gradient, relative to the gradient's
	// largest element; 0 means 1e-6.
	Tolerance float64
}

// CheckOp checks, at three different points, one compiled program run for all: that the symbolic
// gradient of a random linear function of the result equals central differences in float64; that
// float32 agrees with float64; that the result does not depend on what its memory held before; that
// inputs are left alone; and that a second run with the same inputs gives the same bits.
func CheckOp(c OpCase) error {
	f64, err := newRig(c, graph.Float64)
	if err != nil {
		return err
	}
	f32, err := newRig(c, graph.Float32)
	if err != nil {
		return err
	}
	for point := range 3 {
		f64.set(uint64(point))
		f32.set(uint64(point))
		if err := f64.compareNumerical(c.Tolerance); err != nil {
			return errors.WithMessagef(err, "point %d", point)
		}
		if err := f32.compareWith(f64); err != nil {
			return errors.WithMessagef(err, "point %d", point)
		}
		if err := f32.repeatable(); err != nil {
			return errors.WithMessagef(err, "point %d", point)
		}
	}
	return nil
}

// A rig holds the inputs as trainable parameters, so that their gradients come out.
type rig struct {
	c      OpCase
	params *graph.Params
	prog   *graph.Program // loss = sum(result * weights), and the result
	inputs []graph.Array
	loss   float64
	result graph.Array
}

func newRig(c OpCase, dtype graph.DType) (*rig, error) {
	r := &rig{c: c, params: graph.NewParams(dtype, graph.NewKey(1))}
	b := graph.NewBuilder(r.params, graph.Train)
	var in []*graph.Node
	for i, s := range c.Shapes {
		in = append(in, b.Param(name("x", i), graph.Zeros, s...))
	}
	for i, a := range c.Ints {
		in = append(in, b.IntInput(name("i", i), a.Shape...))
		r.inputs = append(r.inputs, a)
	}
	y := c.Build(in)
	if err := b.Err(); err != nil {
		return nil, err
	}
	var err error
	outs := []*graph.Node{y}
	for _, x := range in[len(c.Shapes):] {
		outs = append(outs, readAfter(y, x))
	}
	r.prog, err = b.CompileGradient(weightedSum(y), outs...)
	return r, err
}

// readAfter is integer node x as floats, read when y has been computed: whether y's operation has
// changed it.
func readAfter(y, x *graph.Node) *graph.Node {
	return graph.Apply("readafter", []*graph.Node{y, x}, func() (graph.Op, error) {
		return graph.Op{Shape: x.Shape(), Forward: func(a *graph.Args) error {
			for i, v := range a.In[1].Int {
				put(a.Out, i, float64(v))
			}
			return nil
		}}, nil
	})
}

func name(prefix string, i int) string { return prefix + string(rune('0'+i)) }

// weightedSum is a scalar that depends on every element of y with another weight, so that a gradient
// that permutes or sums elements wrongly shows. It is an operation of its own: the checker must not
// rest on the operations it checks.
func weightedSum(y *graph.Node) *graph.Node {
	n := max(1, y.Len())
	w := make([]float64, n)
	graph.Uniform(graph.NewKey(99), w)
	for i := range w {
		w[i] += 0.5
	}
	forward := func(a *graph.Args) error {
		s := 0.0
		for i := range w {
			s += w[i] * a.In[0].At(i)
		}
		put(a.Out, 0, s)
		return nil
	}
	return graph.Apply("weightedsum", []*graph.Node{y}, func() (graph.Op, error) {
		return graph.Op{Forward: forward, Backward: func(in []*graph.Node, _, dy *graph.Node) []*graph.Node {
			return []*graph.Node{graph.Apply("weights", []*graph.Node{in[0], dy}, func() (graph.Op, error) {
				return graph.Op{Shape: in[0].Shape(), Forward: func(a *graph.Args) error {
					for i := range w {
						put(a.Out, i, w[i]*a.In[1].At(0))
					}
					return nil
				}}, nil
			})}
		}}, nil
	})
}

func put(a graph.Array, i int, v float64) {
	if a.F64 != nil {
		a.F64[i] = v
	} else {
		a.F32[i] = float32(v)
	}
}

// set moves the inputs to another point.
func (r *rig) set(point uint64) {
	for i, q := range r.params.List() {
		x := make([]float64, q.Size)
		graph.Normal(graph.NewKey(7).At(point).ForkN(i), x)
		for j, v := range x {
			if r.c.Point != nil {
				v = r.c.Point(v)
			}
			put(q.Value(), j, float64(float32(v))) // the same point for both widths
		}
	}
}

func (r *rig) run() error {
	before := snapshot(r.params)
	outs, err := r.prog.Run(graph.NewKey(3), r.inputs...)
	if err != nil {
		return err
	}
	r.loss, r.result = outs[0].At(0), outs[1]
	for i, q := range r.params.List() {
		for j, v := range before[i] {
			if q.Value().At(j) != v {
				return errors.Errorf("input %d was changed at element %d", i, j)
			}
		}
	}
	for i, ints := range r.inputs {
		if !slices.Equal(values(outs[2+i]), values(ints)) {
			return errors.Errorf("integer input %d was changed", i)
		}
	}
	return nil
}

func snapshot(p *graph.Params) [][]float64 {
	var s [][]float64
	for _, q := range p.List() {
		s = append(s, values(q.Value()))
	}
	return s
}

func values(a graph.Array) []float64 {
	v := make([]float64, a.Len())
	for i := range v {
		v[i] = a.At(i)
	}
	return v
}

// compareNumerical checks the symbolic gradient against central differences.
func (r *rig) compareNumerical(tolerance float64) error {
	if tolerance == 0 {
		tolerance = 1e-6
	}
	if err := r.run(); err != nil {
		return err
	}
	var grads [][]float64
	for _, q := range r.params.List() {
		grads = append(grads, values(q.Grad()))
	}
	for i, q := range r.params.List() {
		scale := 1e-3
		for _, g := range grads[i] {
			scale = max(scale, math.Abs(g))
		}
		for j := range q.Size {
			numerical, err := r.difference(q, j)
			if err != nil {
				return err
			}
			if d := math.Abs(numerical - grads[i][j]); !(d <= tolerance*scale) {
				return errors.Errorf("gradient of input %d at element %d: symbolic %g, numerical %g", i, j, grads[i][j], numerical)
			}
		}
	}
	return r.run() // leave gradients and result of the point itself
}

// difference is the central difference of the loss with respect to one element.
func (r *rig) difference(q *graph.Param, j int) (float64, error) {
	const h = 1e-5
	x := q.Value().At(j)
	put(q.Value(), j, x+h)
	if err := r.run(); err != nil {
		return 0, err
	}
	up := r.loss
	put(q.Value(), j, x-h)
	if err := r.run(); err != nil {
		return 0, err
	}
	put(q.Value(), j, x)
	return (up - r.loss) / (2 * h), nil
}

// compareWith checks float32 against float64 at the same point.
func (r *rig) compareWith(exact *rig) error {
	if err := r.run(); err != nil {
		return err
	}
	if err := close32("result", r.result, exact.result); err != nil {
		return err
	}
	for i, q := range r.params.List() {
		if err := close32(name("gradient of input ", i), q.Grad(), exact.params.List()[i].Grad()); err != nil {
			return err
		}
	}
	return nil
}

func close32(what string, got, want graph.Array) error {
	scale := 1e-3
	for i := range want.Len() {
		scale = max(scale, math.Abs(want.At(i)))
	}
	for i := range want.Len() {
		if !(math.Abs(got.At(i)-want.At(i)) <= 1e-4*scale) {
			return errors.Errorf("%s, element %d: float32 %g, float64 %g", what, i, got.At(i), want.At(i))
		}
	}
	return nil
}

// repeatable checks that a run does not depend on what the memory of the results held before.
func (r *rig) repeatable() error {
	first, grads := values(r.result), snapshotGrads(r.params)
	r.prog.Poison()
	if err := r.run(); err != nil {
		return err
	}
	for i, v := range values(r.result) {
		if math.Float64bits(v) != math.Float64bits(first[i]) {
			return errors.Errorf("result, element %d: %g, and %g after its memory was poisoned", i, first[i], v)
		}
	}
	for i, g := range snapshotGrads(r.params) {
		for j, v := range g {
			if math.Float64bits(v) != math.Float64bits(grads[i][j]) {
				return errors.Errorf("gradient of input %d, element %d: %g, and %g after memory was poisoned", i, j, grads[i][j], v)
			}
		}
	}
	return nil
}

func snapshotGrads(p *graph.Params) [][]float64 {
	var s [][]float64
	for _, q := range p.List() {
		s = append(s, values(q.Grad()))
	}
	return s
}
