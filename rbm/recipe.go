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

// Melchior is the machine of 16 hidden units on d binary inputs whose likelihood is exact, with or without centring.
// The paper starts from weights of U(+-4 sqrt(6/(d+16))) and from visible biases of the data's mean.
func Melchior(d int, centred bool) Recipe {
	r := Recipe{
		Paper: "Melchior, Fischer & Wiskott 2016, How to center deep Boltzmann machines, section 5",
		Model: Config{Visible: d, Hidden: 16, Steps: 1, Chains: 100},
		Train: train.Config{Epochs: 50, BatchSize: 100, Optim: optim.Config{Method: optim.SGD, Rate: 0.01}},
	}
	if centred {
		r.Model.Centring = 0.01
	}
	return r
}
