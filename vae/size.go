package vae

import "github.com/latent-go/latent/graph/nn"

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
