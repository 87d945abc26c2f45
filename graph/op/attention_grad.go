package op

import (
	"sync"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// attentionGrads are the gradients at q, k and v, and none at skip. One operation computes all three, which
// share the weights.
func attentionGrads(in nodes, y, dy *node, p attention) nodes {
	all := graph.Apply("attentiongrad", append(nodes{y, dy}, in...), func() (graph.Op, error) {
		return graph.Op{
			Shape:   []int{in[0].Len() + in[1].Len() + in[2].Len()},
			Forward: pick(dy, forwardAttentionGrad[float32](p), forwardAttentionGrad[float64](p)),
		}, nil
	})
	grads := make(nodes, len(in))
	copy(grads, unpack(all, in[:3]))
	return grads
}

// unpack copies consecutive parts of x to the shapes of nodes like, for those that need a gradient. Only
// gradients use it.
func unpack(x *node, like nodes) nodes {
	parts := make(nodes, len(like))
	at := 0
	for i, l := range like {
		lo := at
		at += l.Len()
		parts[i] = ifNeeded(l, func() *node {
			return graph.Apply("unpack", nodes{x}, func() (graph.Op, error) {
				return graph.Op{Shape: l.Shape(), Forward: pick(x, forwardUnpack[float32](lo), forwardUnpack[float64](lo))}, nil
			})
		})
	}
	return parts
}

func forwardUnpack[T graph.Float](lo int) func(*graph.Args) {
	return func(a *graph.Args) {
		dst, x := of[T](&a.Out), of[T](&a.In[0])[lo:]
		kernel.For(len(dst), func(lo, hi int) { copy(dst[lo:hi], x[lo:hi]) })
	}
}

// attentionGradSpace is what the gradient needs beyond the weights.
type attentionGradSpace[T graph.Float] struct {
	*attentionSpace[T]
	dk, dv, dq, dy, dweights []T
}

func newAttentionGradSpace[T graph.Float](p attention) *attentionGradSpace[T] {
	w := newAttentionSpace[T](p)
	return &attentionGradSpace[T]{w,
		make([]T, len(w.k)), make([]T, len(w.v)), make([]T, len(w.q)), make([]T, len(w.y)), make([]T, len(w.weights))}
}

func forwardAttentionGrad[T graph.Float](p attention) func(*graph.Args) {
	var spaces sync.Pool
	return func(a *graph.Args) {
		var skip []int // in range, as y has been computed
		if len(a.In) > 5 {
			skip = a.In[5].Int
		}
		dq, dk, dv := split3(of[T](&a.Out), p.n*p.t*p.heads*p.d, p.n*p.s*p.heads*p.d)
		y, dy, q, k, v := of[T](&a.In[0]), of[T](&a.In[1]), of[T](&a.In[2]), of[T](&a.In[3]), of[T](&a.In[4])
		p.each(skip, func(h head) {
			w, ok := spaces.Get().(*attentionGradSpace[T])
			if !ok {
				w = newAttentionGradSpace[T](p)
			}
			w.load(h, k, v)
			clear(w.dk)
			clear(w.dv)
			h.blocks(func(lo, hi, keys int) {
				w.weigh(h, q, lo, hi, keys)
				w.block(h, y, dy, lo, hi, keys)
				putHead(h, dq, w.dq, lo, hi, p.t, p.d)
			})
			kernel.Scale(w.dk, T(p.scale()), w.dk) // by which the keys were multiplied
			putKeys(h, dk, w.dk, p.d)
			putKeys(h, dv, w.dv, p.e)
			spaces.Put(w)
		})
	}
}

func split3[T graph.Float](x []T, first, second int) (a, b, c []T) {
	return x[:first], x[first : first+second], x[first+second:]
}

// block adds what queries lo to hi-1 contribute to the gradients at keys and values, and computes the
// gradient at the queries.
func (w *attentionGradSpace[T]) block(h head, y, dy []T, lo, hi, keys int) {
	rows, d, e := hi-lo, h.d, h.e
	for r := range rows {
		first, end := h.part(lo+r, h.t, h.e)
		row := w.dy[r*e : (r+1)*e]
		kernel.Scale(row, w.inverse[r], dy[first:end]) // instead of the weights
		w.shifts[r] = T(kernel.Dot(y[first:end], row)) // the mean gradient of a weight
	}
	kernel.MatMul(w.dv, w.weights, w.dy, keys, e, rows, true, false, true, nil)
	kernel.MatMul(w.dweights, w.dy, w.v, rows, keys, e, false, true, false, nil)
	for r := range rows {
		lo, hi := r*keys, (r+1)*keys
		kernel.SoftmaxGradFrom(w.dweights[lo:hi], w.weights[lo:hi], w.dweights[lo:hi], w.shifts[r])
	}
	kernel.MatMul(w.dk, w.dweights, w.q, keys, d, rows, true, false, true, nil)
	kernel.MatMul(w.dq, w.dweights, w.k, rows, d, keys, false, false, false, nil)
}

// putKeys puts back gradients of all keys of a head; those of keys that are skipped are 0.
func putKeys[T graph.Float](h head, x, src []T, width int) {
	for r := range h.skip {
		lo, hi := h.part(r, h.s, width)
		clear(x[lo:hi])
	}
	putHead(h, x, src, h.skip, h.s, h.s, width)
}
