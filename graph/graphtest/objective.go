package graphtest

import (
	"math"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/pkg/errors"
)

// Objective is train.Objective, whatever the name of its metrics.
type Objective[M ~map[string]float64] interface {
	Params() *graph.Params
	Gradient(key graph.Key, b data.Batch) (M, error)
}

// CheckObjective checks the contract of an objective: that Gradient overwrites the gradient of every
// trainable parameter, leaves values and the batch alone, gives equal bits for equal values, buffers,
// key and batch whatever has been called in between, does not keep the batch, and returns a finite
// "loss". batch makes n examples, the same in every call for the same n; the sizes, 1 among them, are
// those it is asked for. Values and buffers are afterwards as before.
func CheckObjective[M ~map[string]float64](obj Objective[M], batch func(n int) data.Batch, sizes ...int) error {
	if !slices.Contains(sizes, 1) || len(sizes) < 2 {
		return errors.Errorf("sizes %v: two or more are needed, 1 among them", sizes)
	}
	if p, again := obj.Params(), obj.Params(); p == nil || p != again {
		return errors.New("Params is nil or not the same in every call")
	}
	params := len(obj.Params().List())
	key := graph.NewKey(21)
	restore := keepBuffers(obj.Params())
	defer restore()
	firsts := make([]*observation, len(sizes))
	for i, n := range sizes {
		var err error
		if firsts[i], err = observe(obj, key, batch(n), math.NaN()); err != nil {
			return errors.WithMessagef(err, "batch of %d", n)
		}
		restore()
	}
	for i, n := range sizes {
		other := batch(n)
		other.X = reversed(other.X)
		if _, err := observe(obj, key.At(5).Fork("other"), other, 7); err != nil {
			return errors.WithMessagef(err, "another batch of %d", n)
		}
		restore()
		second, err := observe(obj, key, batch(n), -1e6)
		if err != nil {
			return errors.WithMessagef(err, "batch of %d again", n)
		}
		restore()
		if err := firsts[i].equal(second); err != nil {
			return errors.WithMessagef(err, "batch of %d, called again with the same key", n)
		}
	}
	if len(obj.Params().List()) != params {
		return errors.Errorf("there were %d parameters before training and are %d now", params, len(obj.Params().List()))
	}
	return nil
}

// keepBuffers returns a function that puts the buffers back to what they are now.
func keepBuffers(p *graph.Params) (restore func()) {
	before := snapshot(p)
	return func() {
		for i, q := range p.List() {
			if q.Trainable {
				continue
			}
			for j, v := range before[i] {
				put(q.Value(), j, v)
			}
		}
	}
}

// An observation is all that one call of Gradient leaves behind.
type observation struct {
	names   []string
	grads   [][]float64
	values  [][]float64 // buffers among them
	metrics map[string]float64
}

// observe calls Gradient on a copy of b, over gradients that hold poison, and afterwards scribbles over the
// copy, so that an objective that keeps it gives itself away.
func observe[M ~map[string]float64](obj Objective[M], key graph.Key, b data.Batch, poison float64) (*observation, error) {
	p := obj.Params()
	for _, q := range p.List() {
		for j := range q.Grad().Len() {
			put(q.Grad(), j, poison)
		}
	}
	before := snapshot(p)
	given := data.Batch{N: b.N, X: duplicate(b.X), Y: duplicate(b.Y)}
	metrics, err := obj.Gradient(key, given)
	if err != nil {
		return nil, err
	}
	if !sameValues(given.X, b.X) || !sameValues(given.Y, b.Y) {
		return nil, errors.New("the batch was changed")
	}
	o := &observation{values: snapshot(p), grads: snapshotGrads(p), metrics: map[string]float64{}}
	for name, v := range metrics {
		o.metrics[name] = v
	}
	scribble(given.X)
	scribble(given.Y)
	loss, ok := o.metrics["loss"]
	if !ok || math.IsNaN(loss) || math.IsInf(loss, 0) {
		return nil, errors.Errorf("metrics %v hold no finite \"loss\"", o.metrics)
	}
	for i, q := range p.List() {
		o.names = append(o.names, q.Name)
		if !q.Trainable {
			continue
		}
		if j := firstDifference(before[i], o.values[i]); j >= 0 {
			return nil, errors.Errorf("value of %s was changed at element %d", q.Name, j)
		}
		for j, v := range o.grads[i] {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, errors.Errorf("gradient of %s at element %d is %v, or was not written", q.Name, j, v)
			}
		}
	}
	return o, nil
}

