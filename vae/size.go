package vae

import (
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/nn"
	"github.com/pkg/errors"
)

const (
	maxUnits   = 1 << 20 // of a layer
	maxWeights = 1 << 30 // of a model: 4 GiB
	maxSamples = 1 << 16 // of an example in training
	maxSteps   = 1 << 40 // of a training
)

// weights is the number of weights and biases of a model, at least: as a float64, since a damaged
// configuration may ask for any number.
func (c Config) weights() float64 {
	hidden, width := stackWeights(c.Inputs()+c.Classes, c.Encoder)
	head, _ := stackWeights(width, []nn.Dense{c.head()})
	decoder, _ := stackWeights(c.Latent+c.Classes, c.decoder())
	return hidden + 2*head + decoder
}

// stackWeights counts the weights of a stack, and tells how wide its result is.
func stackWeights(in int, layers []nn.Dense) (total float64, width int) {
	for _, l := range layers {
		total += float64(l.Units) * float64(in+1)
		in = l.Units
	}
	return total, in
}

// checkHolds returns an error if a file is too small for a model of c, before memory for it is taken.
func (c Config) checkHolds(file *ckpt.File) error {
	have := 0.0
	for _, a := range file.Tensors {
		have += float64(a.Len())
	}
	if need := c.weights(); need > have {
		return errors.Wrapf(ckpt.ErrMismatch, "the configuration asks for %.0f weights, the file holds %.0f", need, have)
	}
	return nil
}
