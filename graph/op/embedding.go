package op

import (
	"fmt"
	"slices"
	"strings"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
	"github.com/pkg/errors"
)

// Embedding is row ids[i] of w for each i: ids integers (...) in [0, v), w (v, d), result (..., d). An id outside
// the range is an error of the run. The gradient at w is dense, and adds up rows in the order of ids.
func Embedding(ids, w *node) *node {
	return graph.Apply("embedding", nodes{ids, w}, func() (graph.Op, error) {
		if len(w.Shape()) != 2 {
			return shapeError("an embedding needs a matrix w (v, d)")
		}
		if !ids.IsInt() || !floats(w) {
			return typeError("expected integer ids and float w")
		}
		forward := forwardEmbedding[float32]
		if w.DType() == graph.Float64 {
			forward = forwardEmbedding[float64]
		}
		return graph.Op{
			Shape:    append(slices.Clone(ids.Shape()), w.Dim(1)),
			Forward:  forward,
			Backward: func(in nodes, _, dy *node) nodes { return nodes{nil, embeddingGrad(in[0], in[1], dy)} },
		}, nil
	})
}

func forwardEmbedding[T graph.Float](a *graph.Args) error {
	y, ids, w := of[T](&a.Out), a.In[0].Int, of[T](&a.In[1])
	if err := checkIDs(a.In[0], a.In[1].Shape[0]); err != nil {
		return err
	}
	d := a.In[1].Shape[1]
	forRows(len(ids), d, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			copy(y[r*d:(r+1)*d], w[ids[r]*d:])
		}
	})
	return nil
}

func checkIDs(ids graph.Array, v int) error {
	for i, id := range ids.Int {
		if id < 0 || id >= v {
			return errors.Wrapf(graph.ErrRange, "id %d at position %s is outside [0, %d)", id, position(i, ids.Shape), v)
		}
	}
	return nil
}

// position prints the indices of element i of a shape.
func position(i int, shape []int) string {
	at := make([]string, len(shape))
	for axis, d := range slices.Backward(shape) {
		at[axis] = fmt.Sprint(i % d)
		i /= d
	}
	return "(" + strings.Join(at, ", ") + ")"
}

// embeddingGrad is the gradient at w (v, d): each row of dy (..., d) is added to the row of its id.
func embeddingGrad(ids, w, dy *node) *node {
	return graph.Apply("embeddinggrad", nodes{ids, dy}, func() (graph.Op, error) {
		forward := forwardEmbeddingGrad[float32]
		if dy.DType() == graph.Float64 {
			forward = forwardEmbeddingGrad[float64]
		}
		return graph.Op{Shape: w.Shape(), Forward: forward}, nil
	})
}

func forwardEmbeddingGrad[T graph.Float](a *graph.Args) error {
	dw, ids, dy := of[T](&a.Out), a.In[0].Int, of[T](&a.In[1])
	v, d := a.Out.Shape[0], a.Out.Shape[1]
	if err := checkIDs(a.In[0], v); err != nil { // the machine may come here before the loss
		return err
	}
	clear(dw)
	for r, id := range ids { // in order, as ids may repeat
		row := dw[id*d : (id+1)*d]
		kernel.Add(row, row, dy[r*d:(r+1)*d])
	}
	return nil
}
