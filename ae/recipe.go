package ae

import (
	"math"

	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
)

// A Recipe is a published setting: a model with its training.
type Recipe struct {
	Paper string // where it is from, and what differs
	Model Config
	Train train.Config
}

// Linear is the linear autoencoder with k code units, which learns the subspace of the k leading
// principal components, over a number of steps of the optimiser, of which some thousands are needed.
// The rate follows the size of orthonormal weights, 1/sqrt(d). Batches are of 500 examples: lower
// that for a smaller set.
func Linear(d, k, steps int) Recipe {
	return Recipe{
		Paper: "Baldi & Hornik 1989, Neural networks and principal component analysis; trained by Adam with a decaying rate",
		Model: Config{Shape: []int{d}, Encoder: []nn.Dense{{Units: k}}},
		Train: train.Config{Steps: steps, BatchSize: 500, Optim: optim.Config{
			Rate:     0.06 / math.Sqrt(float64(d)),
			Schedule: optim.Schedule{Kind: optim.Cosine, Steps: steps},
		}},
	}
}

// Denoising is one layer of a stacked denoising autoencoder, for inputs in [0, 1]: masking noise, tied
// weights, logistic units, cross-entropy, plain gradient descent.
func Denoising(d, units int, rate string) Recipe {
	s := op.SigmoidActivation
	return Recipe{
		Paper: "Vincent et al. 2010, Stacked denoising autoencoders, section 5",
		Model: Config{
			Shape:      []int{d},
			Encoder:    []nn.Dense{{Units: units, Activation: s, Init: nn.GlorotSigmoid}},
			Tied:       true,
			Loss:       CrossEntropy,
			Corruption: "masking:" + rate,
		},
		Train: train.Config{Epochs: 30, BatchSize: 20, Optim: optim.Config{Method: optim.SGD, Rate: 0.1}},
	}
}

// Contractive is one contractive layer, for inputs in [0, 1].
func Contractive(d, units int, weight float64) Recipe {
	r := Denoising(d, units, "0")
	r.Paper = "Rifai et al. 2011, Contractive auto-encoders, section 4"
	r.Model.Corruption = ""
	r.Model.Contractive = weight
	return r
}

// Deep is the deep autoencoder for digits, 784-1000-500-250-30 and back, from random weights, which
// Adam and rectified units make possible; the paper pretrains logistic units layer by layer.
func Deep() Recipe {
	layer := func(units int) nn.Dense { return nn.Dense{Units: units, Activation: op.ReLUActivation} }
	return Recipe{
		Paper: "Hinton & Salakhutdinov 2006, Reducing the dimensionality of data with neural networks; ReLU and Adam instead of pretraining",
		Model: Config{
			Shape:   []int{784},
			Encoder: []nn.Dense{layer(1000), layer(500), layer(250), {Units: 30}},
			Loss:    CrossEntropy,
		},
		Train: train.Config{Epochs: 50, BatchSize: 100, Optim: optim.Config{Rate: 1e-3}},
	}
}
