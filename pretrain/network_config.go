package pretrain

import (
	"slices"

	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/internal/named"
	"github.com/pkg/errors"
)

const (
	maxUnits   = nn.MaxUnits
	maxWeights = nn.MaxWeights
)

// A Task is what a Network learns.
type Task int

const (
	Classify Task = iota // labels, by softmax and cross-entropy
	Regress              // numbers, by squared error
)

var taskNames = named.Constants[Task]{Unknown: "pretrain: unknown task", Names: []string{"classify", "regress"}}

func (t Task) valid() bool { return taskNames.Valid(t) }

func (t Task) String() string { return taskNames.String(t) }

// MarshalText and UnmarshalText give a Task its name in flags and files.
func (t Task) MarshalText() ([]byte, error) { return taskNames.MarshalText(t) }

// UnmarshalText is the inverse of MarshalText.
func (t *Task) UnmarshalText(text []byte) error { return taskNames.UnmarshalText(t, text) }

// NetworkConfig describes a feed-forward network. Its JSON form is part of model files.
type NetworkConfig struct {
	// Shape of one example, such as (784) or (1, 28, 28). d is the product.
	Shape []int `json:"shape"`

	// Hidden layers from the bottom up; none is logistic or linear regression.
	Hidden []nn.Dense `json:"hidden,omitempty"`

	// Task is Classify, the default, or Regress.
	Task Task `json:"task"`

	// Outputs is the number of classes, at least 2, or of the numbers to be predicted, at least 1.
	Outputs int `json:"outputs"`

	// OutputInit chooses the initial weights of the output layer.
	OutputInit nn.Init `json:"output_init,omitempty"`

	// Normalizer is what the data went through before it reached the network; it travels with the
	// file. The network does not apply it. Default none.
	Normalizer *data.Normalizer `json:"normalizer,omitempty"`

	// Seed decides the initial weights.
	Seed uint64 `json:"seed"`
}

// validate says what is wrong with the configuration, if anything, as an ErrConfig.
func (c NetworkConfig) validate() error {
	bad := func(format string, args ...any) error { return errors.Wrapf(ErrConfig, format, args...) }
	if err := nn.ValidateShape(c.Shape); err != nil {
		return bad("%v", err)
	}
	if err := nn.ValidateStack("hidden", c.Hidden); err != nil {
		return bad("%v", err)
	}
	switch {
	case !c.Task.valid():
		return bad("unknown task %d", int(c.Task))
	case c.Task == Classify && c.Outputs < 2:
		return bad("%d classes, expected at least 2", c.Outputs)
	case c.Outputs < 1:
		return bad("%d outputs, expected at least 1", c.Outputs)
	}
	if err := c.output().Validate(); err != nil {
		return bad("output layer: %v", err)
	}
	if err := c.Normalizer.Fits(c.Shape); err != nil {
		return bad("Normalizer: %v", err)
	}
	if n := c.weights(); n > maxWeights {
		return bad("%.0f weights, at most %d are possible", n, maxWeights)
	}
	return nil
}

// Inputs is d, the number of elements of an example.
func (c NetworkConfig) Inputs() int { return numel(c.Shape) }

// output is the last layer: its results are logits in a classification.
func (c NetworkConfig) output() nn.Dense {
	return nn.Dense{Units: c.Outputs, Activation: op.Identity, Init: c.OutputInit}
}

// weights is the number of weights and biases: as a float64, since a damaged configuration may ask for
// any number.
func (c NetworkConfig) weights() float64 {
	total, _ := nn.Weights(c.Inputs(), append(slices.Clone(c.Hidden), c.output()))
	return total
}
