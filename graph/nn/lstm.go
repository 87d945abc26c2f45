package nn

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

// An LSTM is a layer of long short-term memory over a sequence: see op.LSTM. It is a description, and part of
// model files.
type LSTM struct {
	Units int `json:"units"` // of the state h, 1 to MaxUnits
}

// Validate says what is wrong with the layer, if anything.
func (l LSTM) Validate() error {
	if l.Units < 1 || l.Units > MaxUnits {
		return errors.Errorf("an LSTM needs 1 to %d units, got %d", MaxUnits, l.Units)
	}
	return nil
}

// Apply adds the layer to the graph: x (n, t, d), start (n, 2 Units) the state to go on from, nil for zeros. It
// returns h (n, t, Units) of all steps and the last state (n, 2 Units). Its parameters are w (d, 4 Units),
// u (Units, 4 Units) and b (4 Units) in b's scope, by gates i, f, o, g. The forget gate's bias starts at 1
// (Jozefowicz et al. 2015), the others at 0; weights start as Glorot & Bengio 2010 have it for each gate.
func (l LSTM) Apply(b *graph.Builder, x, start *graph.Node) (h, last *graph.Node) {
	if len(x.Shape()) != 3 && b.Err() == nil {
		b.Fail(errors.Wrapf(graph.ErrShape, "an LSTM needs sequences (n, t, d), got %v", x))
	}
	d := max(1, x.Dim(-1))
	w := b.Param("w", glorot(d, l.Units), d, 4*l.Units)
	u := b.Param("u", glorot(l.Units, l.Units), l.Units, 4*l.Units)
	bias := b.Param("b", forgetBias, 4*l.Units)
	return op.LSTM(op.Affine(x, w, bias, op.Identity), u, start)
}

// glorot is graph.Glorot for matrices side by side.
func glorot(in, out int) graph.Init { return graph.UniformIn(math.Sqrt(6 / float64(in+out))) }

// forgetBias is 1 for the forget gate, the second of four.
func forgetBias(_ graph.Key, _ []int, w []float64) {
	h := len(w) / 4
	for i := range h {
		w[h+i] = 1
	}
}
