// Package rbm holds restricted Boltzmann machines of Bernoulli units, trained by contrastive
// divergence or with persistent chains, with exact and estimated likelihoods.
//
// The energy of visible v (d) and hidden h is E(v, h) = -v b - h c - v w h', with weights w (d, h),
// visible bias b (d) and hidden bias c (h); p(v, h) is proportional to exp(-E).
package rbm

import (
	"math"

	"github.com/latent-go/latent/graph/ckpt"
	"github.com/pkg/errors"
)

// ErrConfig is wrapped by every error about a Config or the settings of an estimate.
var ErrConfig = errors.New("rbm: wrong configuration")

const (
	maxUnits   = 1 << 20 // of either side, and chains
	maxWeights = 1 << 30 // 4 GiB
	maxSteps   = 1000    // of Gibbs sampling in one gradient
)

// Config describes a restricted Boltzmann machine. Its JSON form is part of model files.
type Config struct {
	// Visible is d, the number of elements of an example, each in [0, 1].
	Visible int `json:"visible"`

	// Hidden is the number of hidden units.
	Hidden int `json:"hidden"`

	// Steps is k, the steps of Gibbs sampling behind one gradient, 1 to 1000. More steps cost time in
	// proportion and bring the estimate nearer to the gradient of the likelihood.
	Steps int `json:"steps"`

	// Chains is the number of persistent chains (Tieleman 2008): the negative phase goes on from where
	// it was instead of from the data. The default, 0, is contrastive divergence (Hinton 2002). As many
	// as examples in a batch is usual.
	Chains int `json:"chains,omitempty"`

	// Centring is the rate, in (0, 1], typically 0.01, at which the offsets of centring follow the means of
	// visible and hidden units (Melchior et al. 2016): learning that does not depend on whether ones or
	// zeros prevail. The default, 0, is none.
	Centring float64 `json:"centring,omitempty"`

	// InitStd is the standard deviation of the initial weights, which are normal with mean 0; default
	// 0.01 (Hinton 2010, "A practical guide", section 8).
	InitStd float64 `json:"init_std,omitempty"`

	// Seed decides the initial weights and chains.
	Seed uint64 `json:"seed"`
}

func (c Config) validate() error {
	switch {
	case c.Visible < 1 || c.Visible > maxUnits:
		return errors.Wrapf(ErrConfig, "%d visible units, expected 1 to %d", c.Visible, maxUnits)
	case c.Hidden < 1 || c.Hidden > maxUnits:
		return errors.Wrapf(ErrConfig, "%d hidden units, expected 1 to %d", c.Hidden, maxUnits)
	case c.Steps < 1 || c.Steps > maxSteps:
		return errors.Wrapf(ErrConfig, "%d steps of Gibbs sampling, expected 1 to %d", c.Steps, maxSteps)
	case c.Chains < 0 || c.Chains > maxUnits:
		return errors.Wrapf(ErrConfig, "%d persistent chains, expected 0 for none, to %d", c.Chains, maxUnits)
	case !(c.Centring >= 0 && c.Centring <= 1):
		return errors.Wrapf(ErrConfig, "Centring %g, expected 0 for none, to 1", c.Centring)
	case !(c.InitStd >= 0 && c.InitStd <= math.MaxFloat32):
		return errors.Wrapf(ErrConfig, "InitStd %g, expected a finite number that is not negative", c.InitStd)
	case c.numbers() > maxWeights:
		return errors.Wrapf(ErrConfig, "%.0f weights and states of chains, at most %d are possible", c.numbers(), maxWeights)
	}
	return nil
}

// numbers is how many numbers a model holds: as a float64, since a damaged configuration may ask for
// any number.
func (c Config) numbers() float64 {
	d, h := float64(c.Visible), float64(c.Hidden)
	return d*h + d + h + d*float64(c.Chains)
}

// checkHolds returns an error if a file is too small for a model of c, before memory for it is taken.
func (c Config) checkHolds(file *ckpt.File) error {
	have := 0.0
	for _, a := range file.Tensors {
		have += float64(a.Len())
	}
	if need := c.numbers(); need > have {
		return errors.Wrapf(ckpt.ErrMismatch, "the configuration asks for %.0f numbers, the file holds %.0f", need, have)
	}
	return nil
}

func (c Config) initStd() float64 {
	if c.InitStd == 0 {
		return 0.01
	}
	return c.InitStd
}
