package pretrain

import (
	"github.com/latent-go/latent/graph/data"
	"github.com/pkg/errors"
)

// DBNConfig describes a deep belief net of Bernoulli units. Its JSON form is part of model files.
type DBNConfig struct {
	// Visible is d, the number of elements of an example, each in [0, 1].
	Visible int `json:"visible"`

	// Hidden are the numbers of units of the hidden layers from the bottom up, at least one. The top two
	// layers are a restricted Boltzmann machine.
	Hidden []int `json:"hidden"`

	// Labels is the number of classes, at least 2, whose softmax group joins the visible units of the top
	// machine (Hinton, Osindero & Teh 2006, figure 1). The default, 0, is none.
	Labels int `json:"labels,omitempty"`

	// Steps is k, the Gibbs steps in the top machine behind one gradient, 1 to 1000. The paper raises it
	// from 3 to 10 in the course of training.
	Steps int `json:"steps"`

	// Chains is the number of persistent chains of the top machine (Tieleman 2008): the negative and the
	// sleep phase go on from where they were instead of from the wake phase, which makes better fantasies.
	// The default, 0, is contrastive divergence, as in the paper.
	Chains int `json:"chains,omitempty"`

	// Normalizer is what the data went through before it reached the net; it travels with the file. The net
	// does not apply it. Default none.
	Normalizer *data.Normalizer `json:"normalizer,omitempty"`

	// Seed decides the initial weights, which are normal with mean 0 and standard deviation 0.01.
	Seed uint64 `json:"seed"`
}

// validate says what is wrong with the configuration, if anything, as an ErrConfig.
func (c DBNConfig) validate() error {
	bad := func(format string, args ...any) error { return errors.Wrapf(ErrConfig, format, args...) }
	if len(c.Hidden) == 0 || len(c.Hidden) > maxLayers {
		return bad("%d hidden layers, expected 1 to %d", len(c.Hidden), maxLayers)
	}
	for i, units := range append([]int{c.Visible}, c.Hidden...) {
		if units < 1 || units > maxUnits {
			return bad("layer %d of %d units, expected 1 to %d", i, units, maxUnits)
		}
	}
	switch {
	case c.Labels < 0 || c.Labels == 1 || c.Labels > maxUnits:
		return bad("%d labels, expected 0 for none, or at least 2", c.Labels)
	case c.Steps < 1 || c.Steps > 1000:
		return bad("%d steps of Gibbs sampling, expected 1 to 1000", c.Steps)
	case c.Chains < 0 || c.Chains > maxUnits:
		return bad("%d persistent chains, expected 0 for none, to %d", c.Chains, maxUnits)
	case c.weights() > maxWeights:
		return bad("%.0f weights, at most %d are possible", c.weights(), maxWeights)
	}
	if err := c.Normalizer.Fits([]int{c.Visible}); err != nil {
		return bad("Normalizer: %v", err)
	}
	return nil
}

// top is the number of the layer below the top machine's hidden units: 0 is the visible one.
func (c DBNConfig) top() int { return len(c.Hidden) - 1 }

// units is the size of layer i, 0 the visible one.
func (c DBNConfig) units(i int) int {
	if i == 0 {
		return c.Visible
	}
	return c.Hidden[i-1]
}

// weights is the number of weights, biases and states of chains: as a float64, since a damaged configuration may ask for
// any number.
func (c DBNConfig) weights() float64 {
	total := 0.0
	for i := range c.top() {
		d, h := float64(c.units(i)), float64(c.units(i+1))
		total += 2*d*h + d + h
	}
	d, h := float64(c.units(c.top()))+float64(c.Labels), float64(c.units(c.top()+1))
	return total + d*h + d + h + d*float64(c.Chains)
}
