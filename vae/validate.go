package vae

import (
	"math"

	"github.com/latent-go/latent/graph/nn"
	"github.com/pkg/errors"
)

func (c Config) validate() error {
	if err := c.checkSizes(); err != nil {
		return errors.Wrap(ErrConfig, err.Error())
	}
	return nil
}

func (c Config) checkSizes() error {
	if err := nn.ValidateShape(c.Shape); err != nil {
		return err
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
	case c.Likelihood == Categorical && (c.Categories < 2 || c.Inputs()%c.Categories != 0):
		return errors.Errorf("Categories %d, expected at least 2 values, in groups that divide the %d elements of an example", c.Categories, c.Inputs())
	case c.Categories != 0 && c.Likelihood != Categorical:
		return errors.Errorf("Categories %d needs the Categorical likelihood, not %v", c.Categories, c.Likelihood)
	case c.Classes < 0 || c.Classes == 1 || c.Classes > maxUnits:
		return errors.Errorf("Classes %d, expected 2 to %d, or 0 for a model without labels", c.Classes, maxUnits)
	case c.Binarize && c.Likelihood != Bernoulli:
		return errors.Errorf("Binarize needs the Bernoulli likelihood, not %v", c.Likelihood)
	case !isSize(c.Beta):
		return errors.Errorf("Beta %g, expected a finite number above 0, or 0 for 1", c.Beta)
	case !isSize(c.FreeBits):
		return errors.Errorf("FreeBits %g, expected a finite number of nats, at least 0", c.FreeBits)
	case c.Samples < 0 || c.Samples > maxSamples:
		return errors.Errorf("Samples %d, expected 1 to %d, or 0 for 1", c.Samples, maxSamples)
	case c.WarmUp < 0 || c.WarmUp > maxSteps:
		return errors.Errorf("WarmUp %d, expected 0 to %d training steps", c.WarmUp, maxSteps)
	case c.Samples > 1 && (c.beta() != 1 || c.FreeBits != 0 || c.WarmUp != 0):
		return errors.Errorf("Beta %g, FreeBits %g and WarmUp %d need Samples 1, not %d: the importance-weighted bound has no KL divergence to weigh",
			c.beta(), c.FreeBits, c.WarmUp, c.Samples)
	}
	return errors.WithMessage(c.Normalizer.Fits(c.Shape), "Normalizer")
}

func isSize(v float64) bool { return v >= 0 && v <= math.MaxFloat64 }
