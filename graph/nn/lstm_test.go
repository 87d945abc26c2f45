package nn_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

// TestLSTM compares the layer with the operation on its parameters, and their initial values with what they should be.
func TestLSTM(t *testing.T) {
	const n, steps, d, units = 2, 3, 5, 4
	p := graph.NewParams(graph.Float32, graph.NewKey(1))
	b := graph.NewBuilder(p, graph.Train)
	x, start := b.Input("x", n, steps, d), b.Input("start", n, 2*units)
	h, last := nn.LSTM{Units: units}.Apply(b.Scope("rnn"), x, start)
	z := op.Affine(op.Reshape(x, n*steps, d), b.Param("rnn/w", nil, d, 4*units), b.Param("rnn/b", nil, 4*units), op.Identity)
	want, wantLast := op.LSTM(op.Reshape(z, n, steps, 4*units), b.Param("rnn/u", nil, units, 4*units), start)
	prog, err := b.Compile(op.Sub(h, want), op.Sub(last, wantLast), h)
	if err != nil {
		t.Fatal(err)
	}
	in := []graph.Array{graph.Floats32(make([]float32, n*steps*d), n, steps, d), graph.Floats32(make([]float32, n*2*units), n, 2*units)}
	for i, a := range in {
		graph.Normal(graph.NewKey(uint64(i)), a.F32)
	}
	outs, err := prog.Run(graph.Key{}, in...)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range outs[:2] {
		for i := range a.Len() {
			if a.At(i) != 0 {
				t.Fatalf("the layer differs from the operation by %v", a.F32)
			}
		}
	}
	if outs[2].At(0) == 0 {
		t.Error("the layer does nothing")
	}
	for name, limit := range map[string]float64{"rnn/w": math.Sqrt(6.0 / (d + units)), "rnn/u": math.Sqrt(6.0 / (2 * units))} {
		largest := 0.0
		w := p.Lookup(name).Value()
		for i := range w.Len() {
			largest = max(largest, math.Abs(w.At(i)))
		}
		if largest > limit+1e-6 || largest < 0.8*limit {
			t.Errorf("%s: the largest of %d weights is %v, expected nearly %v", name, w.Len(), largest, limit)
		}
	}
	bias := p.Lookup("rnn/b").Value()
	for i := range bias.Len() {
		if bias.At(i) != 0 {
			t.Errorf("bias %d is %g, expected 0", i, bias.At(i))
		}
	}
}

func TestLSTMErrors(t *testing.T) {
	for _, l := range []nn.LSTM{{}, {Units: -1}, {Units: nn.MaxUnits + 1}} {
		if l.Validate() == nil {
			t.Errorf("%+v is accepted", l)
		}
	}
	if err := (nn.LSTM{Units: 3}).Validate(); err != nil {
		t.Error(err)
	}
	for _, shape := range [][]int{{4, 3}, {2, 3, 4, 5}, {7}} {
		b := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Eval)
		nn.LSTM{Units: 3}.Apply(b, b.Input("x", shape...), nil)
		if err := b.Err(); !errors.Is(err, graph.ErrShape) {
			t.Errorf("%v: %v", shape, err)
		}
	}
}

func TestLSTMJSON(t *testing.T) {
	text, err := json.Marshal(nn.LSTM{Units: 7})
	var out nn.LSTM
	if err != nil || string(text) != `{"units":7}` || json.Unmarshal(text, &out) != nil || out.Units != 7 {
		t.Errorf("%s became %+v (%v)", text, out, err)
	}
}
