package rbm

import (
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
)

// TestConcurrentUse asks one machine for all of its uses from many goroutines, each with a number of
// examples of its own, and compares with what it says when it is asked alone. It runs under the race
// detector too.
func TestConcurrentUse(t *testing.T) {
	m, err := newModel(Config{Visible: 40, Hidden: 30, Steps: 1, Chains: 10}, graph.Float32)
	if err != nil {
		t.Fatal(err)
	}
	spread(t, m, 0.3)
	uses := map[string]func(n int) (graph.Array, error){
		"Transform":     func(n int) (graph.Array, error) { return m.Transform(binary(n, 40).X) },
		"Reconstruct":   func(n int) (graph.Array, error) { return m.Reconstruct(binary(n, 40).X) },
		"FreeEnergy":    func(n int) (graph.Array, error) { return m.FreeEnergy(binary(n, 40).X) },
		"SampleHidden":  func(n int) (graph.Array, error) { return m.SampleHidden(graph.NewKey(1), binary(n, 40).X) },
		"SampleVisible": func(n int) (graph.Array, error) { return m.SampleVisible(graph.NewKey(2), binary(n, 30).X) },
		"Sample":        func(n int) (graph.Array, error) { return m.Sample(t.Context(), graph.NewKey(3), n, 3, 2) },
		"AIS": func(n int) (graph.Array, error) {
			r, err := m.AIS(t.Context(), graph.NewKey(4), AISConfig{Chains: n, Temperatures: 5})
			return graph.Floats32([]float32{float32(r.LogZ)}), err
		},
	}
	// 453 are more than one run takes.
	if err := graphtest.CheckConcurrent(uses, 3, 153, 303, 453); err != nil {
		t.Error(err)
	}
}
