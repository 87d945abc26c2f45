package graph_test

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
)

func TestArrayCheck(t *testing.T) {
	for _, a := range []graph.Array{
		graph.Floats32([]float32{1}), graph.Floats64(make([]float64, 6), 2, 3), graph.Ints([]int{1, 2}, 2), graph.Floats32(make([]float32, 2), 1, 1, 2, 1, 1),
	} {
		if err := a.Check(); err != nil {
			t.Errorf("%v: %v", a, err)
		}
	}
	wantError(t, graph.Array{}.Check(), graph.ErrShape, "got 0")
	wantError(t, graph.Array{Shape: []int{1}, F32: []float32{1}, Int: []int{1}}.Check(), graph.ErrShape, "exactly one", "got 2")
	wantError(t, graph.Floats32(make([]float32, 5), 2, 3).Check(), graph.ErrShape, "[2 3]", "6", "5")
	wantError(t, graph.Floats32(nil, 0).Check(), graph.ErrShape, "positive")
	wantError(t, graph.Floats32(make([]float32, 4), -2, -2).Check(), graph.ErrShape, "positive")
	wantError(t, graph.Floats32(nil, math.MaxInt, 2).Check(), graph.ErrShape)
	wantError(t, graph.Floats32(make([]float32, 4), 2, 2).Reshape(3).Check(), graph.ErrShape, "3", "4")
}

func TestArrayRows(t *testing.T) {
	a := graph.Floats32([]float32{0, 1, 2, 3, 4, 5}, 3, 2)
	r := a.Rows(1, 3)
	if r.Check() != nil || r.Shape[0] != 2 || r.At(0) != 2 || r.At(3) != 5 {
		t.Errorf("rows 1 and 2 are %v", r)
	}
	r.F32[0] = 9
	if a.F32[2] != 9 {
		t.Error("rows do not share memory")
	}
	if i := graph.Ints([]int{4, 5, 6}, 3).Rows(2, 3); i.At(0) != 6 || i.Len() != 1 {
		t.Errorf("row 2 of integers is %v", i)
	}
}

func TestArrayCheckFinite(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	wantError(t, graph.Floats64([]float64{0, 1, 2, nan, inf, 5}, 3, 2).CheckFinite(), graph.ErrNotFinite, "element 1 of example 1", "NaN")
	wantError(t, graph.Floats32([]float32{0, float32(inf)}, 2).CheckFinite(), graph.ErrNotFinite, "element 0 of example 1", "+Inf")
	wantError(t, graph.Floats64([]float64{-inf}).CheckFinite(), graph.ErrNotFinite, "element 0 of example 0", "-Inf")
	wantError(t, graph.Floats64([]float64{nan}, 10).CheckFinite(), graph.ErrNotFinite) // a shape that lies
	for _, a := range []graph.Array{{}, graph.Ints([]int{1}, 1), graph.Floats32([]float32{math.MaxFloat32, -math.MaxFloat32}, 2), graph.Floats64([]float64{1e308}, 1)} {
		if err := a.CheckFinite(); err != nil {
			t.Error(err)
		}
	}
}
