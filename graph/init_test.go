package graph_test

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
)

// TestInits checks mean, variance and limit of every initial value against those of its distribution.
func TestInits(t *testing.T) {
	uniform := func(limit float64) (variance, bound float64) { return limit * limit / 3, limit }
	normal := func(std float64) (variance, bound float64) { return std * std, 7 * std }
	matrix, filters, vector := []int{200, 300}, []int{40, 30, 5, 5}, []int{50000}
	for _, c := range []struct {
		name     string
		init     graph.Init
		shape    []int
		variance func(float64) (float64, float64)
		scale    float64
	}{
		{"uniform", graph.UniformIn(0.25), matrix, uniform, 0.25},
		{"normal", graph.NormalWith(0.02), matrix, normal, 0.02},
		{"glorot", graph.Glorot, matrix, uniform, math.Sqrt(6.0 / 500)},
		{"glorot of filters", graph.Glorot, filters, uniform, math.Sqrt(6.0 / (30*25 + 40*25))},
		{"glorot of a vector", graph.Glorot, vector, uniform, math.Sqrt(6.0 / 100000)},
		{"glorot for sigmoid", graph.GlorotSigmoid, matrix, uniform, 4 * math.Sqrt(6.0/500)},
		{"fan-in", graph.FanIn, matrix, uniform, 1 / math.Sqrt(200)},
		{"fan-in of filters", graph.FanIn, filters, uniform, 1 / math.Sqrt(30*25)},
		{"he", graph.He, matrix, normal, math.Sqrt(2.0 / 200)},
		{"he of filters", graph.He, filters, normal, math.Sqrt(2.0 / (30 * 25))},
	} {
		n := 1
		for _, d := range c.shape {
			n *= d
		}
		w := make([]float64, n)
		c.init(graph.NewKey(5), c.shape, w)
		mean, variance := momentsOf(w)
		want, bound := c.variance(c.scale)
		// Five standard errors: of the mean sqrt(var/n), of the variance at most var sqrt(2/n).
		near(t, c.name+": mean", mean, 0, 5*math.Sqrt(want/float64(n)))
		near(t, c.name+": variance", variance, want, 5*want*math.Sqrt(2/float64(n)))
		for _, v := range w {
			if math.Abs(v) > bound {
				t.Errorf("%s: %v is beyond %v", c.name, v, bound)
				break
			}
		}
	}
	w := []float64{0, 0}
	graph.Constant(3)(graph.NewKey(1), []int{2}, w)
	if w[0] != 3 || w[1] != 3 {
		t.Errorf("constant: %v", w)
	}
	graph.Glorot(graph.NewKey(1), nil, w[:1]) // a scalar
	near(t, "glorot of a scalar", w[0], 0, math.Sqrt(3))
}
