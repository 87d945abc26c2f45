package lm

import (
	"fmt"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
)

// recurrent is the network up to its last features: x (n, t, h), result (n, t, h). What is kept are the states of
// the layers.
func (w *network) recurrent(x *graph.Node) *graph.Node {
	h := w.cfg.Units
	for i := range w.cfg.Layers {
		var start *graph.Node
		if w.goOn {
			start = w.kept(w.n, 2*h)
		}
		y, last := nn.LSTM{Units: h}.Apply(w.b.Scope(fmt.Sprint(i)), x, start)
		if w.goOn {
			w.next = append(w.next, last)
		}
		x = w.dropout(y)
	}
	return x
}
