package ae

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

// validate says what is wrong with the configuration, if anything, as an ErrConfig.
func (c Config) validate() error {
	if err := c.check(); err != nil {
		return errors.Wrap(ErrConfig, err.Error())
	}
	return nil
}

func (c Config) check() error {
	if err := nn.ValidateShape(c.Shape); err != nil {
		return err
	}
	if len(c.Encoder) == 0 {
		return errors.New("Encoder is empty, expected at least one layer, the code")
	}
	if err := c.checkConv(); err != nil {
		return err
	}
	if err := nn.ValidateStack("encoder", c.Encoder); err != nil {
		return err
	}
	if err := nn.ValidateStack("decoder", c.Decoder); err != nil {
		return err
	}
	switch {
	case !c.Loss.valid():
		return errors.Errorf("unknown loss %d", int(c.Loss))
	case !c.Output.Valid():
		return errors.Errorf("unknown output activation %d", int(c.Output))
	case c.Tied && c.Decoder != nil:
		return errors.New("tied weights need the mirrored decoder: leave Decoder nil")
	}
	if err := (nn.Dense{Units: c.Inputs(), Init: c.OutputInit}).Validate(); err != nil {
		return errors.WithMessage(err, "OutputInit")
	}
	if n := max(c.weights(kindEncoder), c.weights(kindDecoder)); n > nn.MaxWeights {
		return errors.Errorf("Encoder or Decoder has %.0f weights, at most %d are possible", n, nn.MaxWeights)
	}
	if err := c.checkData(); err != nil {
		return err
	}
	return c.checkPenalties()
}

// checkData checks what acts on the data. It tries the corruption on one example, since some need images.
func (c Config) checkData() error {
	example := func() graph.Array {
		return graph.Floats32(make([]float32, c.Inputs()), append([]int{1}, c.Shape...)...)
	}
	corruption, err := data.ParseCorruption(c.Corruption)
	if err == nil {
		err = corruption.Corrupt(graph.Key{}, example(), example())
	}
	if err != nil {
		return errors.WithMessage(err, "Corruption")
	}
	return errors.WithMessage(c.Normalizer.Fits(c.Shape), "Normalizer")
}

func (c Config) checkPenalties() error {
	code := c.Encoder[len(c.Encoder)-1].Activation
	switch {
	case !isWeight(c.L1) || !isWeight(c.SparsityWeight) || !isWeight(c.Contractive):
		return errors.Errorf("penalty weights must be finite and not negative: L1 %g, SparsityWeight %g, Contractive %g", c.L1, c.SparsityWeight, c.Contractive)
	case !(c.SparsityTarget >= 0 && c.SparsityTarget < 1) || c.SparsityWeight > 0 && c.SparsityTarget == 0:
		return errors.Errorf("SparsityTarget %g is outside (0, 1)", c.SparsityTarget)
	case c.SparsityWeight > 0 && code != op.SigmoidActivation:
		return errors.Errorf("SparsityWeight needs a logistic code, not %v", code)
	case c.SparsityWeight > 0 && c.Encoder[len(c.Encoder)-1].Dropout > 0: // raises what is left above 1
		return errors.New("SparsityWeight needs a code without dropout")
	}
	if c.Contractive > 0 {
		for i, l := range c.Encoder {
			if l.Dropout > 0 {
				return errors.Errorf("the contractive penalty does not go with dropout, which encoder layer %d has", i)
			}
			if derivative(l.Activation) == nil {
				return errors.Errorf("the contractive penalty needs logistic, tanh, ReLU or linear encoder layers, layer %d is %v", i, l.Activation)
			}
		}
	}
	return nil
}

func isWeight(v float64) bool { return v >= 0 && v <= math.MaxFloat64 }
