package op

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// The operations of this file are those of a diagonal normal distribution N(mean, e^logVar) over latent
// units, mean and logVar (n, l), with k draws for each of n examples: row r of (n k, l) is a draw
// for example r/k.

// Reparameterize is z = mean + e^(logVar/2) noise (n k, l), a draw through which gradients pass to mean and
// logVar (n, l) (Kingma & Welling 2014, section 2.4). noise (n k, l) is of N(0, 1) and takes none.
func Reparameterize(mean, logVar, noise *node) *node {
	return graph.Apply("reparameterize", nodes{mean, logVar, noise}, func() (graph.Op, error) {
		d, err := drawsOf(mean, logVar, noise)
		if err != nil {
			return graph.Op{}, err
		}
		return graph.Op{
			Shape:    noise.Shape(),
			Constant: []int{2},
			Forward:  pick(mean, forwardReparameterize[float32](d), forwardReparameterize[float64](d)),
			Backward: func(in nodes, z, dz *node) nodes {
				return nodes{
					ifNeeded(in[0], func() *node { return sumDraws(dz, d) }),
					ifNeeded(in[1], func() *node { return reparameterizeGrad(in[0], z, dz, d) }),
					nil,
				}
			},
		}, nil
	})
}

// draws are k draws for each of n examples of l units.
type draws struct{ n, k, l int }

func drawsOf(mean, logVar, drawn *node) (draws, error) {
	shape := mean.Shape()
	if len(shape) != 2 || !graph.SameShape(mean, logVar) || len(drawn.Shape()) != 2 || drawn.Dim(1) != shape[1] || drawn.Dim(0)%shape[0] != 0 {
		_, err := shapeError("expected mean and log-variance (n, l), and draws (n k, l)")
		return draws{}, err
	}
	if !floats(mean, logVar, drawn) {
		_, err := typeError("a normal distribution of integers")
		return draws{}, err
	}
	return draws{shape[0], drawn.Dim(0) / shape[0], shape[1]}, nil
}

// each calls f in parallel for every draw: example i's lies at lo, hi in (n k, l), its parameters at
// from, to in (n, l).
func (d draws) each(f func(from, to, lo, hi int)) {
	forRows(d.n*d.k, d.l, func(first, last int) {
		for r := first; r < last; r++ {
			i := r / d.k
			f(i*d.l, (i+1)*d.l, r*d.l, (r+1)*d.l)
		}
	})
}

func forwardReparameterize[T graph.Float](d draws) func(*graph.Args) {
	return func(a *graph.Args) {
		z, mean, logVar, noise := of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[1]), of[T](&a.In[2])
		d.each(func(from, to, lo, hi int) {
			row, m, e := z[lo:hi], mean[from:to], noise[lo:hi]
			kernel.Scale(row, 0.5, logVar[from:to])
			kernel.Exp(row, row)
			for j, sigma := range row {
				row[j] = m[j] + sigma*e[j]
			}
		})
	}
}

// sumDraws adds up the gradients dz (n k, l) of the draws of each example.
func sumDraws(dz *node, d draws) *node {
	if d.k == 1 {
		return dz
	}
	return Sum(Reshape(dz, d.n, d.k, d.l), 1)
}

// reparameterizeGrad is the gradient at logVar: the sum over the draws of dz (z - mean) / 2.
func reparameterizeGrad(mean, z, dz *node, d draws) *node {
	return graph.Apply("reparameterizegrad", nodes{mean, z, dz}, func() (graph.Op, error) {
		return graph.Op{
			Shape:   mean.Shape(),
			Forward: pick(mean, forwardReparameterizeGrad[float32](d), forwardReparameterizeGrad[float64](d)),
		}, nil
	})
}

func forwardReparameterizeGrad[T graph.Float](d draws) func(*graph.Args) {
	return func(a *graph.Args) {
		dst, mean, z, dz := of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[1]), of[T](&a.In[2])
		forRows(d.n, d.k*d.l, func(first, last int) {
			for i := first; i < last; i++ {
				row, m := dst[i*d.l:(i+1)*d.l], mean[i*d.l:(i+1)*d.l]
				clear(row)
				for r := i * d.k; r < (i+1)*d.k; r++ {
					zs, dzs := z[r*d.l:(r+1)*d.l], dz[r*d.l:(r+1)*d.l]
					for j := range row {
						row[j] += dzs[j] * (zs[j] - m[j])
					}
				}
				kernel.Scale(row, 0.5, row)
			}
		})
	}
}

