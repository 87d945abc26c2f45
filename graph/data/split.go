package data

import (
	"math"
	"slices"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// Slice is the Set of examples lo to hi-1, sharing memory with s.
func (s *Set) Slice(lo, hi int) (*Set, error) {
	if lo < 0 || hi > s.Len() || lo > hi {
		return nil, errors.Wrapf(graph.ErrShape, "data: examples %d to %d of a set of %d", lo, hi, s.Len())
	}
	if lo == hi {
		return nil, errors.Wrapf(ErrEmpty, "examples %d to %d", lo, hi)
	}
	return &Set{X: s.X.Rows(lo, hi), Y: rowsOf(s.Y, lo, hi), Classes: s.Classes}, nil
}

// Subset is a copy of the examples with the given numbers, in that order; a number may repeat.
func (s *Set) Subset(rows []int) (*Set, error) {
	if len(rows) == 0 {
		return nil, errors.Wrap(ErrEmpty, "subset of no examples")
	}
	for _, r := range rows {
		if r < 0 || r >= s.Len() {
			return nil, errors.Wrapf(graph.ErrShape, "data: example %d of a set of %d", r, s.Len())
		}
	}
	t := &Set{X: newLike(s.X, len(rows)), Y: newLike(s.Y, len(rows)), Classes: s.Classes}
	gather(t.X, s.X, rows)
	gather(t.Y, s.Y, rows)
	return t, nil
}

// Split deals the examples at random, but for key, into disjoint sets of the given fractions,
// which are positive and sum to 1. It copies. A part that would have no example is an ErrEmpty.
func (s *Set) Split(key graph.Key, fractions ...float64) ([]*Set, error) {
	sum := 0.0
	for _, f := range fractions {
		if !(f > 0) {
			return nil, errors.Wrapf(ErrConfig, "split %v: fractions must be positive", fractions)
		}
		sum += f
	}
	if !(math.Abs(sum-1) < 1e-6) {
		return nil, errors.Wrapf(ErrConfig, "split %v: fractions sum to %.6g, expected 1", fractions, sum)
	}
	order := key.Perm(s.Len())
	parts := make([]*Set, len(fractions))
	lo, upTo := 0, 0.0
	for i, f := range fractions {
		upTo += f
		hi := int(math.Round(upTo / sum * float64(s.Len())))
		part, err := s.Subset(order[lo:hi])
		if err != nil {
			return nil, errors.Wrapf(err, "split %v of %d examples: part %d", fractions, s.Len(), i)
		}
		parts[i], lo = part, hi
	}
	return parts, nil
}

// Concat is a copy of the examples of all sets, one after the other. Their example shapes,
// element types and class names must be the same.
func Concat(sets ...*Set) (*Set, error) {
	if len(sets) == 0 {
		return nil, errors.Wrap(ErrEmpty, "concatenation of no sets")
	}
	first, n := sets[0], 0
	for i, s := range sets {
		if err := s.check(); err != nil {
			return nil, errors.Wrapf(err, "set %d", i)
		}
		if !sameKind(rowsOf(s.X, 0, 1), rowsOf(first.X, 0, 1)) || !sameKind(rowsOf(s.Y, 0, 1), rowsOf(first.Y, 0, 1)) {
			return nil, errors.Wrapf(graph.ErrShape, "data: set %d has inputs %v and targets %v, set 0 has %v and %v",
				i, s.X.Shape, s.Y.Shape, first.X.Shape, first.Y.Shape)
		}
		if !slices.Equal(s.Classes, first.Classes) {
			return nil, errors.Wrapf(ErrLabel, "set %d has classes %q, set 0 has %q", i, s.Classes, first.Classes)
		}
		n += s.Len()
	}
	t := &Set{X: newLike(first.X, n), Y: newLike(first.Y, n), Classes: first.Classes}
	lo := 0
	for _, s := range sets {
		copyAll(t.X.Rows(lo, lo+s.Len()), s.X)
		copyAll(rowsOf(t.Y, lo, lo+s.Len()), s.Y)
		lo += s.Len()
	}
	return t, nil
}

// Reshape is s with another shape of one example, of as many elements, sharing memory.
func (s *Set) Reshape(shape ...int) (*Set, error) {
	t := &Set{X: s.X.Reshape(append([]int{s.Len()}, shape...)...), Y: s.Y, Classes: s.Classes}
	if err := t.check(); err != nil {
		return nil, errors.Wrapf(err, "examples of shape %v as %v", s.Shape(), shape)
	}
	return t, nil
}
