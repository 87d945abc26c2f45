package vae

import (
	"fmt"
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// TestInitOutput: a decoder without weights gives the mean, whatever z is.
func TestInitOutput(t *testing.T) {
	probabilities := []float64{0.1, 0.7, 0.2, 0.5, 0.25, 0.25}
	for name, mean := range map[string][]float64{
		"plain": probabilities, "linear": probabilities, "categorical": probabilities, "own decoder": probabilities, "conditional": probabilities,
		"fixed": {-3, 2, 0, 1e3, 0.5, 7}, "learnt": {-3, 2, 0, 1e3, 0.5, 7},
	} {
		cfg := kinds()[name]
		m := model(t, cfg, graph.Float64)
		last := fmt.Sprintf("dec/%d/w", len(cfg.decoder())-1)
		set(t, m, last, make([]float64, m.params.Lookup(last).Size))
		if err := m.InitOutput(mean); err != nil {
			t.Fatal(err)
		}
		var labels []int
		if cfg.Classes > 0 {
			labels = []int{1, 0}
		}
		y := must(m.Sample(graph.NewKey(1), 2, labels...))(t)
		for i := range y.F64 {
			near(t, name, y.F64[i], mean[i%6], 1e-12)
		}
	}
	m := model(t, kinds()["plain"], graph.Float32)
	if err := m.InitOutput([]float64{0, 1, 0.5, 0, 1, 0}); err != nil || m.params.Lookup("dec/1/b").Value().CheckFinite() != nil {
		t.Errorf("pixels that never change: %v", err)
	}
	if err := m.InitOutput([]float64{0.5}); !errors.Is(err, graph.ErrShape) {
		t.Errorf("a short mean: %v", err)
	}
	if err := m.InitOutput([]float64{0, 0, 0, 0, 0, 1.5}); !errors.Is(err, graph.ErrRange) {
		t.Errorf("an impossible mean: %v", err)
	}
	g := model(t, kinds()["learnt"], graph.Float32)
	if err := g.InitOutput([]float64{0, 0, 0, 0, 0, math.NaN()}); !errors.Is(err, graph.ErrNotFinite) {
		t.Errorf("NaN: %v", err)
	}
}
