package nn_test

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
)

func TestLayerNorm(t *testing.T) {
	p := graph.NewParams(graph.Float32, graph.NewKey(1))
	b := graph.NewBuilder(p, graph.Eval)
	prog, err := b.Compile(nn.LayerNorm(b.Scope("norm"), b.Input("x", 2, 1, 4)))
	if err != nil {
		t.Fatal(err)
	}
	if p.Lookup("norm/gain").Size != 4 || p.Lookup("norm/bias").Size != 4 {
		t.Error("gain and bias should be (4)")
	}
	outs, err := prog.Run(graph.NewKey(1), graph.Floats32([]float32{1, 2, 3, 4, 5, 5, 5, 5}, 2, 1, 4))
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range []float64{-1.5, -0.5, 0.5, 1.5, 0, 0, 0, 0} { // the first row's variance is 1.25
		if want := x / math.Sqrt(1.25+1e-5); math.Abs(outs[0].At(i)-want) > 1e-6 {
			t.Errorf("element %d is %v, expected %v", i, outs[0].At(i), want)
		}
	}
}
