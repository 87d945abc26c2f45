package vae_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	loop "github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/vae"
)

// A variational autoencoder of the embedded digits that draws a digit to order: it is trained with their
// labels.
func Example() {
	train, test, err := mnist.Embedded()
	if err != nil {
		log.Fatal(err)
	}
	hidden := []nn.Dense{{Units: 300, Activation: op.ReLUActivation}, {Units: 300, Activation: op.ReLUActivation}}
	model, err := vae.New(vae.Config{Shape: []int{1, 28, 28}, Encoder: hidden, Latent: 10, Classes: 10})
	if err != nil {
		log.Fatal(err)
	}
	_, err = loop.Run(context.Background(), model, train, loop.Config{Epochs: 20, BatchSize: 100, Valid: test, Progress: os.Stderr})
	if err != nil {
		log.Fatal(err)
	}
	units, err := model.Units(test.X, test.Y.Int...)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(units.Active, "units in use", units.Collapsed()) // collapse is told in words
	sevens, err := model.Sample(graph.NewKey(1), 3, 7, 7, 7)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sevens.Shape) // [3 784]
}
