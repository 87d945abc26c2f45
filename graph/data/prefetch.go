package data

import (
	"iter"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// Prefetch is a Source of the same batches as src; a goroutine prepares the next one while the
// current one is used. The goroutine ends with the epoch, also if the consumer leaves early: its
// range loop then returns once the batch that is being made is ready. A panic of src becomes an
// error.
func Prefetch(src Source) Source { return prefetched{src} }

type prefetched struct{ Source }

// A delivery is a copied batch or the error that ends the epoch.
type delivery struct {
	batch Batch
	err   error
}

func (p prefetched) Batches(key graph.Key, size int) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		ready := make(chan delivery)
		free := make(chan Batch, 2) // memory that nobody uses: one is filled while the other is yielded
		free <- Batch{}
		free <- Batch{}
		stop := make(chan struct{})
		go func() {
			defer close(ready)
			p.produce(key, size, ready, free, stop)
		}()
		defer func() {
			close(stop)
			for range ready { // wait until the goroutine has ended
			}
		}()
		for d := range ready {
			if !yield(d.batch, d.err) || d.err != nil {
				return
			}
			free <- d.batch
		}
	}
}

// produce copies the batches of the source to free memory and delivers them, until stop is
// closed.
func (p prefetched) produce(key graph.Key, size int, ready chan<- delivery, free <-chan Batch, stop <-chan struct{}) {
	deliver := func(d delivery) bool {
		select {
		case ready <- d:
			return true
		case <-stop:
			return false
		}
	}
	defer func() {
		if r := recover(); r != nil {
			deliver(delivery{err: errors.Errorf("data: a source panicked while a batch was prepared: %v", r)})
		}
	}()
	for b, err := range p.Source.Batches(key, size) {
		var d delivery
		if err != nil {
			d.err = err
		} else {
			select {
			case d.batch = <-free:
			case <-stop:
				return
			}
			d.batch = Batch{N: b.N, X: refill(d.batch.X, b.X), Y: refill(d.batch.Y, b.Y)}
		}
		if !deliver(d) || err != nil {
			return
		}
	}
}

// refill is a copy of src in the memory of dst, as far as that suffices.
func refill(dst, src graph.Array) graph.Array {
	dst.F32, dst.F64, dst.Int = dst.F32[:0], dst.F64[:0], dst.Int[:0]
	dst = appended(dst, src)
	dst.Shape = append(dst.Shape[:0], src.Shape...)
	if src.IsZero() {
		return graph.Array{}
	}
	return dst
}
