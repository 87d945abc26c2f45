package pretrain_test

import (
	"context"
	"fmt"
	"log"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/pretrain"
	"github.com/latent-go/latent/rbm"
)

// A machine below an autoencoder become a classifier.
func Example() {
	digits, test, err := mnist.Embedded()
	if err != nil {
		log.Fatal(err)
	}
	digits, err = digits.Slice(0, 3000)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	training := train.Config{Epochs: 3, BatchSize: 50}
	stack, _, err := pretrain.Train(ctx, pretrain.Config{Layers: []pretrain.Layer{
		{RBM: &rbm.Config{Hidden: 100, Steps: 1}, Train: training},
		{AE: &ae.Config{Encoder: []nn.Dense{{Units: 60, Activation: op.SigmoidActivation}}, Loss: ae.CrossEntropy}, Train: training},
	}}, digits)
	if err != nil {
		log.Fatal(err)
	}
	network, _, err := pretrain.Finetune(ctx, stack, pretrain.Head{Outputs: 10}, digits, train.Config{Epochs: 15, BatchSize: 20})
	if err != nil {
		log.Fatal(err)
	}
	labels, err := network.Labels(test.X)
	if err != nil {
		log.Fatal(err)
	}
	wrong := 0
	for i, label := range labels {
		if label != test.Y.Int[i] {
			wrong++
		}
	}
	fmt.Println("fewer than 10 % wrong:", 10*wrong < len(labels))
	// Output: fewer than 10 % wrong: true
}
