package op

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// AffineBernoulli draws Bernoulli variables of the probabilities sigmoid(x w + bias): x (..., d), w (d, h),
// bias (h), result (..., h), half a step of Gibbs sampling. The draw is made while a piece of the product is
// in cache; no gradient passes.
func AffineBernoulli(x, w, bias *node) *node { return affineBernoulli(x, w, bias, false) }

// AffineTBernoulli is AffineBernoulli with w' for w (h, d): the other half.
func AffineTBernoulli(x, w, bias *node) *node { return affineBernoulli(x, w, bias, true) }

func affineBernoulli(x, w, bias *node, transW bool) *node {
	return graph.Apply("affine(bernoulli)", nodes{x, w, bias}, func() (graph.Op, error) {
		p, err := affineOf(x, w, bias, transW)
		if err != nil {
			return graph.Op{}, err
		}
		return graph.Op{
			Shape:   withDim(x.Shape(), len(x.Shape())-1, p.n),
			Forward: pick(x, forwardAffineBernoulli[float32](p), forwardAffineBernoulli[float64](p)),
		}, nil
	})
}

func forwardAffineBernoulli[T graph.Float](p matrixProduct) func(*graph.Args) {
	stride := (p.n + 31) / 32 * 32 // numbers of a row: segments begin at multiples of 32 columns
	return func(a *graph.Args) {
		y, x, w, bias := of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[1]), of[T](&a.In[2])
		draw := func(i, j int, row []T) {
			kernel.BiasActivate(row, bias[j:j+len(row)], kernel.ActSigmoid, 0)
			graph.BernoulliAt(a.Key, i*stride+j, row, row)
		}
		if p.transB {
			kernel.MatMul(y, x, w, p.m, p.n, p.k, false, true, false, draw)
		} else {
			kernel.SparseMatMul(y, x, w, p.m, p.n, p.k, false, false, draw)
		}
	}
}

// BernoulliLogits draws Bernoulli variables of the probabilities sigmoid(x), element by element; no
// gradient passes.
func BernoulliLogits(x *node) *node {
	return graph.Apply("bernoulli(logits)", nodes{x}, func() (graph.Op, error) {
		if !floats(x) {
			return typeError("logits must be floats")
		}
		return graph.Op{Shape: x.Shape(), Forward: pick(x, drawLogits[float32], drawLogits[float64])}, nil
	})
}

func drawLogits[T graph.Float](a *graph.Args) {
	y, x := of[T](&a.Out), of[T](&a.In[0])
	kernel.For(len(y), func(lo, hi int) {
		kernel.Sigmoid(y[lo:hi], x[lo:hi])
		graph.BernoulliAt(a.Key, lo, y[lo:hi], y[lo:hi])
	})
}
