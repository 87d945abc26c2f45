package nn_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

// TestConv compares the layer with the operation on the same parameters.
func TestConv(t *testing.T) {
	for _, l := range []nn.Conv{{Units: 4, Size: 3, Activation: op.ReLUActivation}, {Units: 2, Size: 5, Stride: 2}, {Units: 3, Size: 1, Init: nn.FanIn}} {
		p := graph.NewParams(graph.Float32, graph.NewKey(1))
		b := graph.NewBuilder(p, graph.Eval)
		x := b.Input("x", 2, 5, 6, 3)
		y := l.Apply(b.Scope("enc"), x)
		win := op.SquareWindow(l.Size)
		win.Stride = l.Stride
		w, c := b.Scope("enc").Param("w", graph.Zeros, l.Size*l.Size*3, l.Units), b.Scope("enc").Param("b", graph.Zeros, l.Units)
		prog, err := b.Compile(y, op.Conv(x, w, c, l.Activation, win))
		if err != nil {
			t.Fatal(err)
		}
		if names := p.List(); len(names) != 2 || names[0].Name != "enc/w" || names[1].Name != "enc/b" {
			t.Errorf("%+v has parameters %v", l, names)
		}
		in := make([]float32, 2*5*6*3)
		graph.Normal(graph.NewKey(2), in)
		outs, err := prog.Run(graph.NewKey(1), graph.Floats32(in, 2, 5, 6, 3))
		if err != nil {
			t.Fatal(err)
		}
		stride, zeros := max(1, l.Stride), 0
		if s := y.Shape(); len(s) != 4 || s[0] != 2 || s[1] != (5+stride-1)/stride || s[2] != (6+stride-1)/stride || s[3] != l.Units {
			t.Errorf("%+v has a result of shape %v", l, s)
		}
		for i, v := range outs[0].F32 {
			if v != outs[1].F32[i] {
				t.Fatalf("%+v: element %d is %v, the operation's %v", l, i, v, outs[1].F32[i])
			}
			if v == 0 {
				zeros++
			}
		}
		if zeros == len(outs[0].F32) {
			t.Errorf("%+v: all weights are 0", l)
		}
	}
}

func TestConvRank(t *testing.T) {
	b := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Eval)
	nn.Conv{Units: 2, Size: 3}.Apply(b, b.Input("x", 2, 5))
	if err := b.Err(); !errors.Is(err, graph.ErrShape) {
		t.Errorf("a matrix gives %v", err)
	}
}

func TestConvValidate(t *testing.T) {
	good := nn.Conv{Units: 3, Size: 3}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for _, change := range []func(l *nn.Conv){
		func(l *nn.Conv) { l.Units = 0 }, func(l *nn.Conv) { l.Units = nn.MaxUnits + 1 }, func(l *nn.Conv) { l.Size = 0 },
		func(l *nn.Conv) { l.Size = 4 }, func(l *nn.Conv) { l.Size = -3 }, func(l *nn.Conv) { l.Size = nn.MaxSize + 2 },
		func(l *nn.Conv) { l.Stride = -1 }, func(l *nn.Conv) { l.Stride = nn.MaxSize + 1 },
		func(l *nn.Conv) { l.Activation = 99 }, func(l *nn.Conv) { l.Init = -1 },
	} {
		l := good
		change(&l)
		if l.Validate() == nil {
			t.Errorf("%+v is accepted", l)
		}
	}
}

func TestConvJSON(t *testing.T) {
	in := nn.Conv{Units: 7, Size: 5, Stride: 2, Activation: op.ELUActivation, Init: nn.He}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out nn.Conv
	if err := json.Unmarshal(text, &out); err != nil || out != in {
		t.Errorf("%s became %+v (%v)", text, out, err)
	}
	if want := `{"units":7,"size":5,"stride":2,"activation":"elu","init":"he"}`; string(text) != want {
		t.Errorf("%s, want %s", text, want)
	}
}

// TestConvTranspose compares the layer with the operation on the same parameters, and sees that features keep their
// size where they lead back.
func TestConvTranspose(t *testing.T) {
	for _, l := range []nn.Conv{{Units: 4, Size: 3, Activation: op.ReLUActivation}, {Units: 8, Size: 5, Stride: 2, Init: nn.He}, {Units: 3, Size: 1, Stride: 3}} {
		p := graph.NewParams(graph.Float32, graph.NewKey(1))
		b := graph.NewBuilder(p, graph.Eval)
		stride := max(1, l.Stride)
		win := op.SquareWindow(l.Size)
		win.Stride = l.Stride
		x := b.Input("x", 2, 8, 8, 16)
		y := l.ApplyTranspose(b.Scope("dec"), x, 8*stride, 8*stride-stride+1)
		w, c := b.Scope("dec").Param("w", graph.Zeros, l.Size*l.Size*l.Units, 16), b.Scope("dec").Param("b", graph.Zeros, l.Units)
		prog, err := b.Compile(y, op.ConvTranspose(x, w, c, l.Activation, win, 8*stride, 8*stride-stride+1))
		if err != nil {
			t.Fatal(err)
		}
		if names := p.List(); len(names) != 2 || names[0].Name != "dec/w" || names[1].Name != "dec/b" {
			t.Errorf("%+v has parameters %v", l, names)
		}
		in := make([]float32, 2*8*8*16)
		graph.Normal(graph.NewKey(2), in)
		outs, err := prog.Run(graph.NewKey(1), graph.Floats32(in, 2, 8, 8, 16))
		if err != nil {
			t.Fatal(err)
		}
		if s := y.Shape(); len(s) != 4 || s[0] != 2 || s[1] != 8*stride || s[2] != 7*stride+1 || s[3] != l.Units {
			t.Errorf("%+v has a result of shape %v", l, s)
		}
		squares := 0.0
		for i, v := range outs[0].F32 {
			if v != outs[1].F32[i] {
				t.Fatalf("%+v: element %d is %v, the operation's %v", l, i, v, outs[1].F32[i])
			}
			squares += float64(v) * float64(v)
		}
		if mean := squares / float64(len(outs[0].F32)); mean < 0.3 || mean > 2 {
			t.Errorf("%+v makes features of square %g of those of square 1", l, mean)
		}
	}
	b := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Eval)
	nn.Conv{Units: 2, Size: 3}.ApplyTranspose(b, b.Input("x", 2, 5), 3, 3)
	if err := b.Err(); !errors.Is(err, graph.ErrShape) {
		t.Errorf("a matrix gives %v", err)
	}
}
