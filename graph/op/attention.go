package op

import (
	"math"
	"sync"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
	"github.com/pkg/errors"
)

// Attention is scaled dot-product attention (Vaswani et al. 2017, equation 1) in several heads: the mean of
// the values of an example, weighted for each query by softmax(q . k / sqrt(d/heads)) over the keys. q is
// queries (n, t, d), k keys (n, s, d), v values (n, s, e), result (n, t, e). heads divides d and e: head
// h has the h-th part of d and of e.
//
// If causal, query i sees keys 0 to i+s-t, so that the last query sees all of them; s is t or more. skip is
// nil, or integers (n): the first skip[i] keys of example i, from 0 to s, are not seen and not read, be they
// padding or rows of a cache that are not filled yet; a number outside that range is an error of the run. A
// query that sees no key gets 0. A key or value that is not finite can spoil queries before it, which do not
// see it but whose scores are computed with those of others that do.
//
// Scores are held for a block of queries at a time and computed again for the gradient, so that memory
// grows with t + s and not with t s.
func Attention(q, k, v *node, heads int, causal bool, skip *node) *node {
	in := nodes{q, k, v}
	if skip != nil {
		in = append(in, skip)
	}
	return graph.Apply("attention", in, func() (graph.Op, error) {
		p, err := attentionOf(q, k, v, heads, causal, skip)
		if err != nil {
			return graph.Op{}, err
		}
		forward := forwardAttention[float32](p)
		if q.DType() == graph.Float64 {
			forward = forwardAttention[float64](p)
		}
		return graph.Op{
			Shape:    []int{p.n, p.t, p.heads * p.e},
			Forward:  forward,
			Backward: func(in nodes, y, dy *node) nodes { return attentionGrads(in, y, dy, p) },
		}, nil
	})
}

// attention is the sizes of an attention operation; d and e are those of a head.
type attention struct {
	n, t, s, d, e, heads int
	causal               bool
}

func attentionOf(q, k, v *node, heads int, causal bool, skip *node) (p attention, err error) {
	for _, x := range (nodes{q, k, v}) {
		if len(x.Shape()) != 3 {
			_, err = shapeError("attention needs queries (n, t, d), keys (n, s, d) and values (n, s, e)")
			return p, err
		}
	}
	d, e := q.Dim(2), v.Dim(2)
	p = attention{q.Dim(0), q.Dim(1), k.Dim(1), d / max(1, heads), e / max(1, heads), heads, causal}
	switch {
	case k.Dim(0) != p.n || k.Dim(2) != d || v.Dim(0) != p.n || v.Dim(1) != p.s:
		_, err = shapeError("attention needs queries (n, t, d), keys (n, s, d) and values (n, s, e)")
	case heads < 1 || d%heads != 0 || e%heads != 0:
		_, err = shapeError("%d heads do not divide queries of %d and values of %d", heads, d, e)
	case causal && p.s < p.t:
		_, err = shapeError("causal attention of %d queries needs as many keys", p.t)
	case !floats(q, k, v):
		_, err = typeError("attention to integers")
	case skip != nil && !skip.IsInt():
		_, err = typeError("the numbers of keys to skip must be integers")
	case skip != nil && (len(skip.Shape()) != 1 || skip.Dim(0) != p.n):
		_, err = shapeError("the numbers of keys to skip must be (%d)", p.n)
	}
	return p, err
}

// checkSkip returns the numbers of keys to skip, if in is one of them.
func (p attention) checkSkip(in []graph.Array) ([]int, error) {
	if len(in) == 0 {
		return nil, nil
	}
	for i, skip := range in[0].Int {
		if skip < 0 || skip > p.s {
			return nil, errors.Wrapf(graph.ErrRange, "%d keys of example %d are skipped, outside [0, %d]", skip, i, p.s)
		}
	}
	return in[0].Int, nil
}

// each calls f in parallel for every example and head.
func (p attention) each(skip []int, f func(h head)) {
	kernel.Parallel(p.n*p.heads, func(i int) {
		h := head{attention: p, example: i / p.heads, index: i % p.heads}
		if skip != nil {
			h.skip = skip[h.example]
		}
		f(h)
	})
}

// A head is one head of one example.
type head struct {
	attention
	example, index int
	skip           int // keys that no query sees
}

// queryRows is the number of queries whose scores are held at a time: many enough for products, few enough
// that scores stay in the second-level cache and causal blocks compute few scores that nobody sees.
const queryRows = 32

