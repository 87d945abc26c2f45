package data

import (
	"iter"
	"slices"

	"github.com/latent-go/latent/graph"
)

// shuffled yields the examples in another order: each place of a buffer holds an example, and one
// that arrives drives out the one at a random place. Below 2 places the order is kept.
func shuffled(key graph.Key, examples iter.Seq2[Example, error], places int) iter.Seq2[Example, error] {
	if places < 2 {
		return examples
	}
	return func(yield func(Example, error) bool) {
		var held []Example
		d := dice{key: key.Fork("shuffle")}
		for e, err := range examples {
			if err != nil {
				yield(e, err)
				return
			}
			if len(held) < places {
				held = append(held, Example{X: cloneArray(e.X), Y: cloneArray(e.Y)})
				continue
			}
			i := d.below(len(held))
			if !yield(held[i], nil) {
				return
			}
			copyAll(held[i].X, e.X)
			copyAll(held[i].Y, e.Y)
		}
		for ; len(held) > 0; held = held[:len(held)-1] {
			i, last := d.below(len(held)), len(held)-1
			held[i], held[last] = held[last], held[i]
			if !yield(held[last], nil) {
				return
			}
		}
	}
}

// dice draws numbers one by one.
type dice struct {
	key   graph.Key
	block int       // how many times buf was filled
	buf   []float64 // numbers of [0, 1)
	used  int       // of buf
}

// below returns a random number of 0 to n-1.
func (d *dice) below(n int) int {
	if d.used == len(d.buf) {
		d.buf = slices.Grow(d.buf[:0], 256)[:256]
		graph.Uniform(d.key.ForkN(d.block), d.buf)
		d.block++
		d.used = 0
	}
	d.used++
	return int(d.buf[d.used-1] * float64(n))
}

// A batcher makes batches of examples. It reuses their memory.
type batcher struct {
	n    int
	x, y graph.Array
}

func (b *batcher) add(e Example) {
	if b.n == 0 {
		b.x, b.y = emptied(b.x, e.X), emptied(b.y, e.Y)
	}
	b.x, b.y = appended(b.x, e.X), appended(b.y, e.Y)
	b.n++
}

// take returns the batch of what was added since the last call.
func (b *batcher) take() Batch {
	batch := Batch{N: b.n, X: b.x, Y: b.y}
	batch.X.Shape[0] = b.n
	if !batch.Y.IsZero() {
		batch.Y.Shape[0] = b.n
	}
	b.n = 0
	return batch
}

// emptied is the memory of a, without elements, for examples like e.
func emptied(a, e graph.Array) graph.Array {
	if e.IsZero() {
		return e
	}
	return graph.Array{Shape: append([]int{0}, e.Shape...), F32: a.F32[:0], F64: a.F64[:0], Int: a.Int[:0]}
}

// appended is a with the elements of e at its end.
func appended(a, e graph.Array) graph.Array {
	a.F32 = append(a.F32, e.F32...)
	a.F64 = append(a.F64, e.F64...)
	a.Int = append(a.Int, e.Int...)
	return a
}

func cloneArray(a graph.Array) graph.Array {
	return graph.Array{Shape: slices.Clone(a.Shape), F32: slices.Clone(a.F32), F64: slices.Clone(a.F64), Int: slices.Clone(a.Int)}
}

// kindOf is a without its elements: what sameKind compares.
func kindOf(a graph.Array) graph.Array {
	return graph.Array{Shape: slices.Clone(a.Shape), F32: a.F32[:0:0], F64: a.F64[:0:0], Int: a.Int[:0:0]}
}