// equal compares two observations bit by bit.
func (o *observation) equal(other *observation) error {
	for i, name := range o.names {
		if j := firstDifference(o.grads[i], other.grads[i]); j >= 0 {
			return errors.Errorf("gradient of %s, element %d: %g, then %g", name, j, o.grads[i][j], other.grads[i][j])
		}
		if j := firstDifference(o.values[i], other.values[i]); j >= 0 {
			return errors.Errorf("buffer %s, element %d: %g, then %g", name, j, o.values[i][j], other.values[i][j])
		}
	}
	if len(o.metrics) != len(other.metrics) {
		return errors.Errorf("metrics %v, then %v", o.metrics, other.metrics)
	}
	for name, v := range o.metrics {
		w, ok := other.metrics[name]
		if !ok || math.Float64bits(v) != math.Float64bits(w) {
			return errors.Errorf("metrics %v, then %v", o.metrics, other.metrics)
		}
	}
	return nil
}

// firstDifference is the first index at which the bits differ, or -1. The lengths are equal.
func firstDifference(a, b []float64) int {
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			return i
		}
	}
	return -1
}

func duplicate(a graph.Array) graph.Array {
	return graph.Array{Shape: slices.Clone(a.Shape), F32: slices.Clone(a.F32), F64: slices.Clone(a.F64), Int: slices.Clone(a.Int)}
}

func sameValues(a, b graph.Array) bool {
	return slices.Equal(a.Shape, b.Shape) && a.Len() == b.Len() && firstDifference(values(a), values(b)) < 0
}

// reversed returns the numbers of a in reverse order: other examples of the same domain, even if that is
// one-hot groups.
func reversed(a graph.Array) graph.Array {
	b := duplicate(a)
	slices.Reverse(b.F32)
	slices.Reverse(b.F64)
	slices.Reverse(b.Int)
	return b
}

// scribble overwrites an array with numbers that are as good as any.
func scribble(a graph.Array) {
	for i := range a.Len() {
		if a.Int != nil {
			a.Int[i] = 0
		} else {
			put(a, i, 0.25)
		}
	}
}

// GradCheck checks, for an objective whose estimate is the true gradient of its "loss" and whose
// parameters are float64, the gradient of each parameter against central differences of the loss in
// three random directions, under common random numbers: the same key throughout.
func GradCheck[M ~map[string]float64](obj Objective[M], key graph.Key, b data.Batch) error {
	p := obj.Params()
	if p.DType() != graph.Float64 {
		return errors.Wrapf(graph.ErrType, "differences of %v are too coarse, expected float64", p.DType())
	}
	restore := keepBuffers(p)
	defer restore()
	loss := func() (float64, error) {
		restore()
		m, err := obj.Gradient(key, b)
		if err != nil {
			return 0, err
		}
		l, ok := m["loss"]
		if !ok {
			return 0, errors.Errorf("metrics %v hold no \"loss\"", m)
		}
		return l, nil
	}
	at, err := loss()
	if err != nil {
		return err
	}
	grads := snapshotGrads(p)
	for i, q := range p.List() {
		for d := range 3 {
			if !q.Trainable {
				continue
			}
			if err := checkDirection(q, grads[i], at, key.Fork("direction").ForkN(d).Fork(q.Name), loss); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkDirection compares the slope of the loss along a random unit vector with the gradient's.
func checkDirection(q *graph.Param, grad []float64, at float64, key graph.Key, loss func() (float64, error)) error {
	const h, tolerance = 3e-5, 1e-6
	v := make([]float64, q.Size)
	graph.Normal(key, v)
	norm := math.Sqrt(dot(v, v))
	start := values(q.Value())
	defer move(q, start, v, 0)
	move(q, start, v, h/norm)
	up, err := loss()
	if err != nil {
		return err
	}
	move(q, start, v, -h/norm)
	down, err := loss()
	if err != nil {
		return err
	}
	numerical, symbolic := (up-down)/(2*h), dot(grad, v)/norm
	scale := max(math.Sqrt(dot(grad, grad)), 1e-3*(1+math.Abs(at)))
	if !(math.Abs(numerical-symbolic) <= tolerance*scale) {
		return errors.Errorf("slope along a direction of %s: by its gradient %.9g, by differences of the loss %.9g", q.Name, symbolic, numerical)
	}
	return nil
}

// move sets q to start + step v.
func move(q *graph.Param, start, v []float64, step float64) {
	for i := range start {
		put(q.Value(), i, start[i]+step*v[i])
	}
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}
