package pretrain

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/latent-go/latent/graph"
)

// TestConcurrentUse calls trained models from many goroutines, and compares with what one gets.
func TestConcurrentUse(t *testing.T) {
	src := bars(40, 12)
	s := mustTrain(t, machines(), src)
	n, err := s.Network(Head{Outputs: 2})
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.DBN(DBNHead{Labels: 2, Steps: 1})
	if err != nil {
		t.Fatal(err)
	}
	uses := []func() (graph.Array, error){
		func() (graph.Array, error) { return s.Encode(src.X) },
		func() (graph.Array, error) { return n.Predict(src.X) },
		func() (graph.Array, error) { return d.Predict(src.X) },
		func() (graph.Array, error) {
			x, _, err := d.Generate(context.Background(), graph.NewKey(1), Fantasy{N: 5, Steps: 3})
			return x, err
		},
	}
	for i, use := range uses {
		want, err := use()
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if got, err := use(); err != nil || !slices.Equal(got.F32, want.F32) {
					t.Errorf("use %d: another result on another goroutine (%v)", i, err)
				}
			})
		}
		wg.Wait()
	}
}
