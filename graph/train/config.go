package train

import (
	"io"
	"math"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/optim"
)

// A Config says how to train.
type Config struct {
	// Epochs is the number of passes over the source, Steps the number of steps of the optimiser,
	// after which the run ends: 0 is no limit, at least one must be given, and the one that is
	// reached first counts. Both count from the start of the run, also after a resume.
	Epochs, Steps int

	// BatchSize is the number of examples in a batch: 1 to the size of the source. The last batch
	// of an epoch is shorter if it must be. Larger batches make better use of the machine and
	// fewer, less noisy steps.
	BatchSize int

	// Accumulate is the number of batches whose gradients one step averages, each weighted by its
	// examples: a step is that of a batch so many times as large, with the memory of a small one.
	// Default 1. A step does not reach into the next epoch.
	Accumulate int

	// Optim is the optimiser with its schedule, penalties, clipping and averaging of weights. With
	// averaging, the averages are what is scored and what the run leaves in the parameters.
	Optim optim.Config

	// Key decides the order of the data and all that the objective draws. The default is the key of
	// seed 0. Its Step is not used.
	Key graph.Key

	// Valid is held-out data, scored by the objective, which must be an Evaluator. nil is none. The
	// noise of every evaluation is the same, so that scores differ by the weights alone.
	Valid data.Source

	// EvalEvery is how often Valid is scored and the training metrics are recorded, apart from the
	// end of the run. They are recorded at the end of every epoch as well. Default every epoch.
	EvalEvery Interval

	// Stop ends the run early, or goes back to its best weights. It needs Valid.
	Stop EarlyStop

	// Checkpoint writes the state of the run to disk.
	Checkpoint Checkpoint

	// Hooks are called in this order.
	Hooks []Hook

	// Progress receives the progress of the run: a bar if it is a terminal, else plain lines, one in
	// two seconds at most. nil is silence.
	Progress io.Writer
}

// An Interval is a number of epochs or a number of steps; not both.
type Interval struct{ Epochs, Steps int }

// due reports whether it is time after a step; epoch counts complete epochs, the last of which has
// just ended if ended is true.
func (i Interval) due(step, epoch int, ended bool) bool {
	return i.Steps > 0 && step%i.Steps == 0 || i.Epochs > 0 && ended && epoch%i.Epochs == 0
}

// EarlyStop watches one metric of the held-out data.
type EarlyStop struct {
	// Patience is the number of evaluations in a row without improvement after which the run stops.
	// 0, the default, never stops.
	Patience int
	// MinDelta is by how much the metric must beat the best so far to count as improved: 0 or more,
	// in the metric's own unit. Default 0: any improvement counts.
	MinDelta float64
	// Metric is the name of the metric. Default Loss.
	Metric string
	// Maximise is for metrics of which more is better, as accuracy.
	Maximise bool
	// Restore ends the run with the weights of the best evaluation instead of the last ones. It takes
	// the memory of a copy of them.
	Restore bool
}

// Checkpoint says where and when to save the state of a run.
type Checkpoint struct {
	// Dir is the folder, for this run alone; it is made if need be. Default none: nothing is saved.
	Dir string
	// Every is how often to save, apart from the end of the run and a cancelled context. Default every
	// epoch.
	Every Interval
	// Keep is how many checkpoints stay, at least 1: the newest. Default 2, so that one is left if the
	// other is damaged.
	Keep int
	// Resume goes on from the newest checkpoint in Dir that is not damaged, or starts anew if there
	// is none. Without it a folder that holds checkpoints is an error.
	Resume bool
	// Meta is the metadata of every checkpoint, as the model's kind and configuration. A checkpoint
	// with other metadata is not resumed.
	Meta map[string]string
}

// validate fills in defaults and says what is wrong, if anything.
func (c *Config) validate(obj Objective, src data.Source) error {
	if c.Accumulate == 0 {
		c.Accumulate = 1
	}
	if c.EvalEvery == (Interval{}) {
		c.EvalEvery.Epochs = 1
	}
	if c.Stop.Metric == "" {
		c.Stop.Metric = Loss
	}
	if c.Checkpoint.Every == (Interval{}) {
		c.Checkpoint.Every.Epochs = 1
	}
	if c.Checkpoint.Keep == 0 {
		c.Checkpoint.Keep = 2
	}
	c.Key.Step = 0
	bad := func(format string, args ...any) error { return errors.Wrapf(ErrConfig, format, args...) }
	_, scores := obj.(Evaluator)
	switch {
	case c.Epochs < 0 || c.Steps < 0 || c.Epochs == 0 && c.Steps == 0:
		return bad("%d epochs and %d steps: give a positive number of one or both", c.Epochs, c.Steps)
	case c.Accumulate < 1:
		return bad("gradients of %d batches to a step: must be at least 1", c.Accumulate)
	case !c.EvalEvery.valid():
		return bad("evaluation every %d epochs and %d steps: give a positive number of one", c.EvalEvery.Epochs, c.EvalEvery.Steps)
	case !c.Checkpoint.Every.valid():
		return bad("checkpoint every %d epochs and %d steps: give a positive number of one", c.Checkpoint.Every.Epochs, c.Checkpoint.Every.Steps)
	case c.Checkpoint.Keep < 1:
		return bad("%d checkpoints to keep: must be at least 1", c.Checkpoint.Keep)
	case c.Checkpoint.Resume && c.Checkpoint.Dir == "":
		return bad("resume without a checkpoint folder")
	case c.Stop.Patience < 0:
		return bad("patience of %d evaluations: must not be negative", c.Stop.Patience)
	case !(c.Stop.MinDelta >= 0 && c.Stop.MinDelta <= math.MaxFloat64):
		return bad("an improvement of at least %v: must not be negative, and finite", c.Stop.MinDelta)
	case c.Valid == nil && (c.Stop.Patience > 0 || c.Stop.Restore):
		return bad("early stopping needs held-out data")
	case c.Valid != nil && !scores:
		return bad("held-out data is given, but %T is no Evaluator", obj)
	case c.Valid != nil && c.Valid.Len() == 0:
		return errors.Wrap(data.ErrEmpty, "train: the held-out data")
	}
	return checkSource(src, c.BatchSize)
}

func (i Interval) valid() bool {
	return i.Epochs >= 0 && i.Steps >= 0 && (i.Epochs == 0) != (i.Steps == 0)
}

func checkSource(src data.Source, size int) error {
	switch n := src.Len(); {
	case n == 0:
		return errors.Wrap(data.ErrEmpty, "train: the source")
	case size < 1:
		return errors.Wrapf(data.ErrBatch, "train: batch size %d: must be at least 1", size)
	case n > 0 && size > n:
		return errors.Wrapf(data.ErrBatch, "train: batch size %d is larger than the set of %d examples", size, n)
	}
	return nil
}
