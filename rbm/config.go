// Package rbm holds restricted Boltzmann machines: Bernoulli, Gaussian and softmax visible units,
// Bernoulli, rectified and Gaussian hidden units, trained by contrastive divergence, with persistent
// chains or parallel tempering, with exact and estimated likelihoods.
//
// The energy of visible v (d) and hidden h is E(v, h) = -v b - h c - v w h', with weights w (d, h),
// visible bias b (d) and hidden bias c (h); p(v, h) is proportional to exp(-E). With Gaussian visible
// units, v / sigma^2 takes the place of v in the interaction and sum (v - b)^2 / (2 sigma^2) that of
// -v b; with Gaussian hidden units, sum (h - c)^2 / 2 takes the place of -h c.
package rbm

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/pkg/errors"
)

// ErrConfig is wrapped by every error about a Config or the settings of an estimate.
var ErrConfig = errors.New("rbm: wrong configuration")

const (
	maxUnits   = 1 << 20 // of either side, and chains
	maxWeights = 1 << 30 // 4 GiB
	maxSteps   = 1000    // of Gibbs sampling in one gradient

	maxTemperatures = 1000
)

// Config describes a restricted Boltzmann machine. Its JSON form is part of model files.
type Config struct {
	// Visible is d, the number of elements of an example.
	Visible int `json:"visible"`

	// VisibleUnits is Bernoulli, the default, for data in [0, 1]; Gaussian for real numbers, best
	// normalised to mean 0 and variance 1; or Softmax for one-hot groups.
	VisibleUnits Units `json:"visible_units,omitempty"`

	// Categories is the size of a group of softmax units, at least 2: it divides Visible.
	Categories int `json:"categories,omitempty"`

	// Std is the standard deviation of Gaussian visible units, at the start if LearnStd is set; default 1.
	Std float64 `json:"std,omitempty"`

	// LearnStd makes the standard deviation of each Gaussian visible unit a parameter, "logvar". It
	// wants a lower learning rate than the weights; see optim.Config.RateScales.
	LearnStd bool `json:"learn_std,omitempty"`

	// Hidden is the number of hidden units.
	Hidden int `json:"hidden"`

	// HiddenUnits is Bernoulli, the default, Rectified or Gaussian. The latter two have no upper limit and
	// want a learning rate ten to a hundred times lower; with Gaussian units on both sides the machine is
	// a distribution only while the weights are small.
	HiddenUnits Units `json:"hidden_units,omitempty"`

	// Steps is k, the steps of Gibbs sampling behind one gradient, 1 to 1000. More steps cost time in
	// proportion and bring the estimate nearer to the gradient of the likelihood.
	Steps int `json:"steps"`

	// VisibleMeans makes the chains of training take the means of the visible units in place of draws
	// (Hinton 2010, section 3.2; the code of Hinton & Salakhutdinov 2006): less noise, but the chains are
	// no longer those of the model.
	VisibleMeans bool `json:"visible_means,omitempty"`

	// Chains is the number of persistent chains (Tieleman 2008): the negative phase goes on from where
	// it was instead of from the data. The default, 0, is contrastive divergence (Hinton 2002). As many
	// as examples in a batch is usual.
	Chains int `json:"chains,omitempty"`

	// Temperatures is the number of temperatures of parallel tempering, from 1 down to 0, at least 2, with
	// Chains ladders of as many states each: for models whose chains get stuck. The default, 0, is none.
	// It is for Bernoulli hidden units over Bernoulli or softmax ones.
	Temperatures int `json:"temperatures,omitempty"`

	// Centring is the rate, in (0, 1], typically 0.01, at which the offsets of centring follow the means of
	// visible and hidden units (Melchior et al. 2016): learning that does not depend on whether ones or
	// zeros prevail. The default, 0, is none. It is for Bernoulli units.
	Centring float64 `json:"centring,omitempty"`

	// SparsityTarget, in (0, 1), typically 0.01 to 0.1, is the mean activity to which Bernoulli hidden units
	// are drawn (Lee, Ekanadham & Ng 2008; Hinton 2010, section 11), and SparsityCost, above 0, how
	// strongly. The default, 0 for both, is none.
	SparsityTarget float64 `json:"sparsity_target,omitempty"`
	SparsityCost   float64 `json:"sparsity_cost,omitempty"`

	// SparsityDecay, in [0, 1), is that of the moving average that estimates the activities; default 0.9.
	SparsityDecay float64 `json:"sparsity_decay,omitempty"`

	// InitStd is the standard deviation of the initial weights, which are normal with mean 0; default
	// 0.01 (Hinton 2010, "A practical guide", section 8).
	InitStd float64 `json:"init_std,omitempty"`

	// InitUniform draws the initial weights from U(+-4 sqrt(6/(d+h))) instead, as Melchior et al. 2016 do.
	InitUniform bool `json:"init_uniform,omitempty"`

	// Normalizer is what the data went through before it reached the machine; it travels with the machine's
	// file so that it can be used again. The machine does not apply it. Default none.
	Normalizer *data.Normalizer `json:"normalizer,omitempty"`

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
	case c.Temperatures != 0 && (c.Temperatures < 2 || c.Temperatures > maxTemperatures || c.Chains == 0 || c.VisibleMeans):
		return errors.Wrapf(ErrConfig, "%d temperatures with %d chains, expected 0 for none, or 2 to %d with 1 chain or more and without VisibleMeans", c.Temperatures, c.Chains, maxTemperatures)
	case c.SparsityTarget == 0 && (c.SparsityCost != 0 || c.SparsityDecay != 0),
		c.SparsityTarget != 0 && !(c.SparsityTarget > 0 && c.SparsityTarget < 1 && c.SparsityCost > 0 && c.SparsityCost <= math.MaxFloat32),
		!(c.SparsityDecay >= 0 && c.SparsityDecay < 1):
		return errors.Wrapf(ErrConfig, "sparsity target %g, cost %g, decay %g: expected a target in (0, 1) with a cost above 0 and a decay in [0, 1), or zeros",
			c.SparsityTarget, c.SparsityCost, c.SparsityDecay)
	case !(c.Centring >= 0 && c.Centring <= 1):
		return errors.Wrapf(ErrConfig, "Centring %g, expected 0 for none, to 1", c.Centring)
	case !(c.InitStd >= 0 && c.InitStd <= math.MaxFloat32):
		return errors.Wrapf(ErrConfig, "InitStd %g, expected a finite number that is not negative", c.InitStd)
	case c.InitUniform && c.InitStd != 0:
		return errors.Wrapf(ErrConfig, "InitStd %g with InitUniform, which has a width of its own", c.InitStd)
	case c.numbers() > maxWeights:
		return errors.Wrapf(ErrConfig, "%.0f weights and states of chains, at most %d are possible", c.numbers(), maxWeights)
	}
	return c.validateUnits()
}

