package op

import (
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// MatMul is the matrix product of a (m, k) and b (k, n), each transposed first if asked: with
// transA, a is (k, m); with transB, b is (n, k). With three axes or more, all but the last two are
// a batch of products and must agree.
func MatMul(a, b *node, transA, transB bool) *node {
	return graph.Apply("matmul", nodes{a, b}, func() (graph.Op, error) {
		p, err := productOf(a, b, transA, transB)
		if err != nil {
			return graph.Op{}, err
		}
		return graph.Op{
			Shape:   append(slices.Clone(a.Shape()[:len(a.Shape())-2]), p.m, p.n),
			Forward: pick(a, forwardMatMul[float32](p), forwardMatMul[float64](p)),
			Backward: func(in nodes, _, dy *node) nodes {
				return nodes{
					ifNeeded(in[0], func() *node {
						if transA {
							return MatMul(in[1], dy, transB, true)
						}
						return MatMul(dy, in[1], false, !transB)
					}),
					ifNeeded(in[1], func() *node {
						if transB {
							return MatMul(dy, in[0], true, transA)
						}
						return MatMul(in[0], dy, !transA, false)
					}),
				}
			},
		}, nil
	})
}

// matrixProduct is what a product computes: batch times (m, k) by (k, n).
type matrixProduct struct {
	batch, m, n, k int
	transA, transB bool
}

func productOf(a, b *node, transA, transB bool) (p matrixProduct, err error) {
	rank := len(a.Shape())
	if rank < 2 || len(b.Shape()) != rank || !slices.Equal(a.Shape()[:rank-2], b.Shape()[:rank-2]) {
		_, err = shapeError("a matrix product needs two matrices, or two equal batches of them")
		return p, err
	}
	p = matrixProduct{product(a.Shape()[:rank-2]), a.Dim(-2), b.Dim(-1), a.Dim(-1), transA, transB}
	return p.check(a, b, b.Dim(-2))
}

// rowsProductOf is productOf for two matrices each of which may have more axes: all but the last are rows.
func rowsProductOf(a, b *node, transA, transB bool) (matrixProduct, error) {
	m, k := rowsAndColumns(a.Shape())
	inner, n := rowsAndColumns(b.Shape())
	return matrixProduct{1, m, n, k, transA, transB}.check(a, b, inner)
}

// check turns the sizes of matrices that are not transposed, with so many rows of b, into those of the product.
func (p matrixProduct) check(a, b *node, inner int) (matrixProduct, error) {
	if p.transA {
		p.m, p.k = p.k, p.m
	}
	if p.transB {
		p.n, inner = inner, p.n
	}
	var err error
	switch {
	case !floats(a, b):
		_, err = typeError("matrix product of integers")
	case inner != p.k:
		_, err = shapeError("inner dimensions %d and %d of a matrix product differ (transposed: %v, %v)", p.k, inner, p.transA, p.transB)
	}
	return p, err
}

// rowsMatMul is MatMul of two matrices each of which may have more axes, in a given shape. Only gradients use it.
func rowsMatMul(a, b *node, transA, transB bool, shape []int) *node {
	return graph.Apply("matmul", nodes{a, b}, func() (graph.Op, error) {
		p, err := rowsProductOf(a, b, transA, transB)
		return graph.Op{Shape: shape, Forward: pick(a, forwardMatMul[float32](p), forwardMatMul[float64](p))}, err
	})
}

func forwardMatMul[T graph.Float](p matrixProduct) func(*graph.Args) {
	return func(args *graph.Args) {
		c, a, b := of[T](&args.Out), of[T](&args.In[0]), of[T](&args.In[1])
		if p.batch == 1 {
			kernel.MatMul(c, a, b, p.m, p.n, p.k, p.transA, p.transB, false, nil)
			return
		}
		kernel.Parallel(p.batch, func(i int) {
			kernel.MatMul(c[i*p.m*p.n:(i+1)*p.m*p.n], a[i*p.m*p.k:(i+1)*p.m*p.k], b[i*p.k*p.n:(i+1)*p.k*p.n],
				p.m, p.n, p.k, p.transA, p.transB, false, nil)
		})
	}
}
