package ae_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	loop "github.com/latent-go/latent/graph/train"
)

// A denoising autoencoder on the embedded digits, trained, used and saved.
func Example() {
	train, test, err := mnist.Embedded()
	if err != nil {
		log.Fatal(err)
	}
	model, err := ae.New(ae.Config{
		Shape:      []int{1, 28, 28},
		Encoder:    []nn.Dense{{Units: 256, Activation: op.ReLUActivation}, {Units: 30}},
		Output:     op.SigmoidActivation,
		Corruption: "masking:0.2",
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = loop.Run(context.Background(), model, train, loop.Config{Epochs: 15, BatchSize: 100, Valid: test, Progress: os.Stderr})
	if err != nil {
		log.Fatal(err)
	}
	codes, err := model.Encode(test.X)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(codes.Shape) // [2000 30]
	if err := model.Save("digits.safetensors"); err != nil {
		log.Fatal(err)
	}
}
