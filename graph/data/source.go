package data

import (
	"iter"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// A Batch is what one training step or one evaluation sees. Its memory belongs to the Source:
// whoever receives it must neither change it nor keep it.
type Batch struct {
	N int         // examples
	X graph.Array // inputs (n, ...)
	Y graph.Array // targets or labels (n, ...); the zero Array if there are none
}

// A Source yields the batches of one epoch.
//
// The order of the examples is a function of key only. A yielded batch is valid until the next
// one is asked for. All batches have size examples but for the last, which may be shorter. A
// size below 1 or above the number of examples is an ErrBatch, a source without examples an
// ErrEmpty. After an error nothing more is yielded. Batches may be called from several
// goroutines at once.
type Source interface {
	Batches(key graph.Key, size int) iter.Seq2[Batch, error]
	Len() int     // examples in an epoch, or -1 if not known beforehand
	Shape() []int // of one example's input, without the batch axis: (784) or (1, 28, 28)
}

// checkBatch returns an error unless batches of the given size can be made of n examples.
func checkBatch(size, n int) error {
	switch {
	case n == 0:
		return errors.Wrap(ErrEmpty, "batches of an empty source")
	case size < 1:
		return errors.Wrapf(ErrBatch, "batch size %d: must be at least 1", size)
	case size > n:
		return errors.Wrapf(ErrBatch, "batch size %d is larger than the set of %d examples", size, n)
	}
	return nil
}

// fail is the sequence that yields one error.
func fail(err error) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) { yield(Batch{}, err) }
}
