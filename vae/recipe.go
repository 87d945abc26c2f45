package vae

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// A Recipe is a published setting: a model with its training.
type Recipe struct {
	Paper  string // where it is from, and what differs
	Model  Config
	Stages []train.Config // runs of the training loop, one after the other on the same model
}

// BurdaStages is the number of stages of the paper's training, 3,280 epochs.
const BurdaStages = 8

// Burda is the model with one stochastic layer for MNIST, pixels in [0, 1], with k samples: the VAE
// for k of 1, the IWAE for more. Stage i of the given number, 1 to BurdaStages, counted from 0,
// runs 3^i epochs, with rates that fall geometrically from 1e-3 in the first to 1e-4 in the last: five
// stages are 121 epochs. The paper also starts with InitOutput of the pixels' means.
func Burda(k, stages int) (Recipe, error) {
	if stages < 1 || stages > BurdaStages {
		return Recipe{}, errors.Wrapf(ErrConfig, "%d stages, expected 1 to %d", stages, BurdaStages)
	}
	tanh := []nn.Dense{{Units: 200, Activation: op.TanhActivation}, {Units: 200, Activation: op.TanhActivation}}
	r := Recipe{
		Paper: "Burda, Grosse & Salakhutdinov 2015, Importance weighted autoencoders, section 5; Adam starts anew in every stage",
		Model: Config{Shape: []int{784}, Encoder: tanh, Latent: 50, Samples: k, Binarize: true},
	}
	epochs := 1
	for i := range stages {
		rate := 1e-3 * math.Pow(10, -float64(i)/float64(max(1, stages-1)))
		r.Stages = append(r.Stages, train.Config{
			Epochs: epochs, BatchSize: 20, Key: graph.NewKey(0).ForkN(i),
			Optim: optim.Config{Rate: rate, Epsilon: 1e-4},
		})
		epochs *= 3
	}
	return r, r.Model.validate()
}
