package pretrain

import (
	"context"
	"runtime"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
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
	uses := map[string]func(x graph.Array) (graph.Array, error){
		"stack":   s.Encode,
		"network": n.Predict,
		"net":     d.Predict,
		"fantasies": func(graph.Array) (graph.Array, error) {
			x, _, err := d.Generate(context.Background(), graph.NewKey(1), Fantasy{N: 5, Steps: 3})
			return x, err
		},
	}
	if err := graphtest.CheckConcurrent(uses, slices.Repeat([]graph.Array{src.X}, 8)...); err != nil {
		t.Error(err)
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
