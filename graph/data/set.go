package data

import (
	"iter"
	"slices"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// A Set is a Source in memory.
type Set struct {
	X       graph.Array // inputs (n, ...), float32 unless they are token ids
	Y       graph.Array // targets (n, ...), class labels (n) as Int, or the zero Array
	Classes []string    // Classes[i] is the name of label i; nil if labels have no names
}

// NewSet makes a Set of x and y, which it keeps. y may be the zero Array. No examples is an
// ErrEmpty; numbers of examples that differ are a graph.ErrShape; a NaN or Inf is a
// graph.ErrNotFinite that names the example; a negative label or token is an ErrLabel.
func NewSet(x, y graph.Array) (*Set, error) {
	s := &Set{X: x, Y: y}
	if err := s.check(); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		name string
		a    graph.Array
	}{{"inputs", x}, {"targets", y}} {
		if err := part.a.CheckFinite(); err != nil {
			return nil, errors.Wrapf(err, "data: %s", part.name)
		}
		if i := slices.IndexFunc(part.a.Int, func(v int) bool { return v < 0 }); i >= 0 {
			return nil, errors.Wrapf(ErrLabel, "%s: example %d has %d; labels and tokens start at 0",
				part.name, i/rowLen(part.a), part.a.Int[i])
		}
	}
	return s, nil
}

// check returns an error unless the shapes of X and Y fit each other and their elements.
func (s *Set) check() error {
	if s.X.Len() == 0 {
		return errors.Wrap(ErrEmpty, "a set needs at least one example")
	}
	if len(s.X.Shape) == 0 {
		return errors.Wrap(graph.ErrShape, "data: inputs have no batch axis")
	}
	if err := s.X.Check(); err != nil {
		return errors.Wrap(err, "data: inputs")
	}
	if s.Y.IsZero() {
		return nil
	}
	if err := s.Y.Check(); err != nil {
		return errors.Wrap(err, "data: targets")
	}
	if len(s.Y.Shape) == 0 || s.Y.Shape[0] != s.X.Shape[0] {
		return errors.Wrapf(graph.ErrShape, "data: inputs of shape %v have %d examples, targets have shape %v",
			s.X.Shape, s.X.Shape[0], s.Y.Shape)
	}
	return nil
}

// Len is the number of examples.
func (s *Set) Len() int {
	if len(s.X.Shape) == 0 {
		return 0
	}
	return s.X.Shape[0]
}

// Shape is the shape of one example's input.
func (s *Set) Shape() []int {
	if len(s.X.Shape) == 0 {
		return nil
	}
	return s.X.Shape[1:]
}

// Batches yields every example once, shuffled by key.
func (s *Set) Batches(key graph.Key, size int) iter.Seq2[Batch, error] {
	if err := s.checkBatches(size); err != nil {
		return fail(err)
	}
	return func(yield func(Batch, error) bool) {
		order := key.Perm(s.Len())
		x, y := newLike(s.X, size), newLike(s.Y, size)
		for rows := range slices.Chunk(order, size) {
			n := len(rows)
			b := Batch{N: n, X: x, Y: y}
			if n < size {
				b.X, b.Y = rowsOf(x, 0, n), rowsOf(y, 0, n)
			}
			gather(b.X, s.X, rows)
			gather(b.Y, s.Y, rows)
			if !yield(b, nil) {
				return
			}
		}
	}
}

func (s *Set) checkBatches(size int) error {
	if err := s.check(); err != nil {
		return err
	}
	return checkBatch(size, s.Len())
}

// Ordered is the Source that yields the examples of s in their own order, whatever the key. Its
// batches share the memory of s.
func (s *Set) Ordered() Source { return ordered{s} }

type ordered struct{ *Set }

func (o ordered) Batches(_ graph.Key, size int) iter.Seq2[Batch, error] {
	if err := o.checkBatches(size); err != nil {
		return fail(err)
	}
	return func(yield func(Batch, error) bool) {
		for lo := 0; lo < o.Len(); lo += size {
			hi := min(lo+size, o.Len())
			if !yield(Batch{N: hi - lo, X: o.X.Rows(lo, hi), Y: rowsOf(o.Y, lo, hi)}, nil) {
				return
			}
		}
	}
}

// Mean is the mean of the inputs (d), element by element; nil for an empty set.
func (s *Set) Mean() []float64 {
	if s.Len() == 0 {
		return nil
	}
	d := s.X.Len() / s.Len()
	mean := make([]float64, d)
	for i := range s.X.Len() {
		mean[i%d] += s.X.At(i)
	}
	for j := range mean {
		mean[j] /= float64(s.Len())
	}
	return mean
}
