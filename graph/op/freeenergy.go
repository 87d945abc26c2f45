package op

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// FreeEnergy is F(v) = -v b - sum log(1 + exp(v w + c)) of a restricted Boltzmann machine of Bernoulli
// units, in nats: v (n, d), w (d, h), b (d), c (h), result (n). logits (n, h) are v w + c, if they have
// been computed already, else nil; the gradient goes to v, w, b and c as if they were computed here, and
// none to them.
func FreeEnergy(v, w, b, c, logits *node) *node {
	if logits == nil {
		logits = AffineSparse(v, w, c, Identity)
	}
	return graph.Apply("freeenergy", nodes{v, w, b, c, logits}, func() (graph.Op, error) {
		p, err := affineOf(v, w, c, false)
		switch {
		case err != nil:
			return graph.Op{}, err
		case len(v.Shape()) != 2:
			return shapeError("the visible units must be a matrix (n, d)")
		case !floats(b, c, logits):
			return typeError("free energy of integers")
		case len(b.Shape()) != 1 || b.Dim(0) != p.k:
			return shapeError("the visible bias must be (%d)", p.k)
		case len(logits.Shape()) != 2 || logits.Dim(0) != p.m || logits.Dim(1) != p.n:
			return shapeError("the logits must be (%d, %d)", p.m, p.n)
		}
		return graph.Op{
			Shape:    []int{p.m},
			Constant: []int{4},
			Forward:  pick(v, forwardFreeEnergy[float32](p), forwardFreeEnergy[float64](p)),
			Backward: freeEnergyGrad,
		}, nil
	})
}

func forwardFreeEnergy[T graph.Float](p matrixProduct) func(*graph.Args) {
	zeros := make([]T, p.n)
	return func(a *graph.Args) {
		f, v, b, logits := of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[2]), of[T](&a.In[4])
		forRows(p.m, p.n, func(lo, hi int) {
			for r := lo; r < hi; r++ {
				f[r] = T(-kernel.Dot(v[r*p.k:(r+1)*p.k], b) - kernel.BernoulliSum(logits[r*p.n:(r+1)*p.n], zeros))
			}
		})
	}
}

// freeEnergyGrad is made of the statistics -dF v p(h|v), -dF v and -dF p(h|v).
func freeEnergyGrad(in nodes, _, dy *node) nodes {
	v, w, b, c, logits := in[0], in[1], in[2], in[3], in[4]
	h := hiddenGrad(logits, dy)
	rows := func() *node { return Reshape(Neg(dy), 1, -1) }
	return nodes{
		ifNeeded(v, func() *node {
			return Sub(MatMul(h, w, false, true), Mul(Reshape(dy, -1, 1), b))
		}),
		ifNeeded(w, func() *node { return sparseStatistics(v, h) }),
		ifNeeded(b, func() *node { return Reshape(MatMul(rows(), v, false, false), -1) }),
		ifNeeded(c, func() *node { return Sum(h, 0) }),
		nil,
	}
}

// hiddenGrad is -dy[r] sigmoid(logits[r, j]) (n, h).
func hiddenGrad(logits, dy *node) *node {
	return graph.Apply("freeenergygrad", nodes{logits, dy}, func() (graph.Op, error) {
		rows, cols := logits.Dim(0), logits.Dim(1)
		return graph.Op{
			Shape:   logits.Shape(),
			Forward: pick(logits, forwardHiddenGrad[float32](rows, cols), forwardHiddenGrad[float64](rows, cols)),
		}, nil
	})
}

func forwardHiddenGrad[T graph.Float](rows, cols int) func(*graph.Args) {
	zeros := make([]T, cols)
	return func(a *graph.Args) {
		h, logits, dy := of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[1])
		forRows(rows, cols, func(lo, hi int) {
			for r := lo; r < hi; r++ {
				kernel.BernoulliGrad(h[r*cols:(r+1)*cols], logits[r*cols:(r+1)*cols], zeros, -dy[r])
			}
		})
	}
}
