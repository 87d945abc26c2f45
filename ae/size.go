package ae

import "github.com/latent-go/latent/graph/nn"

// weights is the number of weights and biases that the file of a kind holds, at least: as a float64,
// since a damaged configuration may ask for any number.
func (c Config) weights(kind string) float64 {
	in := c.Inputs()
	if len(c.Conv) > 0 {
		in = c.features()
	}
	encoder, _ := nn.Weights(in, c.Encoder)
	decoder, _ := nn.Weights(c.CodeSize(), c.denseDecoder())
	images := c.images()
	for i, l := range c.Conv { // filters, the same number in both, and the biases of each
		filters := float64(l.Size*l.Size) * float64(images[i].channels) * float64(l.Units)
		encoder += filters + float64(l.Units)
		decoder += filters + float64(images[i].channels)
	}
	switch {
	case kind == kindDecoder:
		return decoder
	case kind == kindEncoder || c.Tied:
		return encoder
	}
	return encoder + decoder
}

// chunk is how many examples one run encodes or decodes at most, so that the features of a convolution have some
// 16 MB.
func (c Config) chunk() int {
	most := 1
	for _, i := range c.images() {
		most = max(most, i.size())
	}
	return min(256, max(1, (1<<22)/most))
}
