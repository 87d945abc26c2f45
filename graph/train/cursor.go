package train

import (
	"iter"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// A cursor is a place in an epoch. It looks one batch ahead, so that whoever has used a batch
// knows whether it was the epoch's last.
type cursor struct {
	b     data.Batch
	err   error
	done  bool // no batch is left
	index int  // of b in the epoch
	next  func() (data.Batch, error, bool)
	close func() // ends the epoch early; needed at its end as well
}

// openEpoch starts the epoch of that key at its batch number skip. The batches before are
// prepared and dropped: their order is known, but not what they hold.
func openEpoch(src data.Source, key graph.Key, size, skip int) *cursor {
	c := &cursor{index: -1}
	c.next, c.close = iter.Pull2(data.Prefetch(src).Batches(key, size))
	for range skip + 1 {
		c.advance()
	}
	if c.err == nil && c.done {
		if c.index == 0 {
			c.err = errors.Wrap(data.ErrEmpty, "the epoch has no batch")
		} else {
			c.err = errors.Wrapf(ErrResume, "the epoch has %d batches, the run has seen %d: the source has changed", c.index, skip)
		}
	}
	return c
}

// advance goes on to the next batch, unless there was an error.
func (c *cursor) advance() {
	if c.err != nil || c.done {
		return
	}
	b, err, ok := c.next()
	c.index++
	c.b, c.err, c.done = b, err, !ok
	if ok && err == nil && b.N < 1 {
		c.err = errors.Wrapf(data.ErrBatch, "the source yields a batch of %d examples", b.N)
	}
}
