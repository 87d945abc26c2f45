package rbm_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/rbm"
)

// A machine learns two patterns, and completes one of which half is given.
func Example() {
	patterns := graph.Floats32([]float32{
		1, 1, 0, 0, 1, 0,
		0, 0, 1, 1, 0, 1,
	}, 2, 6)
	set, err := data.NewSet(patterns, graph.Array{})
	if err != nil {
		log.Fatal(err)
	}
	m, err := rbm.New(rbm.Config{Visible: 6, Hidden: 4, Steps: 1, Chains: 20, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if _, err := train.Run(ctx, m, set, train.Config{
		Epochs: 4000, BatchSize: 2,
		Optim: optim.Config{Method: optim.SGD, Rate: 0.1, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: 4000}},
	}); err != nil {
		log.Fatal(err)
	}
	logZ, err := m.LogZ(ctx)
	if err != nil {
		log.Fatal(err)
	}
	logp, err := m.LogLikelihood(patterns, logZ)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the two of 64 states have almost all probability:", math.Exp(logp.At(0))+math.Exp(logp.At(1)) > 0.9)

	given := graph.Floats32([]float32{0, 0, 1, 0, 0, 0}, 1, 6)
	known := graph.Floats32([]float32{1, 1, 1, 0, 0, 0}, 6)
	_, means, err := m.Complete(ctx, graph.NewKey(2), given, known, 50)
	if err != nil {
		log.Fatal(err)
	}
	for i := range 6 {
		fmt.Printf("%.0f ", means.At(i))
	}
	// Output:
	// the two of 64 states have almost all probability: true
	// 0 0 1 1 0 1
}
