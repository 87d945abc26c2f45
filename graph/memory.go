package graph

import (
	"cmp"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// A life is the time during which a result is needed, and where it lies then.
type life struct {
	first, last int // numbers of the operation that computes it and of the last that reads it
	at, len     int // in elements of the arena; 0 if it lies elsewhere
}

// allocate gives every operation that sub needs memory for its result: the place that is given, for
// some, and else a part of one arena, which it shares with results that are needed at other times.
func (c *compiler) allocate(sub *gorgonia.ExprGraph) error {
	order, err := gorgonia.Sort(sub)
	if err != nil {
		return errors.Wrap(err, "gorgonia")
	}
	slices.Reverse(order)
	r := c.run
	for _, g := range order {
		for it := sub.From(g.ID()); it.Next(); {
			if o := c.nodes[it.Node().(*gorgonia.Node)].op; o != nil {
				o.life.last = len(r.order)
			}
		}
		if o := c.nodes[g].op; o != nil {
			o.life.first, o.life.last = len(r.order), len(r.order)
			r.order = append(r.order, o)
		}
	}
	for _, g := range c.roots {
		c.nodes[g].op.life.last = len(r.order) // they are read when the run has ended
	}
	var lives []*life
	for _, o := range r.order {
		if c.direct[o].IsZero() {
			o.life.len, _ = size(o.Shape)
			lives = append(lives, &o.life)
		}
	}
	arena := c.array(place(lives))
	for _, o := range r.order {
		out := c.direct[o]
		if out.IsZero() {
			out = arena.Rows(o.life.at, o.life.at+o.life.len).Reshape(o.Shape...)
		}
		o.bind(out)
	}
	return nil
}

// place finds room for all results, those that are needed at one time apart, and returns the size of
// the arena. It takes the largest first and puts each at the lowest place that is free for all its
// life (Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020, find
// this close to the least that is possible).
func place(lives []*life) (total int) {
	var placed []*life
	bySize := slices.Clone(lives)
	slices.SortStableFunc(bySize, func(a, b *life) int { return cmp.Compare(b.len, a.len) })
	for _, l := range bySize {
		l.at = 0
		for _, o := range placed { // from the lowest place on
			if o.last < l.first || l.last < o.first {
				continue
			}
			if l.at+l.len <= o.at {
				break
			}
			l.at = max(l.at, (o.at+o.len+align-1)/align*align)
		}
		i, _ := slices.BinarySearchFunc(placed, l, func(a, b *life) int { return cmp.Compare(a.at, b.at) })
		placed = slices.Insert(placed, i, l)
		total = max(total, l.at+l.len)
	}
	return total
}

// array is a vector of n zeros of the graph's element type.
func (b *builder) array(n int) Array {
	if b.params.dtype == Float64 {
		return Floats64(make([]float64, n), n)
	}
	return Floats32(make([]float32, n), n)
}
