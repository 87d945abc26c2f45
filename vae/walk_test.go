package vae

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/pkg/errors"
)

func TestInterpolate(t *testing.T) {
	m := model(t, kinds()["images"], graph.Float64)
	a, b := uniform(1, 1, 1, 2, 3), uniform(2, 1, 1, 2, 3)
	line := must(m.Interpolate(a, b, 5))(t)
	for i, x := range map[int]graph.Array{0: a, 4: b} {
		end := must(m.Reconstruct(x))(t)
		for j := range 6 {
			near(t, "end", line.At(6*i+j), end.At(j), 1e-12)
		}
	}
	za, _, _ := m.Encode(a)
	zb, _, _ := m.Encode(b)
	for j := range za.F64 {
		za.F64[j] = (za.F64[j] + zb.F64[j]) / 2
	}
	middle := must(m.Decode(za))(t)
	for j := range 6 {
		near(t, "middle", line.At(12+j), middle.At(j), 1e-12)
	}
}

func TestTraverse(t *testing.T) {
	m := model(t, kinds()["plain"], graph.Float64)
	x := uniform(1, 1, 6)
	mean, _, err := m.Encode(x)
	if err != nil {
		t.Fatal(err)
	}
	got := must(m.Traverse(x, 1, []float64{-2, mean.At(1), 2}))(t)
	same := must(m.Reconstruct(x))(t)
	mean.F64[1] = 2
	last := must(m.Decode(mean))(t)
	for j := range 6 {
		near(t, "at the mean", got.At(6+j), same.At(j), 1e-12)
		near(t, "at 2", got.At(12+j), last.At(j), 1e-12)
	}
}

// TestManifold shows the grid itself, through a decoder that is the identity.
func TestManifold(t *testing.T) {
	m := must(newModel(Config{Shape: []int{2}, Latent: 2, Likelihood: Gaussian, Decoder: []nn.Dense{}}, graph.Float64))(t)
	set(t, m, "dec/0/w", []float64{1, 0, 0, 1})
	const side = 5
	grid := must(m.Manifold(side))(t)
	phi := func(v float64) float64 { return (1 + math.Erf(v/math.Sqrt2)) / 2 }
	for row := range side {
		for column := range side {
			at := 2 * (side*row + column)
			near(t, "first unit", phi(grid.At(at)), (float64(column)+0.5)/side, 1e-12)
			near(t, "second unit", phi(grid.At(at+1)), (float64(row)+0.5)/side, 1e-12)
		}
	}
	if one := must(m.Manifold(1))(t); one.At(0) != 0 || one.At(1) != 0 {
		t.Errorf("the middle of the prior is at %v", one.F64)
	}
	if _, err := m.Manifold(1 << 40); !errors.Is(err, ErrConfig) {
		t.Errorf("a side without end: %v", err)
	}
}
