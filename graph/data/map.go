package data

import (
	"iter"
	"slices"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// A Transform computes the inputs dst (n, d...) of a batch from src, of the same shape; both are
// float32. It may draw from key, and leaves src alone. Corruption.Corrupt and Normalizer.Apply
// are Transforms.
type Transform func(key graph.Key, dst, src graph.Array) error

// Map is a Source of the batches of src with inputs changed by f. Every batch of an epoch has a
// key of its own, so what f draws depends on the key, the batch size and the batch's number.
func Map(src Source, f Transform) Source { return mapped{src, f} }

type mapped struct {
	Source
	f Transform
}

func (m mapped) Batches(key graph.Key, size int) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		var x graph.Array
		at, i := key.Fork("map"), 0
		for b, err := range m.Source.Batches(key, size) {
			if err != nil {
				yield(Batch{}, err)
				return
			}
			if !slices.Equal(x.Shape, b.X.Shape) {
				x = newLike(b.X, b.N)
			}
			if err := m.f(at.ForkN(i), x, b.X); err != nil {
				yield(Batch{}, errors.Wrapf(err, "data: batch %d", i))
				return
			}
			b.X = x
			if !yield(b, nil) {
				return
			}
			i++
		}
	}
}

// Map is a copy of s with inputs changed by f. It shares the targets.
func (s *Set) Map(key graph.Key, f Transform) (*Set, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	t := &Set{X: newLike(s.X, s.Len()), Y: s.Y, Classes: s.Classes}
	if err := f(key, t.X, s.X); err != nil {
		return nil, errors.Wrapf(err, "data: set of %d examples", s.Len())
	}
	return t, nil
}
