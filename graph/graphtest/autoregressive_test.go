package graphtest

import (
	"testing"

	"github.com/latent-go/latent/graph"
)

// sums predicts variable i by the sum of the variables that sees lets it see.
func sums(d int, sees func(i, j int) bool) func(x graph.Array) (graph.Array, error) {
	return func(x graph.Array) (graph.Array, error) {
		n := x.Shape[0]
		y := graph.Floats64(make([]float64, 2*n*d), n, d, 2)
		for e := range n {
			for i := range d {
				for j := range d {
					if sees(i, j) {
						y.F64[2*(e*d+i)+1] += x.At(e*d + j)
					}
				}
			}
		}
		return y, nil
	}
}

func TestAutoregressive(t *testing.T) {
	const d = 6
	earlier := func(i, j int) bool { return j < i }
	two := func(i, j int) bool { return j == i-1 || j == i-2 }
	if err := Autoregressive(d, sums(d, earlier), earlier); err != nil {
		t.Error(err)
	}
	if err := Autoregressive(d, sums(d, two), two); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct{ does, says func(i, j int) bool }{
		"sees itself":            {func(i, j int) bool { return j <= i }, earlier},
		"sees the next":          {func(i, j int) bool { return j < i || j == i+1 }, earlier},
		"sees the next, as said": {func(i, j int) bool { return j < i || j == i+1 }, func(i, j int) bool { return j <= i+1 }},
		"is blind to one":        {func(i, j int) bool { return j < i && (i != 4 || j != 1) }, earlier},
		"sees too much":          {earlier, two},
	} {
		if err := Autoregressive(d, sums(d, c.does), c.says); err == nil {
			t.Errorf("a model that %s passes", name)
		}
	}
	wrong := func(x graph.Array) (graph.Array, error) { return x.Rows(0, 1), nil }
	if err := Autoregressive(d, wrong, earlier); err == nil {
		t.Error("predictions of another number of examples pass")
	}
}
