package ae

import (
	"math"
	"slices"

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
	if len(c.Encoder) == 0 {
		return errors.New("Encoder is empty, expected at least one layer, the code")
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
	switch {
	case !c.Loss.valid():
		return errors.Errorf("unknown loss %d", int(c.Loss))
	case !c.Output.Valid():
		return errors.Errorf("unknown output activation %d", int(c.Output))
	case c.Tied && c.Decoder != nil:
		return errors.New("tied weights need the mirrored decoder: leave Decoder nil")
	}
	if err := (nn.Dense{Units: d, Init: c.OutputInit}).Validate(); err != nil {
		return errors.WithMessage(err, "OutputInit")
	}
	if n := max(c.weights(kindEncoder), c.weights(kindDecoder)); n > maxWeights {
		return errors.Errorf("Encoder or Decoder has %.0f weights, at most %d are possible", n, maxWeights)
	}
	if err := c.checkData(); err != nil {
		return err
	}
	return c.checkPenalties()
}

// checkData tries what acts on the data on one example: some corruptions need images, and the
// normaliser has a width of its own.
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
	if c.Normalizer == nil {
		return nil
	}
	return errors.WithMessage(c.Normalizer.Apply(graph.Key{}, example(), example()), "Normalizer")
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
