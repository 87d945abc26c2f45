// Package vae holds variational autoencoders and importance-weighted autoencoders.
//
// The model is p(x) = integral of p(x|z) p(z) over the latent units z, p(z) = N(0, I), with a network,
// the decoder, for p(x|z). A second network, the encoder, gives an approximate posterior q(z|x), a
// normal distribution with a diagonal covariance. Both are trained to raise a lower bound of log p(x)
// (Kingma & Welling 2014; with several samples Burda et al. 2015). All bounds are in nats.
package vae

import (
	"math"
	"slices"

	"github.com/latent-go/latent/graph/nn"
	"github.com/pkg/errors"
)

// ErrConfig is wrapped by every error about a Config, and about a number that a method is given.
var ErrConfig = errors.New("vae: wrong configuration")

// Config describes a variational autoencoder. Its JSON form is part of model files.
type Config struct {
	// Shape of one example, such as (784) or (1, 28, 28). d is the product.
	Shape []int `json:"shape"`

	// Encoder are the hidden layers from the input up to, and without, the two linear layers that
	// give mean and log-variance of the posterior. It may be empty.
	Encoder []nn.Dense `json:"encoder"`

	// Latent is l, the number of latent units, at least 1.
	Latent int `json:"latent"`

	// Decoder are the hidden layers from the latent units up to, and without, the output layer, which
	// is linear and has d units. The default, nil, mirrors Encoder.
	Decoder []nn.Dense `json:"decoder,omitzero"`

	// Likelihood is p(x|z). Default Bernoulli.
	Likelihood Likelihood `json:"likelihood"`

	// Variance is that of the Gaussian likelihood, above 0. The default, 0, learns one variance for
	// each of the d elements of an example, the same for all examples, from 1 on.
	Variance float64 `json:"variance,omitempty"`

	// Beta weighs the KL divergence in training (Higgins et al. 2017): above 0, default 1. Above 1
	// the latent units are pressed to carry less. With another weight than 1 the training loss is no
	// bound. It needs Samples 1.
	Beta float64 `json:"beta,omitempty"`

	// FreeBits is the KL divergence, in nats for each latent unit averaged over the batch, below which
	// training does not press it (Kingma et al. 2016, equation 15): at least 0, default 0. It keeps
	// units from collapsing to the prior. It needs Samples 1.
	FreeBits float64 `json:"free_bits,omitempty"`

	// Samples is k, the number of draws from the posterior for each example. With 1, the default,
	// the bound is the ELBO with its KL divergence in closed form; with more it is the tighter
	// importance-weighted bound, at k times the decoder's cost.
	Samples int `json:"samples,omitempty"`

	// Binarize draws each element x of an example, a probability, anew as 0 or 1 every time that a
	// bound is computed (stochastic binarisation, as Burda et al. 2015). It needs Bernoulli.
	Binarize bool `json:"binarize,omitempty"`

	// Seed decides the initial weights.
	Seed uint64 `json:"seed"`
}

// Inputs is d, the number of elements of an example.
func (c Config) Inputs() int {
	d := 1
	for _, s := range c.Shape {
		d *= s
	}
	return d
}

// beta and samples are the fields with their defaults.
func (c Config) beta() float64 {
	if c.Beta == 0 {
		return 1
	}
	return c.Beta
}

func (c Config) samples() int { return max(1, c.Samples) }

// decoder returns all layers of the decoder, the output layer last.
func (c Config) decoder() []nn.Dense {
	hidden := slices.Clone(c.Decoder)
	if c.Decoder == nil {
		hidden = slices.Clone(c.Encoder)
		slices.Reverse(hidden)
	}
	return append(hidden, nn.Dense{Units: c.Inputs()})
}

// head is the layer of the mean, or of the log-variance, of the posterior.
func (c Config) head() nn.Dense { return nn.Dense{Units: c.Latent} }

func (c Config) validate() error {
	if err := c.check(); err != nil {
		return errors.Wrap(ErrConfig, err.Error())
	}
	return nil
}

func (c Config) check() error {
	if len(c.Shape) == 0 {
		return errors.New("Shape is empty, expected the shape of one example, such as [784]")
	}
	d := 1
	for _, s := range c.Shape {
		if s < 1 || s > maxUnits || d > maxUnits/s {
			return errors.Errorf("Shape %v: every dimension must be at least 1 and their product at most %d", c.Shape, maxUnits)
		}
		d *= s
	}
	if c.Latent < 1 || c.Latent > maxUnits {
		return errors.Errorf("Latent %d, expected 1 to %d latent units", c.Latent, maxUnits)
	}
	if err := nn.ValidateStack("encoder", c.Encoder); err != nil {
		return err
	}
	if err := nn.ValidateStack("decoder", c.Decoder); err != nil {
		return err
	}
	for _, l := range slices.Concat(c.Encoder, c.Decoder) {
		if l.Units > maxUnits {
			return errors.Errorf("a layer of %d units, at most %d are possible", l.Units, maxUnits)
		}
	}
	if n := c.weights(); n > maxWeights {
		return errors.Errorf("Encoder and Decoder have %.0f weights, at most %d are possible", n, maxWeights)
	}
	return c.checkBound()
}

// checkBound checks what the loss is made of.
func (c Config) checkBound() error {
	switch {
	case !c.Likelihood.valid():
		return errors.Errorf("unknown likelihood %d", int(c.Likelihood))
	case !isSize(c.Variance):
		return errors.Errorf("Variance %g, expected a finite number above 0, or 0 to learn it", c.Variance)
	case c.Variance != 0 && c.Likelihood != Gaussian:
		return errors.Errorf("Variance %g needs the Gaussian likelihood, not %v", c.Variance, c.Likelihood)
	case c.Binarize && c.Likelihood != Bernoulli:
		return errors.Errorf("Binarize needs the Bernoulli likelihood, not %v", c.Likelihood)
	case !isSize(c.Beta):
		return errors.Errorf("Beta %g, expected a finite number above 0, or 0 for 1", c.Beta)
	case !isSize(c.FreeBits):
		return errors.Errorf("FreeBits %g, expected a finite number of nats, at least 0", c.FreeBits)
	case c.Samples < 0 || c.Samples > maxSamples:
		return errors.Errorf("Samples %d, expected 1 to %d, or 0 for 1", c.Samples, maxSamples)
	case c.Samples > 1 && (c.beta() != 1 || c.FreeBits != 0):
		return errors.Errorf("Beta %g and FreeBits %g need Samples 1, not %d: the importance-weighted bound has no KL divergence to weigh",
			c.beta(), c.FreeBits, c.Samples)
	}
	return nil
}

func isSize(v float64) bool { return v >= 0 && v <= math.MaxFloat64 }
