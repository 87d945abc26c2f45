package pretrain

import (
	"fmt"
	"slices"

	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

const (
	maxUnits   = 1 << 20 // of a layer
	maxWeights = 1 << 30 // of a network: 4 GiB
)

// A Task is what a Network learns.
type Task int

const (
	Classify Task = iota // labels, by softmax and cross-entropy
	Regress              // numbers, by squared error
)

var taskNames = []string{"classify", "regress"}

func (t Task) valid() bool { return t >= 0 && int(t) < len(taskNames) }

func (t Task) String() string {
	if t.valid() {
		return taskNames[t]
	}
	return fmt.Sprintf("Task(%d)", int(t))
}

// MarshalText and UnmarshalText give a Task its name in flags and files.
func (t Task) MarshalText() ([]byte, error) {
	if !t.valid() {
		return nil, errors.Errorf("pretrain: unknown task %d", int(t))
	}
	return []byte(t.String()), nil
}

// UnmarshalText is the inverse of MarshalText.
func (t *Task) UnmarshalText(text []byte) error {
	at := slices.Index(taskNames, string(text))
	if at < 0 {
		return errors.Errorf("pretrain: unknown task %q, expected one of %v", text, taskNames)
	}
	*t = Task(at)
	return nil
}

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
	if len(c.Shape) == 0 {
		return bad("Shape is empty, expected the shape of one example, such as [784]")
	}
	d := 1
	for _, s := range c.Shape {
		if s < 1 || s > maxUnits || d > maxUnits/s {
			return bad("Shape %v: every dimension must be at least 1 and their product at most %d", c.Shape, maxUnits)
		}
		d *= s
	}
	if err := nn.ValidateStack("hidden", c.Hidden); err != nil {
		return errors.Wrap(ErrConfig, err.Error())
	}
	for i, l := range append(slices.Clone(c.Hidden), nn.Dense{Units: c.Outputs}) {
		if l.Units > maxUnits {
			return bad("layer %d of %d units, at most %d are possible", i, l.Units, maxUnits)
		}
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
		return bad("OutputInit: %v", err)
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
	in, total := 1.0, 0.0
	for _, s := range c.Shape {
		in *= float64(s)
	}
	for _, l := range append(slices.Clone(c.Hidden), c.output()) {
		total += (in + 1) * float64(l.Units)
		in = float64(l.Units)
	}
	return total
}
