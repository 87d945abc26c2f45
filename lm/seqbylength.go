package lm

import (
	"cmp"
	"iter"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/pkg/errors"
)

// seqPool is how many batches' examples are sorted by length at a time.
const seqPool = 50

// SeqByLength is a Source of the examples of a set that SeqPairs has made, in batches of nearly equal lengths: the
// epoch's random order, of which every 50 batches are sorted by length, and the batches again in random order. A step
// costs what the longest sequences of its batch cost.
func SeqByLength(set *data.Set) data.Source { return seqByLength{set} }

type seqByLength struct{ *data.Set }

// Batches implements data.Source.
func (s seqByLength) Batches(key graph.Key, size int) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		switch n := s.Len(); {
		case n == 0:
			yield(data.Batch{}, errors.Wrap(data.ErrEmpty, "lm: pairs by length"))
			return
		case s.X.Int == nil || s.Y.Int == nil || len(s.X.Shape) != 2 || len(s.Y.Shape) != 2:
			yield(data.Batch{}, errors.Wrapf(graph.ErrShape, "lm: inputs %v and targets %v are not as SeqPairs makes them", s.X.Shape, s.Y.Shape))
			return
		case size < 1 || size > n:
			yield(data.Batch{}, errors.Wrapf(data.ErrBatch, "batch size %d of a set of %d examples", size, n))
			return
		}
		lengths := s.lengths()
		var batches [][]int
		for pool := range slices.Chunk(key.Perm(s.Len()), seqPool*size) {
			slices.SortStableFunc(pool, func(a, b int) int { return cmp.Compare(lengths[a], lengths[b]) })
			batches = append(batches, slices.Collect(slices.Chunk(pool, size))...)
		}
		order := key.Fork("batches").Perm(s.Len() / size)
		if s.Len()%size > 0 { // the short one comes last
			order = append(order, len(batches)-1)
		}
		for _, i := range order {
			some, err := s.Subset(batches[i])
			if err != nil {
				yield(data.Batch{}, err)
				return
			}
			if !yield(data.Batch{N: some.Len(), X: some.X, Y: some.Y}, nil) {
				return
			}
		}
	}
}

// lengths are the parts that the examples take of the greatest lengths.
func (s seqByLength) lengths() []float64 {
	lengths := make([]float64, s.Len())
	for i := range lengths {
		x, y := s.X.Rows(i, i+1).Int, s.Y.Rows(i, i+1).Int
		lengths[i] = max(1-float64(seqLeading(x))/float64(len(x)), float64(seqTokensOf(y))/float64(len(y)))
	}
	return lengths
}
