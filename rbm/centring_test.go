package rbm

import (
	"testing"

	"github.com/latent-go/latent/graph"
)

// TestCentring compares the centred direction with J J' g, g the gradient of the machine without centring
// and J the derivatives of our parameters by those of the centred machine, written out.
func TestCentring(t *testing.T) {
	const d, h, rate = 4, 3, 0.2
	plain := tiny(t, Config{Steps: 2}, graph.Float64)
	centred := tiny(t, Config{Steps: 2, Centring: rate}, graph.Float64)
	batch := binary(6, d)
	for _, m := range []*Model{plain, centred} {
		if _, err := m.Gradient(graph.NewKey(8), batch); err != nil {
			t.Fatal(err)
		}
	}
	mu, lambda := centred.values("offset/visible"), centred.values("offset/hidden")
	for i := range mu {
		mean := 0.0
		for r := range 6 {
			mean += batch.X.At(r*d+i) / 6
		}
		near(t, "offset", mu[i], (1-rate)*0.5+rate*mean, 1e-12)
	}
	const size = d*h + d + h
	var jacobian [size][size]float64
	for i := range size {
		jacobian[i][i] = 1
	}
	for i := range d {
		for j := range h {
			jacobian[d*h+i][i*h+j] = -lambda[j]
			jacobian[d*h+d+j][i*h+j] = -mu[i]
		}
	}
	var inner, want [size]float64
	g := gradients(plain)
	for i := range size {
		for j := range size {
			inner[i] += jacobian[j][i] * g[j]
		}
	}
	for i, got := range gradients(centred) {
		for j := range size {
			want[i] += jacobian[i][j] * inner[j]
		}
		near(t, "direction", got, want[i], 1e-12)
	}
}

func gradients(m *Model) []float64 {
	var g []float64
	for _, name := range []string{"w", "b", "c"} {
		g = append(g, m.params.Lookup(name).Grad().F64...)
	}
	return g
}
