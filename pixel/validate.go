package pixel

import (
	"github.com/latent-go/latent/graph/nn"
	"github.com/pkg/errors"
)

const (
	maxLevels = 256
	maxLayers = 1000
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
	if err := nn.ValidateShape(c.Shape); err != nil {
		return err
	}
	switch {
	case len(c.Shape) != 2 && (len(c.Shape) != 3 || c.Shape[0] != 1):
		return errors.Errorf("Shape %v, expected (y, x) or (1, y, x): one channel", c.Shape)
	case c.Levels < 2 || c.Levels > maxLevels:
		return errors.Errorf("Levels %d, expected 2 to %d values of a pixel", c.Levels, maxLevels)
	case !c.Kind.valid():
		return errors.Errorf("unknown kind %d", int(c.Kind))
	case c.Layers < 1 || c.Layers > maxLayers:
		return errors.Errorf("Layers %d, expected 1 to %d", c.Layers, maxLayers)
	case c.Features < 1 || c.Features > nn.MaxUnits:
		return errors.Errorf("Features %d, expected 1 to %d", c.Features, nn.MaxUnits)
	case c.Heads < 1 || c.Kind == SelfAttention && c.Features%c.Heads != 0:
		return errors.Errorf("Heads %d, expected a number that divides the %d Features", c.Heads, c.Features)
	case c.Classes < 0 || c.Classes == 1 || c.Classes > nn.MaxUnits:
		return errors.Errorf("Classes %d, expected 2 to %d, or 0 for a model without labels", c.Classes, nn.MaxUnits)
	case c.Binarize && c.Levels != 2:
		return errors.Errorf("Binarize needs Levels 2, not %d", c.Levels)
	}
	if n := c.weights(); n > nn.MaxWeights {
		return errors.Errorf("the network has %.0f weights, at most %d are possible", n, nn.MaxWeights)
	}
	return nil
}

// weights is the number of weights and biases: as a float64, since a damaged configuration may ask for any
// number.
func (c Config) weights() float64 {
	h, classes, pixels := float64(c.Features), float64(c.Classes), float64(c.pixels())
	map1 := func(in, out float64) float64 { return (in + 1) * out }
	total := map1(h, float64(c.outputs()))
	each := 0.0
	switch c.Kind {
	case Convolutional:
		layer := func(in, above, left float64) float64 {
			return map1(in*above, 2*h) + map1(in*left, 2*h) + map1(2*h, 2*h) + map1(h, h) + 2*classes*2*h
		}
		total += layer(1, float64(len(aboveRow(firstReach).Taps)), firstReach) + map1(h, h)
		each = layer(h, float64(len(upToRow().Taps)), 2)
	case Recurrent:
		total += map1(float64(len(before(firstReach).Taps)), h) + map1(h, h)
		each = map1(2*h, 4*h) + classes*4*h + (2*rowReach+1)*h*4*h + map1(h, h)
	case SelfAttention:
		total += map1(float64(len(before(firstReach).Taps)), h) + map1(1, h) + pixels*h + 2*h
		each = 4*map1(h, h) + map1(h, widening*h) + map1(widening*h, h) + 4*h + classes*h
	}
	return total + float64(c.Layers)*each
}
