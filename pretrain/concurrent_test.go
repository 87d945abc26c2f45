package pretrain

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/train"
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

// TestThreads trains a stack and a deep belief net on one and on three threads, to the same bits.
func TestThreads(t *testing.T) {
	src := digits(t, 200)
	fit := func(threads int) (*Stack, *DBN) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		s := mustTrain(t, Machines(src.Len(), 1, 80, 70), src)
		d, err := s.DBN(DBNHead{Labels: 10, Steps: 2, Chains: 50})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := train.Run(context.Background(), d, src, sgd(1)); err != nil {
			t.Fatal(err)
		}
		return s, d
	}
	s1, d1 := fit(1)
	s3, d3 := fit(3)
	sameBits(t, "stack", s1, s3)
	for name, v := range valuesOf(d1) {
		if !slices.Equal(v, d3.Params().Lookup(name).Value().F32) {
			t.Errorf("%s of the net depends on the number of threads", name)
		}
	}
}
