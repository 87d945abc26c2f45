package rbm

import (
	"slices"
	"sync"
	"testing"

	"github.com/latent-go/latent/graph"
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
	var wg sync.WaitGroup
	for name, use := range uses {
		for caller := range 4 {
			n := 3 + 150*caller // more than one run takes, too
			want, err := use(n)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			wg.Go(func() {
				for range 3 {
					got, err := use(n)
					if err != nil || !slices.Equal(got.Shape, want.Shape) || !slices.Equal(got.F32, want.F32) {
						t.Errorf("%s of %d examples: other numbers than alone (%v)", name, n, err)
					}
				}
			})
		}
	}
	wg.Wait()
}
