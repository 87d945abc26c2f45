package op

import (
	"sync"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// Gate is tanh(a) sigmoid(b), where a and b are the halves of the last axis: x (..., 2h), result (..., h): the
// gated unit of van den Oord et al. 2016b ("Conditional image generation with PixelCNN decoders", equation 2).
func Gate(x *node) *node {
	return graph.Apply("gate", nodes{x}, func() (graph.Op, error) {
		if !floats(x) {
			return typeError("gate of integers")
		}
		rows, cols := rowsAndColumns(x.Shape())
		if cols%2 != 0 {
			return shapeError("a gate needs a last axis of even length")
		}
		return graph.Op{
			Shape:    withDim(x.Shape(), len(x.Shape())-1, cols/2),
			Forward:  pick(x, forwardGate[float32](rows, cols/2), forwardGate[float64](rows, cols/2)),
			Backward: func(in nodes, _, dy *node) nodes { return nodes{gateGrad(in[0], dy)} },
		}, nil
	})
}

func forwardGate[T graph.Float](rows, h int) func(*graph.Args) {
	var spaces sync.Pool
	return func(a *graph.Args) {
		y, x := of[T](&a.Out), of[T](&a.In[0])
		forRows(rows, 2*h, func(lo, hi int) {
			gate := borrow[T](&spaces, h)
			for r := lo; r < hi; r++ {
				row, in := y[r*h:(r+1)*h], x[2*r*h:2*(r+1)*h]
				kernel.Tanh(row, in[:h])
				kernel.Sigmoid(*gate, in[h:])
				kernel.Mul(row, row, *gate)
			}
			spaces.Put(gate)
		})
	}
}

// borrow takes n elements of undefined values from a pool that holds no others.
func borrow[T graph.Float](spaces *sync.Pool, n int) *[]T {
	if space, ok := spaces.Get().(*[]T); ok {
		return space
	}
	space := make([]T, n)
	return &space
}

// gateGrad is dy s (1 - t^2) and dy t s (1 - s), the halves of the gradient at x, with t = tanh(a) and
// s = sigmoid(b).
func gateGrad(x, dy *node) *node {
	return graph.Apply("gategrad", nodes{x, dy}, func() (graph.Op, error) {
		rows, cols := rowsAndColumns(x.Shape())
		return graph.Op{
			Shape:   x.Shape(),
			Forward: pick(x, forwardGateGrad[float32](rows, cols/2), forwardGateGrad[float64](rows, cols/2)),
		}, nil
	})
}

func forwardGateGrad[T graph.Float](rows, h int) func(*graph.Args) {
	var spaces sync.Pool
	return func(a *graph.Args) {
		dx, x, dy := of[T](&a.Out), of[T](&a.In[0]), of[T](&a.In[1])
		forRows(rows, 2*h, func(lo, hi int) {
			space := borrow[T](&spaces, h)
			t := *space
			for r := lo; r < hi; r++ {
				da, db := dx[2*r*h:(2*r+1)*h], dx[(2*r+1)*h:2*(r+1)*h]
				in, drow := x[2*r*h:2*(r+1)*h], dy[r*h:(r+1)*h]
				s := db
				kernel.Sigmoid(s, in[h:])
				kernel.Mul(da, drow, s)
				kernel.Tanh(t, in[:h])
				kernel.TanhGrad(da, t, da)
				kernel.Mul(t, drow, t)
				kernel.SigmoidGrad(db, s, t)
			}
			spaces.Put(space)
		})
	}
}
