package main

import (
	"context"
	"os"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/vae"
)

// demo trains a model that offers everything, in a few seconds with 10 epochs.
func demo(ctx context.Context, epochs int) (*model, error) {
	digits, test, err := mnist.Embedded()
	if err != nil {
		return nil, err
	}
	v, err := vae.New(vae.Config{
		Shape:   digits.Shape(),
		Encoder: []nn.Dense{{Units: 256, Activation: op.ReLUActivation}},
		Latent:  10,
		Seed:    1,
	})
	if err != nil {
		return nil, err
	}
	const batch = 100
	_, err = train.Run(ctx, v, digits, train.Config{
		Epochs:    epochs,
		BatchSize: batch,
		Optim:     optim.Config{Rate: 3e-3, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: epochs * digits.Len() / batch, Final: 0.05}},
		Key:       graph.NewKey(1),
		Valid:     test,
		Progress:  os.Stderr,
	})
	if err != nil {
		return nil, err
	}
	return fromVAE(v), nil
}