// StandardNormalKL is KL(N(mean, e^logVar) || N(0, 1)) element by element, in nats, at least 0 but for
// rounding (Kingma & Welling 2014, appendix B): mean and logVar of one shape, which is the result's.
func StandardNormalKL(mean, logVar *node) *node {
	return binary("standardnormalkl", mean, logVar, standardNormalKL[float32], standardNormalKL[float64],
		func(mean, logVar, _, dy *node) nodes {
			return nodes{
				ifNeeded(mean, func() *node { return Mul(dy, mean) }),
				ifNeeded(logVar, func() *node {
					return gradOf("standardnormalklgrad", logVar, dy, standardNormalKLGrad[float32], standardNormalKLGrad[float64])
				}),
			}
		})
}

// standardNormalKL is (e^logVar + mean^2 - 1 - logVar) / 2.
func standardNormalKL[T graph.Float](dst, mean, logVar []T) {
	kernel.Exp(dst, logVar)
	for i, variance := range dst {
		dst[i] = (variance - 1 - logVar[i] + mean[i]*mean[i]) / 2
	}
}

// standardNormalKLGrad is dy (e^logVar - 1) / 2.
func standardNormalKLGrad[T graph.Float](dst, logVar, dy []T) {
	kernel.Exp(dst, logVar)
	for i, variance := range dst {
		dst[i] = dy[i] * (variance - 1) / 2
	}
}

// LogPriorRatio is log p(z) - log q(z) (n k), in nats, for draws z (n k, l) of q = N(mean, e^logVar) that
// Reparameterize has made of noise (n k, l), where p = N(0, I): (noise^2 + logVar - z^2) / 2, summed over
// the units. logVar is (n, l). With it a log-likelihood log p(x|z) becomes a log importance weight (Burda et
// al. 2015, equation 8).
func LogPriorRatio(logVar, noise, z *node) *node {
	return graph.Apply("logpriorratio", nodes{logVar, noise, z}, func() (graph.Op, error) {
		d, err := drawsOf(logVar, logVar, z)
		if err != nil {
			return graph.Op{}, err
		}
		if !graph.SameShape(noise, z) || !floats(noise) {
			return shapeError("expected noise of the draws' shape")
		}
		return graph.Op{
			Shape:    []int{d.n * d.k},
			Constant: []int{1},
			Forward:  pick(z, forwardLogPriorRatio[float32](d), forwardLogPriorRatio[float64](d)),
			Backward: func(in nodes, _, dy *node) nodes {
				return nodes{
					ifNeeded(in[0], func() *node { return halfSums(in[0], dy, d) }),
					nil,
					ifNeeded(in[2], func() *node { return negativeRows(in[2], dy) }),
				}
			},
		}, nil
	})
}

func forwardLogPriorRatio[T graph.Float](d draws) func(*graph.Args) {
	return func(a *graph.Args) {
		dst, logVar, noise, z := of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[1]), of[T](&a.In[2])
		d.each(func(from, to, lo, hi int) {
			dst[lo/d.l] = T((kernel.SumSquares(noise[lo:hi]) + kernel.Sum(logVar[from:to]) - kernel.SumSquares(z[lo:hi])) / 2)
		})
	}
}

// halfSums is (n, l): every element of a row is half the sum of the example's dy (n k).
func halfSums(logVar, dy *node, d draws) *node {
	return graph.Apply("logpriorratiograd", nodes{logVar, dy}, func() (graph.Op, error) {
		return graph.Op{Shape: logVar.Shape(), Forward: pick(dy, forwardHalfSums[float32](d), forwardHalfSums[float64](d))}, nil
	})
}

func forwardHalfSums[T graph.Float](d draws) func(*graph.Args) {
	return func(a *graph.Args) {
		dst, dy := of[T](&a.Out), of[T](&a.In[1])
		for i := range d.n {
			half := T(kernel.Sum(dy[i*d.k:(i+1)*d.k]) / 2)
			row := dst[i*d.l : (i+1)*d.l]
			for j := range row {
				row[j] = half
			}
		}
	}
}

// negativeRows is -z (m, l), row r times dy[r].
func negativeRows(z, dy *node) *node {
	return graph.Apply("logpriorratiograd", nodes{z, dy}, func() (graph.Op, error) {
		rows, cols := z.Dim(0), z.Dim(1)
		return graph.Op{Shape: z.Shape(), Forward: pick(z, forwardNegativeRows[float32](rows, cols), forwardNegativeRows[float64](rows, cols))}, nil
	})
}

func forwardNegativeRows[T graph.Float](rows, cols int) func(*graph.Args) {
	return func(a *graph.Args) {
		dst, z, dy := of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[1])
		forRows(rows, cols, func(lo, hi int) {
			for r := lo; r < hi; r++ {
				kernel.Scale(dst[r*cols:(r+1)*cols], -dy[r], z[r*cols:(r+1)*cols])
			}
		})
	}
}
