package rbm

import (
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
)

// A Recipe is a published setting: a model with its training.
type Recipe struct {
	Paper string // where it is from, and what differs
	Model Config
	Train train.Config
}

// Melchior is the machine of 16 hidden units on d binary inputs whose likelihood is exact, with or without
// centring. The paper starts from visible biases of the data's mean, and the authors' code from chains of
// zeros.
func Melchior(d int, centred bool) Recipe {
	r := Recipe{
		Paper: "Melchior, Fischer & Wiskott 2016, How to center deep Boltzmann machines, section 5",
		Model: Config{Visible: d, Hidden: 16, Steps: 1, Chains: 100, InitUniform: true},
		Train: train.Config{Epochs: 50, BatchSize: 100, Optim: optim.Config{Method: optim.SGD, Rate: 0.01}},
	}
	if centred {
		r.Model.Centring = 0.01
	}
	return r
}

// Salakhutdinov is the machine of 500 hidden units on 784 binary inputs, by contrastive divergence of k
// steps. With more steps the rate is lower, in proportion.
func Salakhutdinov(k, epochs int) Recipe {
	const early = 5 * 600 // steps: five epochs of 60,000 examples
	return Recipe{
		Paper: "Salakhutdinov & Murray 2008, On the quantitative analysis of deep belief networks, section 5.1",
		Model: Config{Visible: 784, Hidden: 500, Steps: k},
		Train: train.Config{Epochs: epochs, BatchSize: 100, Optim: optim.Config{
			Method: optim.Momentum, Rate: 0.05 / float64(k), Momentum: 0.9, EarlyMomentum: 0.5, EarlySteps: early, L2: 2e-4,
		}},
	}
}

// FischerIgel is the machine of 16 visible and 16 hidden units on bars and stripes, whose CD-1 diverges: all
// 32 images make a batch.
func FischerIgel(epochs int) Recipe {
	return Recipe{
		Paper: "Fischer & Igel 2010, Empirical analysis of the divergence of Gibbs sampling based learning algorithms for RBMs, section 4",
		Model: Config{Visible: 16, Hidden: 16, Steps: 1},
		Train: train.Config{Epochs: epochs, BatchSize: 32, Optim: optim.Config{Method: optim.SGD, Rate: 0.1}},
	}
}

// LarochelleMurray is a machine that is small enough for an exact likelihood, on d binary inputs. The paper
// does not give the training.
func LarochelleMurray(d, hidden int) Recipe {
	return Recipe{
		Paper: "Larochelle & Murray 2011, The neural autoregressive distribution estimator, section 5; persistent contrastive divergence with a falling rate",
		Model: Config{Visible: d, Hidden: hidden, Steps: 5, Chains: 100},
		Train: train.Config{Epochs: 500, BatchSize: 100, Optim: optim.Config{Method: optim.SGD, Rate: 0.02, L2: 1e-3}},
	}
}

// ScikitLearn is that library's example on digits of 8x8 pixels.
func ScikitLearn(epochs int) Recipe {
	return Recipe{
		Paper: "scikit-learn, Restricted Boltzmann Machine features for digit classification",
		Model: Config{Visible: 64, Hidden: 100, Steps: 1, Chains: 10},
		Train: train.Config{Epochs: epochs, BatchSize: 10, Optim: optim.Config{Method: optim.SGD, Rate: 0.06}},
	}
}