func (c Config) validateUnits() error {
	gaussian := c.VisibleUnits == Gaussian
	switch {
	case !c.VisibleUnits.valid() || c.VisibleUnits == Rectified:
		return errors.Wrapf(ErrConfig, "visible units %v, expected bernoulli, gaussian or softmax", c.VisibleUnits)
	case !c.HiddenUnits.valid() || c.HiddenUnits == Softmax:
		return errors.Wrapf(ErrConfig, "hidden units %v, expected bernoulli, rectified or gaussian", c.HiddenUnits)
	case c.VisibleUnits == Softmax && (c.Categories < 2 || c.Visible%c.Categories != 0):
		return errors.Wrapf(ErrConfig, "%d softmax units in groups of %d, expected groups of 2 or more that divide them", c.Visible, c.Categories)
	case c.VisibleUnits != Softmax && c.Categories != 0:
		return errors.Wrapf(ErrConfig, "Categories %d with %v visible units, expected 0", c.Categories, c.VisibleUnits)
	case !(c.Std >= 0 && c.Std <= 1e6) || c.Std > 0 && c.Std < 1e-6:
		return errors.Wrapf(ErrConfig, "Std %g, expected 0 for 1, or 1e-6 to 1e6", c.Std)
	case !gaussian && (c.Std != 0 || c.LearnStd):
		return errors.Wrapf(ErrConfig, "%v visible units have no standard deviation: leave Std and LearnStd zero", c.VisibleUnits)
	case c.Temperatures != 0 && (c.HiddenUnits != Bernoulli || gaussian):
		return errors.Wrapf(ErrConfig, "parallel tempering of %v and %v units, expected bernoulli or softmax, and bernoulli", c.VisibleUnits, c.HiddenUnits)
	case c.SparsityCost > 0 && c.HiddenUnits != Bernoulli:
		return errors.Wrapf(ErrConfig, "a sparsity target for %v hidden units, expected bernoulli", c.HiddenUnits)
	case c.Centring > 0 && (c.VisibleUnits != Bernoulli || c.HiddenUnits != Bernoulli):
		return errors.Wrapf(ErrConfig, "Centring with %v and %v units, expected bernoulli", c.VisibleUnits, c.HiddenUnits)
	}
	if err := c.Normalizer.Fits([]int{c.Visible}); err != nil {
		return errors.Wrapf(ErrConfig, "Normalizer: %v", err)
	}
	return nil
}

// numbers is how many numbers a model holds: as a float64, since a damaged configuration may ask for
// any number.
func (c Config) numbers() float64 {
	d, h := float64(c.Visible), float64(c.Hidden)
	n := d*h + d + h + d*float64(c.Chains)*float64(max(1, c.Temperatures))
	if c.hasVariance() {
		n += d
	}
	return n
}

// maxStates is how many visible states may be asked for at once.
func (c Config) maxStates() int { return min(maxUnits, maxWeights/c.Visible) }

// hasVariance reports whether there is a "logvar", since the variances may differ from 1.
func (c Config) hasVariance() bool {
	return c.VisibleUnits == Gaussian && (c.LearnStd || c.Std != 0 && c.Std != 1)
}

// initWeights draws the initial weights.
func (c Config) initWeights() graph.Init {
	switch {
	case c.InitUniform:
		return graph.GlorotSigmoid
	case c.InitStd == 0:
		return graph.NormalWith(0.01)
	}
	return graph.NormalWith(c.InitStd)
}

func (c Config) sparsityDecay() float64 {
	if c.SparsityDecay == 0 {
		return 0.9
	}
	return c.SparsityDecay
}

func (c Config) std() float64 {
	if c.Std == 0 {
		return 1
	}
	return c.Std
}
