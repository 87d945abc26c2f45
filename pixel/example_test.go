package pixel_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/optim"
	loop "github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/pixel"
)

// A gated PixelCNN of the embedded digits: how likely test digits are, and the lower halves of some, drawn anew.
func Example() {
	train, test, err := mnist.Embedded()
	if err != nil {
		log.Fatal(err)
	}
	model, err := pixel.New(pixel.Config{Shape: train.Shape(), Layers: 4, Features: 24})
	if err != nil {
		log.Fatal(err)
	}
	_, err = loop.Run(context.Background(), model, train, loop.Config{
		Epochs: 3, BatchSize: 20, Optim: optim.Config{Rate: 2e-3}, Progress: os.Stderr,
	})
	if err != nil {
		log.Fatal(err)
	}
	logp, err := model.LogLikelihood(graph.NewKey(1), test.X) // exact, in nats
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(logp.Shape) // [2000]
	whole, err := model.Complete(context.Background(), graph.NewKey(2), test.X.Rows(0, 10), 14*28)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(whole.Shape) // [10 784]
}
