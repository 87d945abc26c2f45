package lm

import (
	"github.com/latent-go/latent/graph/nn"
	"github.com/pkg/errors"
)

const (
	maxLayers  = 1000
	maxNumbers = 1 << 28 // that layers have of a window: 1 GiB
)

// validate puts the defaults in place and says what is wrong with the configuration, if anything, as an ErrConfig.
func (c *Config) validate() error {
	*c = c.complete()
	if err := c.checkSizes(); err != nil {
		return errors.Wrap(ErrConfig, err.Error())
	}
	return nil
}

func (c Config) checkSizes() error {
	switch {
	case !c.Kind.valid():
		return errors.Errorf("unknown kind %d", int(c.Kind))
	case c.Vocabulary < 2 || c.Vocabulary > nn.MaxUnits:
		return errors.Errorf("Vocabulary %d, expected 2 to %d tokens", c.Vocabulary, nn.MaxUnits)
	case c.Tokens != nil && c.Tokens.Len() != c.Vocabulary:
		return errors.Errorf("Vocabulary %d, but Tokens has %d", c.Vocabulary, c.Tokens.Len())
	case c.Context < 1 || c.Context > nn.MaxUnits:
		return errors.Errorf("Context %d, expected 1 to %d tokens", c.Context, nn.MaxUnits)
	case c.Layers < 1 || c.Layers > maxLayers:
		return errors.Errorf("Layers %d, expected 1 to %d", c.Layers, maxLayers)
	case c.Units < 1 || c.Units > nn.MaxUnits:
		return errors.Errorf("Units %d, expected 1 to %d", c.Units, nn.MaxUnits)
	case c.Heads < 1 || c.Kind == Transformer && c.Units%c.Heads != 0:
		return errors.Errorf("Heads %d, expected a number that divides the %d Units", c.Heads, c.Units)
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return errors.Errorf("Dropout %g, expected a probability in [0, 1)", c.Dropout)
	}
	if n := c.weights(); n > nn.MaxWeights {
		return errors.Errorf("the network has %.0f weights, at most %d are possible", n, nn.MaxWeights)
	}
	if n := c.numbers(); n > maxNumbers {
		return errors.Errorf("the network has %.0f numbers in a window of Context tokens, at most %d are possible", n, maxNumbers)
	}
	return nil
}

// numbers is how many the layers and the output have of a window, about.
func (c Config) numbers() float64 {
	return float64(c.Context) * (float64(c.Vocabulary) + widening*float64(c.Units)*float64(c.Layers))
}

// weights is the number of weights and biases: as a float64, since a damaged configuration may ask for any
// number.
func (c Config) weights() float64 {
	v, t, h, layers := float64(c.Vocabulary), float64(c.Context), float64(c.Units), float64(c.Layers)
	total := v*h + v
	if !c.Tied {
		total += v * h
	}
	switch c.Kind {
	case FeedForward:
		return total + (t*h+1)*h + (layers-1)*(h+1)*h
	case Recurrent:
		return total + layers*(2*h+1)*4*h
	}
	block := 4*(h+1)*h + (h+1)*widening*h + (widening*h+1)*h + 4*h
	return total + t*h + layers*block + 2*h
}
