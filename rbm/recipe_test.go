package rbm

import (
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
)

// TestRecipes trains every recipe for a few steps.
func TestRecipes(t *testing.T) {
	for name, r := range map[string]Recipe{
		"Melchior": Melchior(50, false), "Melchior, centred": Melchior(50, true),
		"Salakhutdinov": Salakhutdinov(3, 10), "FischerIgel": FischerIgel(10),
		"LarochelleMurray": LarochelleMurray(180, 23), "ScikitLearn": ScikitLearn(10),
	} {
		m, err := New(r.Model)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		n, d := r.Train.BatchSize, r.Model.Visible
		x := make([]float32, n*d)
		for i := range x {
			x[i] = 0.3
		}
		graph.Bernoulli(graph.NewKey(1), x, x)
		set, err := data.NewSet(graph.Floats32(x, n, d), graph.Array{})
		if err != nil {
			t.Fatal(err)
		}
		r.Train.Steps = 2
		if _, err := train.Run(t.Context(), m, set, r.Train); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
