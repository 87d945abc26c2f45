package op

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// rowKernel is a function of the rows of a matrix.
type rowKernel[T graph.Float] func(dst, x []T, rows, cols int)

// Softmax is e^x / sum e^x over the last axis, safe for any finite x. An entry of -Inf has
// probability 0.
func Softmax(x *node) *node {
	return rowwise("softmax", x, kernel.Softmax[float32], kernel.Softmax[float64], func(y, dy *node) *node {
		return rowwiseGrad("softmaxgrad", y, dy, kernel.SoftmaxGrad[float32], kernel.SoftmaxGrad[float64])
	})
}

// LogSoftmax is x - log sum e^x over the last axis, safe for any finite x.
func LogSoftmax(x *node) *node {
	return rowwise("logsoftmax", x, kernel.LogSoftmax[float32], kernel.LogSoftmax[float64], func(y, dy *node) *node {
		return rowwiseGrad("logsoftmaxgrad", y, dy, kernel.LogSoftmaxGrad[float32], kernel.LogSoftmaxGrad[float64])
	})
}

// rowwise applies a function of the last axis that keeps the shape. grad builds dx from y and dy.
func rowwise(name string, x *node, f32 rowKernel[float32], f64 rowKernel[float64], grad func(y, dy *node) *node) *node {
	return graph.Apply(name, nodes{x}, func() (graph.Op, error) {
		if !floats(x) || len(x.Shape()) == 0 {
			return shapeError("%s needs floats with an axis", name)
		}
		rows, cols := rowsAndColumns(x.Shape())
		return graph.Op{
			Shape:    x.Shape(),
			Forward:  pick(x, forwardRows(f32, rows, cols), forwardRows(f64, rows, cols)),
			Backward: func(_ nodes, y, dy *node) nodes { return nodes{grad(y, dy)} },
		}, nil
	})
}

func forwardRows[T graph.Float](f rowKernel[T], rows, cols int) func(*graph.Args) {
	return func(a *graph.Args) {
		dst, x := of[T](&a.Out), of[T](&a.In[0])
		out := len(dst) / rows
		forRows(rows, cols, func(lo, hi int) {
			f(dst[lo*out:hi*out], x[lo*cols:hi*cols], hi-lo, cols)
		})
	}
}

// rowwiseGrad is a function of the rows of y and dy, used by gradients alone.
func rowwiseGrad(name string, y, dy *node, f32 func(dx, y, dy []float32, rows, cols int), f64 func(dx, y, dy []float64, rows, cols int)) *node {
	return graph.Apply(name, nodes{y, dy}, func() (graph.Op, error) {
		rows, cols := rowsAndColumns(y.Shape())
		return graph.Op{
			Shape:   y.Shape(),
			Forward: pick(y, forwardRowsGrad(f32, rows, cols), forwardRowsGrad(f64, rows, cols)),
		}, nil
	})
}

func forwardRowsGrad[T graph.Float](f func(dx, y, dy []T, rows, cols int), rows, cols int) func(*graph.Args) {
	return func(a *graph.Args) {
		dx, y, dy := of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[1])
		forRows(rows, cols, func(lo, hi int) {
			f(dx[lo*cols:hi*cols], y[lo*cols:hi*cols], dy[lo*cols:hi*cols], hi-lo, cols)
		})
	}
}

// LogSumExp is log sum e^x over the last axis, which vanishes from the shape; safe for any finite x.
func LogSumExp(x *node) *node { return logSumExp("logsumexp", x, false) }

// LogMeanExp is the logarithm of the mean of e^x over the last axis, which vanishes from the shape; safe
// for any finite x.
func LogMeanExp(x *node) *node { return logSumExp("logmeanexp", x, true) }

func logSumExp(name string, x *node, mean bool) *node {
	return graph.Apply(name, nodes{x}, func() (graph.Op, error) {
		if !floats(x) || len(x.Shape()) == 0 {
			return shapeError("log-sum-exp needs floats with an axis")
		}
		rows, cols := rowsAndColumns(x.Shape())
		shift := 0.0
		if mean {
			shift = -math.Log(float64(cols))
		}
		return graph.Op{
			Shape:   x.Shape()[:len(x.Shape())-1],
			Forward: pick(x, forwardLogSumExp[float32](rows, cols, shift), forwardLogSumExp[float64](rows, cols, shift)),
			Backward: func(in nodes, _, dy *node) nodes {
				return nodes{logSumExpGrad(in[0], dy)}
			},
		}, nil
	})
}

func forwardLogSumExp[T graph.Float](rows, cols int, shift float64) func(*graph.Args) {
	return func(a *graph.Args) {
		dst, x := of[T](&a.Out), of[T](&a.In[0])
		forRows(rows, cols, func(lo, hi int) {
			kernel.LogSumExp(dst[lo:hi], x[lo*cols:hi*cols], hi-lo, cols)
			if shift != 0 {
				kernel.AddScalar(dst[lo:hi], T(shift), dst[lo:hi])
			}
		})
	}
}

// logSumExpGrad is softmax(x), each row times its element of dy.
func logSumExpGrad(x, dy *node) *node {
	return graph.Apply("logsumexpgrad", nodes{x, dy}, func() (graph.Op, error) {
		rows, cols := rowsAndColumns(x.Shape())
		return graph.Op{
			Shape:   x.Shape(),
			Forward: pick(x, forwardLogSumExpGrad[float32](rows, cols), forwardLogSumExpGrad[float64](rows, cols)),
		}, nil
	})
}

func forwardLogSumExpGrad[T graph.Float](rows, cols int) func(*graph.Args) {
	return func(a *graph.Args) {
		dst, x, dy := of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[1])
		forRows(rows, cols, func(lo, hi int) {
			kernel.Softmax(dst[lo*cols:hi*cols], x[lo*cols:hi*cols], hi-lo, cols)
			for r := lo; r < hi; r++ {
				row := dst[r*cols : (r+1)*cols]
				kernel.Scale(row, dy[r], row)
			}
		})
	}
}