// blocks calls f for every block of queries lo to hi-1, and the number of keys that the last of them sees,
// after those that are skipped.
func (h head) blocks(f func(lo, hi, keys int)) {
	for lo := 0; lo < h.t; lo += queryRows {
		hi := min(lo+queryRows, h.t)
		f(lo, hi, h.seenBy(hi-1))
	}
}

// scale is what scores are multiplied by.
func (p attention) scale() float64 { return 1 / math.Sqrt(float64(p.d)) }

// seenBy is the number of keys that a query sees.
func (h head) seenBy(query int) int {
	if !h.causal {
		return h.s - h.skip
	}
	return max(0, query+1+h.s-h.t-h.skip)
}

// part is where the head's part of a row lies in x (n, rows, heads width).
func (h head) part(row, rows, width int) (lo, hi int) {
	lo = ((h.example*rows+row)*h.heads + h.index) * width
	return lo, lo + width
}

// takeHead lays out the head's parts of rows first to end-1 of x (n, rows, heads width), and putHead puts them
// back.
func takeHead[T graph.Float](h head, dst, x []T, first, end, rows, width int) []T {
	for r := first; r < end; r++ {
		lo, hi := h.part(r, rows, width)
		copy(dst[(r-first)*width:], x[lo:hi])
	}
	return dst[:(end-first)*width]
}

func putHead[T graph.Float](h head, x, src []T, first, end, rows, width int) {
	for r := first; r < end; r++ {
		lo, hi := h.part(r, rows, width)
		copy(x[lo:hi], src[(r-first)*width:])
	}
}

// attentionSpace is what the work on one head needs: its parts of the keys and values, and of a block of
// queries and results, laid out densely, and the weights of the block. Weights are not divided by their sum:
// results are, which are fewer numbers.
type attentionSpace[T graph.Float] struct {
	k, v, q, y, weights []T
	shifts, inverse     []T // of a query: its largest score, and 1 over the sum of its weights
}

func newAttentionSpace[T graph.Float](p attention) *attentionSpace[T] {
	rows := min(queryRows, p.t)
	return &attentionSpace[T]{
		k: make([]T, p.s*p.d), v: make([]T, p.s*p.e),
		q: make([]T, rows*p.d), y: make([]T, rows*p.e), weights: make([]T, rows*p.s),
		shifts: make([]T, rows), inverse: make([]T, rows),
	}
}

func forwardAttention[T graph.Float](p attention) func(*graph.Args) error {
	var spaces sync.Pool
	return func(a *graph.Args) error {
		skip, err := p.checkSkip(a.In[3:])
		if err != nil {
			return err
		}
		y, q, k, v := of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[1]), of[T](&a.In[2])
		p.each(skip, func(h head) {
			w, ok := spaces.Get().(*attentionSpace[T])
			if !ok {
				w = newAttentionSpace[T](p)
			}
			w.load(h, k, v)
			h.blocks(func(lo, hi, keys int) {
				w.weigh(h, q, lo, hi, keys)
				kernel.MatMul(w.y, w.weights, w.v, hi-lo, p.e, keys, false, false, false, nil)
				for r := lo; r < hi; r++ {
					first, end := h.part(r, p.t, p.e)
					kernel.Scale(y[first:end], w.inverse[r-lo], w.y[(r-lo)*p.e:(r-lo+1)*p.e])
				}
			})
			spaces.Put(w)
		})
		return nil
	}
}

// load lays out the keys, divided by the root of their size, and values that are seen.
func (w *attentionSpace[T]) load(h head, k, v []T) {
	seen := takeHead(h, w.k, k, h.skip, h.s, h.s, h.d)
	kernel.Scale(seen, T(h.scale()), seen)
	takeHead(h, w.v, v, h.skip, h.s, h.s, h.e)
}

// weigh computes the weights of so many keys for queries lo to hi-1, one row for each.
func (w *attentionSpace[T]) weigh(h head, q []T, lo, hi, keys int) {
	rows := hi - lo
	block := takeHead(h, w.q, q, lo, hi, h.t, h.d)
	kernel.MatMul(w.weights, block, w.k, rows, keys, h.d, false, true, false, nil)
	for r := range rows { // apart from what needs them, so that no row waits for another's
		w.shifts[r] = kernel.SoftmaxShift(w.weights[r*keys : r*keys+h.seenBy(lo+r)])
	}
	for r := range rows {
		row, seen := w.weights[r*keys:(r+1)*keys], h.seenBy(lo+r)
		sum := kernel.ExpSum(row[:seen], row[:seen], w.shifts[r])
		clear(row[seen:])
		w.inverse[r] = 0
		if seen > 0 {
			w.inverse[r] = T(1 / sum)
		}
	}
}
