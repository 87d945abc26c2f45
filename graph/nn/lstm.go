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
// u (Units, 4 Units) and b (4 Units) in b's scope, by gates i, f, o, g. Biases start at 0: with 1 for the forget gate
// (Jozefowicz et al. 2015) a model of War and Peace was 0.05 nats a character behind after 500 steps. Weights start as
// Glorot & Bengio 2010 have it for each gate.
func (l LSTM) Apply(b *graph.Builder, x, start *graph.Node) (h, last *graph.Node) {
	if len(x.Shape()) != 3 && b.Err() == nil {
		b.Fail(errors.Wrapf(graph.ErrShape, "an LSTM needs sequences (n, t, d), got %v", x))
	}
	d := max(1, x.Dim(-1))
	w := b.Param("w", glorot(d, l.Units), d, 4*l.Units)
	u := b.Param("u", glorot(l.Units, l.Units), l.Units, 4*l.Units)
	bias := b.Param("b", graph.Zeros, 4*l.Units)
	return op.LSTM(op.Affine(x, w, bias, op.Identity), u, start)
}

// glorot is graph.Glorot for matrices side by side.
func glorot(in, out int) graph.Init { return graph.UniformIn(math.Sqrt(6 / float64(in+out))) }
