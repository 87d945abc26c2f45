// Package vae holds variational autoencoders and importance-weighted autoencoders.
//
// The model is p(x) = integral of p(x|z) p(z) over the latent units z, p(z) = N(0, I), with a network,
// the decoder, for p(x|z). A second network, the encoder, gives an approximate posterior q(z|x), a
// normal distribution with a diagonal covariance. Both are trained to raise a lower bound of log p(x)
// (Kingma & Welling 2014; with several samples Burda et al. 2015). All bounds are in nats.
//
// A unit whose posterior is the prior for every x tells nothing of x: it has collapsed. Some do in every
// trained model, but if all do the decoder alone has learnt the data and the codes are worthless, though the
// bound looks fine. So look at Model.Units after training: Units.Collapsed says it in words. WarmUp and
// FreeBits work against it.
package vae

import (
	"slices"

	"github.com/latent-go/latent/graph/data"
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

	// Categories is v of the Categorical likelihood, the number of values of each variable, at least 2:
	// the elements of an example are groups of v, and each group is one-hot. v divides d.
	Categories int `json:"categories,omitempty"`

	// Variance is that of the Gaussian likelihood, above 0. The default, 0, learns one variance for
	// each of the d elements of an example, the same for all examples, from 1 on.
	Variance float64 `json:"variance,omitempty"`

	// Classes makes the model conditional on a label of the example (Sohn et al. 2015): at least 2, labels
	// are 0 to Classes-1. Encoder and decoder see the label one-hot beside their input, so the latent
	// units need not tell it. The default, 0, is a model without labels.
	Classes int `json:"classes,omitempty"`

	// Beta weighs the KL divergence in training (Higgins et al. 2017): above 0, default 1. Above 1
	// the latent units are pressed to carry less. With another weight than 1 the training loss is no
	// bound. It needs Samples 1.
	Beta float64 `json:"beta,omitempty"`

	// FreeBits is the KL divergence, in nats for each latent unit averaged over the batch, below which
	// training does not press it (Kingma et al. 2016, equation 15): at least 0, default 0. It keeps
	// units from collapsing to the prior. It needs Samples 1.
	FreeBits float64 `json:"free_bits,omitempty"`

	// WarmUp is the number of training steps over which the weight of the KL divergence grows, linearly from
	// 0 (Bowman et al. 2016; Sønderby et al. 2016), so that units find a use before they are pressed to
	// give it up. Default 0. Until then the training loss is no bound; evaluation is never annealed. It
	// needs Samples 1.
	WarmUp int `json:"warm_up,omitempty"`

	// Samples is k, the number of draws from the posterior for each example. With 1, the default,
	// the bound is the ELBO with its KL divergence in closed form; with more it is the tighter
	// importance-weighted bound, at k times the decoder's cost.
	Samples int `json:"samples,omitempty"`

	// Binarize draws each element x of an example, a probability, anew as 0 or 1 every time that a
	// bound is computed (stochastic binarisation, as Burda et al. 2015). It needs Bernoulli.
	Binarize bool `json:"binarize,omitempty"`

	// Normalizer is what the data went through before it reached the model; it travels with the model's
	// file so that it can be used again. The model does not apply it. Default none.
	Normalizer *data.Normalizer `json:"normalizer,omitempty"`

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
