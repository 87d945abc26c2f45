package ae

import "github.com/latent-go/latent/graph/nn"

// weights is the number of weights and biases that the file of a kind holds, at least: as a float64,
// since a damaged configuration may ask for any number.
func (c Config) weights(kind string) float64 {
	encoder, _ := nn.Weights(c.Inputs(), c.Encoder)
	decoder, _ := nn.Weights(c.CodeSize(), append(c.decoder(), c.output()))
	switch {
	case kind == kindDecoder:
		return decoder
	case kind == kindEncoder || c.Tied:
		return encoder
	}
	return encoder + decoder
}
