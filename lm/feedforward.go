package lm

import (
	"fmt"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// feedForward is the network up to its last features: x (n, t, h), result (n, t, h). The first layer is a
// convolution along the sequence, which sees each token and the ones before it.
func (w *network) feedForward(x *graph.Node) *graph.Node {
	h, context := w.cfg.Units, w.cfg.Context
	weights := w.b.Param("0/w", graph.Glorot, context*h, h)
	bias := w.b.Param("0/b", graph.Zeros, h)
	x = w.after(context-1, x)
	if w.goOn {
		x = op.Affine(op.Reshape(x, w.n, 1, context*h), weights, bias, op.TanhActivation)
	} else {
		x = op.Reshape(op.Conv(op.Reshape(x, w.n, 1, w.t, h), weights, bias, op.TanhActivation, window(context)), w.n, w.t, h)
	}
	x = w.dropout(x)
	for i := 1; i < w.cfg.Layers; i++ {
		x = w.dropout(w.dense(fmt.Sprint(i), x, h, op.TanhActivation, graph.Glorot))
	}
	return x
}

// window is the last places of a sequence, from the earliest on.
func window(places int) op.Window {
	win := op.Window{}
	for dx := 1 - places; dx <= 0; dx++ {
		win.Taps = append(win.Taps, [2]int{0, dx})
	}
	return win
}
