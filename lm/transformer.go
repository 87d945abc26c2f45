package lm

import (
	"fmt"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

// widening is how many times as wide as the features the layer between the two maps of a block is.
const widening = 4

// transformer is the network up to its last features: x (n, t, h), result (n, t, h). What is kept are the keys and
// the values of every block.
func (w *network) transformer(x *graph.Node) *graph.Node {
	h := w.cfg.Units
	// What both halves of all blocks add up to has the same variance for any number of them (Radford et al.
	// 2019, section 2.3).
	residual := graph.NormalWith(initialDeviation / math.Sqrt(2*float64(w.cfg.Layers)))
	plain := graph.NormalWith(initialDeviation)
	positions := w.b.Param("position/w", plain, w.cfg.Context, h)
	x = w.dropout(op.Add(x, op.Embedding(w.at, positions)))
	for i := range w.cfg.Layers {
		name := func(s string) string { return fmt.Sprintf("%d/%s", i, s) }
		y := nn.LayerNorm(w.b.Scope(name("norm0")), x)
		y = w.attend(w.dense(name("query"), y, h, op.Identity, plain), w.dense(name("key"), y, h, op.Identity, plain),
			w.dense(name("value"), y, h, op.Identity, plain))
		x = op.Add(x, w.dropout(w.dense(name("mix"), y, h, op.Identity, residual)))
		y = nn.LayerNorm(w.b.Scope(name("norm1")), x)
		y = w.dense(name("wide"), y, widening*h, op.GELUActivation, plain)
		x = op.Add(x, w.dropout(w.dense(name("narrow"), y, h, op.Identity, residual)))
	}
	return nn.LayerNorm(w.b.Scope("norm"), x)
}

// attend lets every token look at itself and those before it: all (n, t, h).
func (w *network) attend(query, key, value *graph.Node) *graph.Node {
	rows := w.cfg.Context - 1
	return op.Attention(query, w.after(rows, key), w.after(rows, value), w.cfg.Heads, true, w.skip)
}
