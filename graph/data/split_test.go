package data

import (
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
)

func TestSplit(t *testing.T) {
	s := numbered(t, 101)
	s.Classes = []string{"a"}
	parts, err := s.Split(graph.NewKey(1), 0.7, 0.2, 0.1)
	if err != nil {
		t.Fatal(err)
	}
	var all []int
	for i, want := range []int{71, 20, 10} {
		part := drain(t, parts[i].Ordered(), graph.Key{}, 5)
		if len(part) != want {
			t.Errorf("part %d has %d examples, want %d", i, len(part), want)
		}
		if slices.IsSorted(part) {
			t.Errorf("part %d is not dealt at random: %v", i, part)
		}
		if !slices.Equal(parts[i].Classes, s.Classes) {
			t.Errorf("part %d lost its classes", i)
		}
		all = append(all, part...)
	}
	again, err := s.Split(graph.NewKey(1), 0.7, 0.2, 0.1)
	if err != nil || !slices.Equal(again[1].Y.Int, parts[1].Y.Int) {
		t.Errorf("same key, other split: %v", err)
	}
	slices.Sort(all)
	if !slices.Equal(all, count(101)) {
		t.Errorf("the parts together have %v", all)
	}
	_, err = s.Split(graph.NewKey(1), 0.7, 0.2)
	wantError(t, "sum", err, ErrConfig, "sum to 0.9")
	_, err = s.Split(graph.NewKey(1), 1.5, -0.5)
	wantError(t, "negative", err, ErrConfig, "positive")
	_, err = s.Split(graph.NewKey(1))
	wantError(t, "none", err, ErrConfig, "sum to 0")
	_, err = s.Split(graph.NewKey(1), 0.999, 0.001)
	wantError(t, "tiny", err, ErrEmpty, "part 1")
}

func TestSliceSubsetConcat(t *testing.T) {
	s := numbered(t, 10)
	a, err := s.Slice(2, 5)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Subset([]int{9, 0, 9})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Concat(a, b)
	if err != nil {
		t.Fatal(err)
	}
	if got := drain(t, c.Ordered(), graph.Key{}, 4); !slices.Equal(got, []int{2, 3, 4, 9, 0, 9}) {
		t.Errorf("examples %v", got)
	}
	_, err = s.Slice(3, 3)
	wantError(t, "empty slice", err, ErrEmpty, "3 to 3")
	for _, bad := range [][2]int{{-1, 3}, {0, 11}, {5, 4}} {
		_, err = s.Slice(bad[0], bad[1])
		wantError(t, "slice", err, graph.ErrShape, "of a set of 10")
	}
	_, err = s.Subset(nil)
	wantError(t, "empty subset", err, ErrEmpty, "")
	_, err = s.Subset([]int{3, 10})
	wantError(t, "subset", err, graph.ErrShape, "example 10 of a set of 10")
	_, err = Concat()
	wantError(t, "no sets", err, ErrEmpty, "")
	flat, err := NewSet(graph.Floats32([]float32{1, 2, 3}, 1, 3), graph.Ints([]int{1}, 1))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Concat(s, flat)
	wantError(t, "shapes", err, graph.ErrShape, "set 1 has inputs [1 3]")
	_, err = Concat(s, &Set{X: s.X})
	wantError(t, "no targets", err, graph.ErrShape, "set 1")
	_, err = Concat(s, &Set{X: s.X, Y: s.Y, Classes: []string{"b"}})
	wantError(t, "classes", err, ErrLabel, "set 1")
	_, err = Concat(s, &Set{})
	wantError(t, "zero set", err, ErrEmpty, "set 1")
}

func TestReshape(t *testing.T) {
	s := numbered(t, 3)
	r, err := s.Reshape(1, 2, 1)
	if err != nil || !slices.Equal(r.X.Shape, []int{3, 1, 2, 1}) || &r.X.F32[0] != &s.X.F32[0] {
		t.Errorf("%v, %v", r, err)
	}
	_, err = s.Reshape(3)
	wantError(t, "size", err, graph.ErrShape, "shape [2] as [3]")
}
