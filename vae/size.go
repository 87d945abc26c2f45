package vae

import "github.com/latent-go/latent/graph/nn"

const (
	maxUnits   = nn.MaxUnits
	maxWeights = nn.MaxWeights
	maxSamples = 1 << 16 // of an example in training
	maxSteps   = 1 << 40 // of a training
)

// weights is the number of weights and biases of a model, at least: as a float64, since a damaged
// configuration may ask for any number.
func (c Config) weights() float64 {
	hidden, width := nn.Weights(c.Inputs()+c.Classes, c.Encoder)
	head, _ := nn.Weights(width, []nn.Dense{c.head()})
	decoder, _ := nn.Weights(c.Latent+c.Classes, c.decoder())
	return hidden + 2*head + decoder
}
