package op

import (
	"fmt"
	"math"
	"sync"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// LayerNorm is gain (x - mean) / sqrt(variance + eps) + bias, mean and variance taken over the last axis (Ba et
// al. 2016, equation 4): x (..., d), gain (d), bias (d), result (..., d). eps is positive.
func LayerNorm(x, gain, bias *node, eps float64) *node {
	if !(eps > 0 && !math.IsInf(eps, 0)) {
		return outOfRange("layernorm", x, "eps %g is not positive and finite", eps)
	}
	return graph.Apply(fmt.Sprintf("layernorm(%g)", eps), nodes{x, gain, bias}, func() (graph.Op, error) {
		if !floats(x, gain, bias) {
			return typeError("layer normalisation of integers")
		}
		rows, d := rowsAndColumns(x.Shape())
		if len(x.Shape()) == 0 || len(gain.Shape()) != 1 || gain.Dim(0) != d || !graph.SameShape(gain, bias) {
			return shapeError("layer normalisation needs x (..., d), gain (d) and bias (d)")
		}
		return graph.Op{
			Shape:    x.Shape(),
			Forward:  pick(x, forwardLayerNorm[float32](rows, d, eps), forwardLayerNorm[float64](rows, d, eps)),
			Backward: func(in nodes, _, dy *node) nodes { return layerNormGrads(in, dy, rows, d, eps) },
		}, nil
	})
}

func forwardLayerNorm[T graph.Float](rows, d int, eps float64) func(*graph.Args) {
	return func(a *graph.Args) {
		y, x, gain, bias := of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[1]), of[T](&a.In[2])
		forRows(rows, d, func(lo, hi int) {
			var inverse [normRows]T
			for ; lo < hi; lo += normRows {
				n := min(normRows, hi-lo)
				standardize(y[lo*d:(lo+n)*d], x[lo*d:(lo+n)*d], inverse[:n], eps)
				for r := lo; r < lo+n; r++ {
					row := y[r*d : (r+1)*d]
					kernel.Mul(row, row, gain)
					kernel.Add(row, row, bias)
				}
			}
		})
	}
}

// normRows is the number of rows that take each step together, so that none waits for its own sums.
const normRows = 16

// standardize sets rows of dst to (x - mean) / sqrt(variance + eps), and inverse, of as many elements as there are
// rows, at most normRows, to the divisors' inverses.
func standardize[T graph.Float](dst, x, inverse []T, eps float64) {
	d := len(x) / len(inverse)
	var means [normRows]float64
	for r := range inverse {
		means[r] = kernel.Sum(x[r*d:(r+1)*d]) / float64(d)
	}
	for r := range inverse {
		row, mean := dst[r*d:(r+1)*d], T(means[r])
		kernel.AddScalar(row, -mean, x[r*d:(r+1)*d])
		kernel.AddScalar(row, T(float64(mean)-means[r]), row) // what rounding has left of a large mean
	}
	for r := range inverse {
		inverse[r] = T(1 / math.Sqrt(kernel.SumSquares(dst[r*d:(r+1)*d])/float64(d)+eps))
	}
	for r := range inverse {
		row := dst[r*d : (r+1)*d]
		kernel.Scale(row, inverse[r], row)
	}
}

// layerNormGrads are the gradients at x, gain and bias. One operation computes all three, which share the
// standardized rows.
func layerNormGrads(in nodes, dy *node, rows, d int, eps float64) nodes {
	all := graph.Apply("layernormgrad", nodes{in[0], in[1], dy}, func() (graph.Op, error) {
		return graph.Op{
			Shape:   []int{(rows + 2) * d},
			Forward: pick(dy, forwardLayerNormGrad[float32](rows, d, eps), forwardLayerNormGrad[float64](rows, d, eps)),
		}, nil
	})
	return unpack(all, in)
}

func forwardLayerNormGrad[T graph.Float](rows, d int, eps float64) func(*graph.Args) {
	block := max(1, 8192/d) // rows, whose sums are added up one after the other
	blocks := (rows + block - 1) / block
	var sums []T // of each block: dy z and dy, z the standardized x
	var spaces sync.Pool
	return func(a *graph.Args) {
		if sums == nil {
			sums = make([]T, blocks*2*d)
		}
		dx, params := of[T](&a.Out)[:rows*d], of[T](&a.Out)[rows*d:]
		x, gain, dy := of[T](&a.In[0]), of[T](&a.In[1]), of[T](&a.In[2])
		kernel.Parallel(blocks, func(i int) {
			space := borrow[T](&spaces, normRows*d)
			sum := sums[2*i*d : 2*(i+1)*d]
			clear(sum)
			var inverse [normRows]T
			for lo, hi := i*block, min((i+1)*block, rows); lo < hi; lo += normRows {
				n := min(normRows, hi-lo)
				z, dz := (*space)[:n*d], dy[lo*d:(lo+n)*d]
				standardize(z, x[lo*d:(lo+n)*d], inverse[:n], eps)
				for r := range n {
					kernel.MulAdd(sum[:d], dz[r*d:(r+1)*d], z[r*d:(r+1)*d])
					kernel.Add(sum[d:], sum[d:], dz[r*d:(r+1)*d])
				}
				standardizeGrad(dx[lo*d:(lo+n)*d], z, dz, gain, inverse[:n])
			}
			spaces.Put(space)
		})
		kernel.ColumnSums(params, sums, blocks, 2*d)
	}
}

// standardizeGrad sets rows of dx to inverse (g - mean(g) - z mean(g z)), g = dy gain.
func standardizeGrad[T graph.Float](dx, z, dy, gain, inverse []T) {
	d := len(gain)
	var means, slopes [normRows]float64
	for r := range inverse {
		kernel.Mul(dx[r*d:(r+1)*d], dy[r*d:(r+1)*d], gain)
	}
	for r := range inverse {
		means[r] = kernel.Sum(dx[r*d:(r+1)*d]) / float64(d)
		slopes[r] = kernel.Dot(dx[r*d:(r+1)*d], z[r*d:(r+1)*d]) / float64(d)
	}
	for r := range inverse {
		row := dx[r*d : (r+1)*d]
		kernel.AddScalar(row, T(-means[r]), row)
		kernel.AXPY(row, T(-slopes[r]), z[r*d:(r+1)*d])
		kernel.Scale(row, inverse[r], row)
	}
}
