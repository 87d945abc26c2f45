package data

import (
	"slices"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

func TestCondition(t *testing.T) {
	y, err := Condition([]int{2, 0}, 2, 3)
	if err != nil || !slices.Equal(y.Shape, []int{2, 3}) || !slices.Equal(y.F32, []float32{0, 0, 1, 1, 0, 0}) {
		t.Errorf("%+v, %v", y, err)
	}
	if y, err := Condition(nil, 2, 0); err != nil || !y.IsZero() {
		t.Errorf("without classes: %+v, %v", y, err)
	}
	for _, c := range []struct {
		labels     []int
		n, classes int
		want       error
	}{
		{[]int{1}, 1, 0, graph.ErrShape}, {nil, 2, 3, graph.ErrShape}, {[]int{1, 2, 0}, 2, 3, graph.ErrShape},
		{[]int{1, 3}, 2, 3, graph.ErrRange}, {[]int{-1, 0}, 2, 3, graph.ErrRange},
	} {
		if _, err := Condition(c.labels, c.n, c.classes); !errors.Is(err, c.want) {
			t.Errorf("%v of %d classes for %d examples: %v", c.labels, c.classes, c.n, err)
		}
	}
}
