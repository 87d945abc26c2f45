package op

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// Affine is act(x w + bias): x (..., d), w (d, h), bias (h) or nil, result (..., h). Bias and activation
// are applied while a piece of the product is in cache.
func Affine(x, w, bias *node, act Activation) *node { return affine(x, w, bias, act, false, false) }

// AffineT is act(x w' + bias) with w (h, d): the decoder of an autoencoder with tied weights, the
// visible side of a restricted Boltzmann machine.
func AffineT(x, w, bias *node, act Activation) *node { return affine(x, w, bias, act, true, false) }

// AffineSparse is Affine, in less time if most of x is 0: images with a black background, binary states.
// Zeros are left out of the sums, so that a weight that is NaN or infinite and meets zeros alone leaves
// no trace.
func AffineSparse(x, w, bias *node, act Activation) *node {
	return affine(x, w, bias, act, false, true)
}

func affine(x, w, bias *node, act Activation, transW, sparse bool) *node {
	fused, slope, ok := act.fused()
	if !ok { // the gradient needs what goes into the activation: keep it
		return Activate(affine(x, w, bias, Identity, transW, sparse), act)
	}
	in := nodes{x, w}
	if bias != nil {
		in = append(in, bias)
	}
	return graph.Apply("affine("+act.String()+")", in, func() (graph.Op, error) {
		p, err := affineOf(x, w, bias, transW)
		if err != nil {
			return graph.Op{}, err
		}
		return graph.Op{
			Shape:   withDim(x.Shape(), len(x.Shape())-1, p.n),
			Forward: pick(x, forwardAffine[float32](p, fused, slope, sparse), forwardAffine[float64](p, fused, slope, sparse)),
			Backward: func(in nodes, y, dy *node) nodes {
				dz := dy
				if act != Identity {
					dz = activationGrad(y, dy, fused, slope)
				}
				grads := nodes{
					ifNeeded(in[0], func() *node { return rowsMatMul(dz, in[1], false, !transW, in[0].Shape()) }),
					ifNeeded(in[1], func() *node {
						switch {
						case transW:
							return rowsMatMul(dz, in[0], true, false, in[1].Shape())
						case sparse:
							return sparseStatistics(in[0], dz)
						}
						return rowsMatMul(in[0], dz, true, false, in[1].Shape())
					}),
				}
				if len(in) == 3 {
					grads = append(grads, ifNeeded(in[2], func() *node { return Sum(dz, leadingAxes(dz)...) }))
				}
				return grads
			},
		}, nil
	})
}

// affineOf checks the shapes of an affine map; bias may be nil.
func affineOf(x, w, bias *node, transW bool) (matrixProduct, error) {
	if len(x.Shape()) < 2 || len(w.Shape()) != 2 {
		_, err := shapeError("an affine map needs x (..., d) of two axes or more, and a matrix w")
		return matrixProduct{}, err
	}
	p, err := rowsProductOf(x, w, false, transW)
	if err == nil && bias != nil && (len(bias.Shape()) != 1 || bias.Dim(0) != p.n) {
		_, err = shapeError("the bias must be (%d)", p.n)
	}
	return p, err
}

// leadingAxes are all axes of x but the last.
func leadingAxes(x *node) []int {
	axes := make([]int, len(x.Shape())-1)
	for i := range axes {
		axes[i] = i
	}
	return axes
}

func forwardAffine[T graph.Float](p matrixProduct, act kernel.Activation, slope float64, sparse bool) func(*graph.Args) {
	return func(a *graph.Args) {
		var bias []T
		if len(a.In) == 3 {
			bias = of[T](&a.In[2])
		}
		var epilogue kernel.Epilogue[T]
		if bias != nil || act != kernel.ActIdentity {
			epilogue = func(_, j int, row []T) {
				var b []T
				if bias != nil {
					b = bias[j : j+len(row)]
				}
				kernel.BiasActivate(row, b, act, T(slope))
			}
		}
		if sparse {
			kernel.SparseMatMul(of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[1]), p.m, p.n, p.k, false, false, epilogue)
			return
		}
		kernel.MatMul(of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[1]), p.m, p.n, p.k, false, p.transB, false, epilogue)
	}
}

// sparseStatistics is x' dz (d, h) of x (..., d), most of which may be 0, and dz (..., h): a gradient of weights.
func sparseStatistics(x, dz *node) *node {
	return graph.Apply("matmul(sparse)", nodes{x, dz}, func() (graph.Op, error) {
		p, err := rowsProductOf(x, dz, true, false)
		return graph.Op{Shape: []int{p.m, p.n}, Forward: pick(x, forwardStatistics[float32](p), forwardStatistics[float64](p))}, err
	})
}

func forwardStatistics[T graph.Float](p matrixProduct) func(*graph.Args) {
	return func(a *graph.Args) {
		kernel.SparseMatMul(of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[1]), p.m, p.n, p.k, true, false, nil)
	}
}
