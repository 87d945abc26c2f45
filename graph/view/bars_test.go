package view

import (
	"errors"
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
)

func TestBars(t *testing.T) {
	area := func(values ...float64) (pixels int, x, y float64) {
		t.Helper()
		img, err := Bars(values, nil, Axes{Title: "bars", X: "unit", Y: "nats"})
		if err != nil {
			t.Fatal(err)
		}
		return count(img, palette[0])
	}
	one, left, _ := area(1, 0)
	both, _, _ := area(1, 1)
	if ratio := float64(both) / float64(one); ratio < 1.9 || ratio > 2.1 {
		t.Errorf("two bars have %d pixels, one %d", both, one)
	}
	if _, right, _ := area(0, 1); right < left+100 {
		t.Errorf("the first bar lies at column %g, the second at %g", left, right)
	}
	_, _, up := area(1, 0.5)
	if _, _, down := area(-1, -0.5); down < up-400 {
		t.Errorf("rows %g up, %g down", up, down)
	}
	if _, err := Bars([]float64{1, 2}, []string{"a", "b"}, Axes{}); err != nil {
		t.Error(err)
	}
}

func TestBadBars(t *testing.T) {
	for name, c := range map[string]struct {
		values []float64
		names  []string
		err    error
	}{
		"none":       {nil, nil, graph.ErrShape},
		"few names":  {[]float64{1, 2}, []string{"a"}, graph.ErrShape},
		"NaN":        {[]float64{1, math.NaN()}, nil, graph.ErrNotFinite},
		"too large":  {[]float64{1e301}, nil, graph.ErrNotFinite},
		"no numbers": {[]float64{}, []string{}, graph.ErrShape},
	} {
		if _, err := Bars(c.values, c.names, Axes{}); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
