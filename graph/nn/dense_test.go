package nn_test

import (
	"encoding/json"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

func TestDenseNamesAndShapes(t *testing.T) {
	p := graph.NewParams(graph.Float32, graph.NewKey(1))
	b := graph.NewBuilder(p, graph.Eval)
	x := b.Input("x", 4, 3)
	y := nn.Stack(b.Scope("enc"), x, []nn.Dense{{Units: 5, Activation: op.TanhActivation}, {Units: 2}})
	if _, err := b.Compile(y); err != nil {
		t.Fatal(err)
	}
	want := []string{"enc/0/w", "enc/0/b", "enc/1/w", "enc/1/b"}
	for i, q := range p.List() {
		if q.Name != want[i] {
			t.Errorf("parameter %d is %q, want %q", i, q.Name, want[i])
		}
	}
	if y.Dim(0) != 4 || y.Dim(1) != 2 {
		t.Errorf("result has shape %v, want (4, 2)", y.Shape())
	}
}

func TestDropoutOnlyInTraining(t *testing.T) {
	layer := nn.Dense{Units: 200, Activation: op.SigmoidActivation, Dropout: 0.5}
	for _, mode := range []graph.Mode{graph.Eval, graph.Train} {
		b := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), mode)
		prog, err := b.Compile(layer.Apply(b, b.Input("x", 1, 3)))
		if err != nil {
			t.Fatal(err)
		}
		outs, err := prog.Run(graph.NewKey(1), graph.Floats32([]float32{1, 2, 3}, 1, 3))
		if err != nil {
			t.Fatal(err)
		}
		zeros := 0
		for _, v := range outs[0].F32 {
			if v == 0 {
				zeros++
			}
		}
		if mode == graph.Eval && zeros > 0 || mode == graph.Train && (zeros < 60 || zeros > 140) {
			t.Errorf("mode %d: %d of 200 units are zero", mode, zeros)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, l := range []nn.Dense{{}, {Units: -1}, {Units: nn.MaxUnits + 1}, {Units: 3, Activation: 99}, {Units: 3, Init: -1}, {Units: 3, Dropout: 1}, {Units: 3, Dropout: -0.1}} {
		if l.Validate() == nil {
			t.Errorf("%+v is accepted", l)
		}
	}
	if err := nn.ValidateStack("encoder", []nn.Dense{{Units: 3, Dropout: 0.2}}); err != nil {
		t.Error(err)
	}
}

func TestValidateShape(t *testing.T) {
	for _, shape := range [][]int{nil, {0}, {3, -1}, {nn.MaxUnits + 1}, {1 << 11, 1 << 10}, {1 << 40, 1 << 40}} {
		if nn.ValidateShape(shape) == nil {
			t.Errorf("%v is accepted", shape)
		}
	}
	if err := nn.ValidateShape([]int{3, 1024, 341}); err != nil {
		t.Error(err)
	}
}

// TestWeights compares the count with the parameters that a stack makes.
func TestWeights(t *testing.T) {
	layers := []nn.Dense{{Units: 5}, {Units: 1}, {Units: 4}}
	p := graph.NewParams(graph.Float32, graph.NewKey(1))
	b := graph.NewBuilder(p, graph.Eval)
	if _, err := b.Compile(nn.Stack(b, b.Input("x", 2, 3), layers)); err != nil {
		t.Fatal(err)
	}
	if n, width := nn.Weights(3, layers); n != float64(p.Count()) || width != 4 {
		t.Errorf("%v weights and a result of %d, the stack has %d and 4", n, width, p.Count())
	}
}

func TestJSON(t *testing.T) {
	in := nn.Dense{Units: 7, Activation: op.ELUActivation, Init: nn.He, Dropout: 0.25}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out nn.Dense
	if err := json.Unmarshal(text, &out); err != nil || out != in {
		t.Errorf("%s became %+v (%v)", text, out, err)
	}
	if err := json.Unmarshal([]byte(`{"units":3,"init":"magic"}`), &out); err == nil {
		t.Error("an unknown initialisation is accepted")
	}
}
