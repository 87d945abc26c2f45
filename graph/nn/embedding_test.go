package nn_test

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
)

func TestEmbedding(t *testing.T) {
	p := graph.NewParams(graph.Float32, graph.NewKey(1))
	b := graph.NewBuilder(p, graph.Eval)
	y := nn.Embedding(b.Scope("token"), b.IntInput("ids", 2, 3), 50, 40)
	prog, err := b.Compile(y)
	if err != nil {
		t.Fatal(err)
	}
	outs, err := prog.Run(graph.NewKey(1), graph.Ints([]int{7, 0, 49, 7, 7, 1}, 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	w := p.Lookup("token/w").Value()
	if y.Dim(-1) != 40 || outs[0].At(2*40+3) != w.At(49*40+3) {
		t.Errorf("result %v does not hold rows of w", y)
	}
	squares := 0.0
	for i := range w.Len() {
		squares += w.At(i) * w.At(i)
	}
	if std := math.Sqrt(squares / float64(w.Len())); math.Abs(std-0.02) > 0.002 {
		t.Errorf("standard deviation %v, expected 0.02", std)
	}
}
