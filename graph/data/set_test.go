package data

import (
	"slices"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// numbered is a Set of n examples of shape (2) with values 10i and 10i+1 and label i.
func numbered(t testing.TB, n int) *Set {
	t.Helper()
	x, y := make([]float32, 2*n), make([]int, n)
	for i := range n {
		x[2*i], x[2*i+1], y[i] = float32(10*i), float32(10*i+1), i
	}
	s, err := NewSet(graph.Floats32(x, n, 2), graph.Ints(y, n))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// drain collects the labels of all batches, and fails unless each input belongs to its label
// and all batches but the last are full.
func drain(t testing.TB, src Source, key graph.Key, size int) []int {
	t.Helper()
	var labels []int
	short := false
	for b, err := range src.Batches(key, size) {
		if err != nil {
			t.Fatal(err)
		}
		if short {
			t.Fatal("a batch follows a short one")
		}
		short = b.N < size
		if b.N < 1 || b.N > size || b.X.Shape[0] != b.N || b.Y.Shape[0] != b.N {
			t.Fatalf("batch of %d, X %v, Y %v, asked for %d", b.N, b.X.Shape, b.Y.Shape, size)
		}
		if err := errors.Wrap(b.X.Check(), "X"); err != nil {
			t.Fatal(err)
		}
		for i, label := range b.Y.Int {
			if b.X.F32[2*i] != float32(10*label) || b.X.F32[2*i+1] != float32(10*label+1) {
				t.Fatalf("label %d comes with input %v", label, b.X.F32[2*i:2*i+2])
			}
		}
		labels = append(labels, b.Y.Int...)
	}
	return labels
}

// firstError is the error with which an epoch starts.
func firstError(src Source, size int) error {
	for _, err := range src.Batches(graph.NewKey(1), size) {
		return err
	}
	return nil
}

func count(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func TestSetBatchesShuffle(t *testing.T) {
	s := numbered(t, 23)
	a := drain(t, s, graph.NewKey(1), 5)
	if b := drain(t, s, graph.NewKey(1), 5); !slices.Equal(a, b) {
		t.Errorf("same key: %v and %v", a, b)
	}
	if b := drain(t, s, graph.NewKey(1), 7); !slices.Equal(a, b) {
		t.Errorf("the batch size changes the order: %v and %v", a, b)
	}
	if b := drain(t, s, graph.NewKey(2), 5); slices.Equal(a, b) {
		t.Errorf("different keys give the same order %v", a)
	}
	if b := drain(t, s, graph.NewKey(1).At(1), 5); slices.Equal(a, b) {
		t.Errorf("different steps give the same order %v", a)
	}
	if slices.IsSorted(a) {
		t.Error("not shuffled")
	}
	slices.Sort(a)
	if !slices.Equal(a, count(23)) {
		t.Errorf("an epoch has the examples %v", a)
	}
	if n := s.Len(); n != 23 || !slices.Equal(s.Shape(), []int{2}) {
		t.Errorf("Len %d, Shape %v", n, s.Shape())
	}
}

func TestOrdered(t *testing.T) {
	s := numbered(t, 23)
	if got := drain(t, s.Ordered(), graph.NewKey(1), 5); !slices.Equal(got, count(23)) {
		t.Errorf("order %v", got)
	}
}

// Every example must be as likely at every place: chi-squared over 8 x 8 cells.
func TestShuffleUniform(t *testing.T) {
	const n, epochs = 8, 4000
	s := numbered(t, n)
	var cell [n][n]float64
	for e := range epochs {
		for place, label := range drain(t, s, graph.NewKey(7).At(uint64(e)), n) {
			cell[place][label]++
		}
	}
	chi2, want := 0.0, float64(epochs)/n
	for _, row := range cell {
		for _, c := range row {
			chi2 += (c - want) * (c - want) / want
		}
	}
	if chi2 > 100 { // 49 degrees of freedom: exceeded with probability 2e-5
		t.Errorf("chi-squared %v", chi2)
	}
}

func TestSetTwoKinds(t *testing.T) {
	x := graph.Floats64([]float64{1, 2, 3, 4, 5, 6}, 3, 2)
	y := graph.Floats32([]float32{10, 20, 30}, 3, 1)
	s, err := NewSet(x, y)
	if err != nil {
		t.Fatal(err)
	}
	for b, err := range s.Batches(graph.NewKey(3), 2) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.N {
			if first := b.X.F64[2*i]; b.Y.F32[i] != float32(10*(first+1)/2) || b.X.F64[2*i+1] != first+1 {
				t.Errorf("input %v with target %v", b.X.F64[2*i:2*i+2], b.Y.F32[i])
			}
		}
	}
	tokens, err := NewSet(graph.Ints([]int{1, 2, 3, 4}, 2, 2), graph.Array{})
	if err != nil {
		t.Fatal(err)
	}
	for b, err := range tokens.Batches(graph.NewKey(3), 1) {
		if err != nil || !b.Y.IsZero() || b.X.Int[1] != b.X.Int[0]+1 {
			t.Errorf("batch %v, error %v", b, err)
		}
	}
}

func TestSetErrors(t *testing.T) {
	nan := float32(0)
	nan /= nan
	for _, c := range []struct {
		name string
		x, y graph.Array
		want error
		text string
	}{
		{"nothing", graph.Array{}, graph.Array{}, ErrEmpty, "at least one"},
		{"no rows", graph.Floats32([]float32{}, 0, 3), graph.Array{}, ErrEmpty, "at least one"},
		{"scalar", graph.Floats32([]float32{1}), graph.Array{}, graph.ErrShape, "batch axis"},
		{"wrong shape", graph.Floats32([]float32{1, 2, 3}, 2, 2), graph.Array{}, graph.ErrShape, "needs 4 elements, got 3"},
		{"counts", graph.Floats32([]float32{1, 2}, 2, 1), graph.Ints([]int{1, 2, 3}, 3), graph.ErrShape, "2 examples"},
		{"scalar target", graph.Floats32([]float32{1, 2}, 2, 1), graph.Ints([]int{1}), graph.ErrShape, "targets"},
		{"NaN", graph.Floats32([]float32{1, 2, nan, 4}, 2, 2), graph.Array{}, graph.ErrNotFinite, "example 1"},
		{"NaN target", graph.Floats32([]float32{1, 2}, 2, 1), graph.Floats32([]float32{1, nan}, 2), graph.ErrNotFinite, "targets"},
		{"label", graph.Floats32([]float32{1, 2}, 2, 1), graph.Ints([]int{0, -1}, 2), ErrLabel, "example 1 has -1"},
	} {
		_, err := NewSet(c.x, c.y)
		wantError(t, c.name, err, c.want, c.text)
	}
	s := numbered(t, 23)
	for _, src := range []Source{s, s.Ordered()} {
		wantError(t, "large batch", firstError(src, 24), ErrBatch, "24 is larger than the set of 23")
		wantError(t, "batch of 0", firstError(src, 0), ErrBatch, "at least 1")
		wantError(t, "batch of -1", firstError(src, -1), ErrBatch, "at least 1")
	}
	wantError(t, "zero Set", firstError(&Set{}, 1), ErrEmpty, "")
	if (&Set{}).Len() != 0 || (&Set{}).Shape() != nil {
		t.Error("the zero Set has examples")
	}
}

func TestSetMean(t *testing.T) {
	s, err := NewSet(graph.Floats32([]float32{1, 2, 3, 4, 5, 12}, 3, 1, 2), graph.Array{})
	if err != nil {
		t.Fatal(err)
	}
	if mean := s.Mean(); len(mean) != 2 || mean[0] != 3 || mean[1] != 6 {
		t.Errorf("mean %v, want [3 6]", mean)
	}
	if mean := (&Set{}).Mean(); mean != nil {
		t.Errorf("mean %v of no example", mean)
	}
}
