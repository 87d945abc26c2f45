package ae

import "github.com/latent-go/latent/graph/nn"

const (
	maxUnits   = 1 << 20 // of a layer
	maxWeights = 1 << 30 // of a model: 4 GiB
)

// weights is the number of weights and biases that the file of a kind holds, at least: as a float64,
// since a damaged configuration may ask for any number.
func (c Config) weights(kind string) float64 {
	encoder := stackWeights(c.Inputs(), c.Encoder)
	decoder := stackWeights(c.CodeSize(), append(c.decoder(), c.output()))
	switch {
	case kind == kindDecoder:
		return decoder
	case kind == kindEncoder || c.Tied:
		return encoder
	}
	return encoder + decoder
}

func stackWeights(in int, layers []nn.Dense) float64 {
	total := 0.0
	for _, l := range layers {
		total += float64(l.Units) * float64(in+1)
		in = l.Units
	}
	return total
}
