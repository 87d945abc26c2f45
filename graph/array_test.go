package graph_test

import (
	"fmt"
	"math"
	"slices"
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

func TestArrayExamples(t *testing.T) {
	a := graph.Floats32(make([]float32, 12), 2, 3, 2)
	x, err := a.Examples(2, 3)
	if err != nil || !slices.Equal(x.Shape, []int{2, 6}) {
		t.Errorf("%v, %v", x, err)
	}
	for _, bad := range []graph.Array{{}, graph.Ints(make([]int, 12), 2, 6), graph.Floats32(make([]float32, 6), 6), graph.Floats32(nil, 0, 6),
		graph.Floats64(make([]float64, 10), 2, 5), graph.Floats32(make([]float32, 7), 2, 6)} {
		_, err := bad.Examples(2, 3)
		wantError(t, err, graph.ErrShape)
	}
	_, err = graph.Floats32(make([]float32, 12), 2, 6).Examples(5)
	wantError(t, err, graph.ErrShape, "[2 6]", "[5]")
	_, err = a.Examples(-6)
	wantError(t, err, graph.ErrShape)
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

func TestArrayCheckRange(t *testing.T) {
	good := []float32{0, 1, 0.5, math.SmallestNonzeroFloat32, float32(math.Copysign(0, -1)), 1, 0.25, 0, 1}
	for n := 1; n <= len(good); n++ {
		if err := graph.Floats32(good[:n], n).CheckRange(0, 1); err != nil {
			t.Error(err)
		}
		for i := range n {
			for _, bad := range []float32{-math.SmallestNonzeroFloat32, math.Nextafter32(1, 2), -1, 1e30, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
				x := slices.Clone(good[:n])
				x[i] = bad
				wantError(t, graph.Floats32(x, n).CheckRange(0, 1), graph.ErrRange, fmt.Sprintf("element 0 of example %d is %v", i, float64(bad)))
			}
		}
	}
	wantError(t, graph.Floats32([]float32{0, 3}, 1, 2).CheckRange(0, 2), graph.ErrRange, "element 1 of example 0 is 3", "[0, 2]")
	wantError(t, graph.Floats64([]float64{0, -3}, 2, 1).CheckRange(-2, 2), graph.ErrRange, "element 0 of example 1 is -3")
}

func TestArrayCheckOneHot(t *testing.T) {
	if err := graph.Floats32([]float32{0, 1, 1, 0, 1, 0, 0, 1}, 2, 4).CheckOneHot(2); err != nil {
		t.Error(err)
	}
	wantError(t, graph.Floats32([]float32{0, 1, 1, 0, 1, 0, 0.5, 0.5}, 2, 4).CheckOneHot(2), graph.ErrRange, "element 2 of example 1 is 0.5")
	wantError(t, graph.Floats64([]float64{0, 1, 1, 0, 1, 0, 1, 1}, 2, 4).CheckOneHot(2), graph.ErrRange, "group 1 of example 1 has 2 ones")
	wantError(t, graph.Floats64([]float64{0, 0}, 1, 2).CheckOneHot(2), graph.ErrRange, "group 0 of example 0 has 0 ones")
	wantError(t, graph.Floats64([]float64{math.NaN(), 1}, 1, 2).CheckOneHot(2), graph.ErrRange, "NaN")
}
