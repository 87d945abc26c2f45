package pretrain

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// CompareConfig describes a comparison of networks from pretrained and from random weights, over seeds
// and, if asked for, depths.
type CompareConfig struct {
	// Stack says how to pretrain. Its Seed is set for every seed in turn; its layers have no seed and no
	// key of their own. With a Dir, every seed has a folder below it, with the networks too, and
	// Resume goes on with the whole comparison.
	Stack Config

	// Head makes a network of the stack. Its Seed is set for every seed in turn.
	Head Head

	// Unroll, if set, compares deep autoencoders instead of networks, with Head unused. Its Seed is set for
	// every seed in turn.
	Unroll *UnrollConfig

	// Train is the training of the networks: the same for both. Its Key is set for every seed in turn, its
	// Valid and Checkpoint.Dir stay empty.
	Train train.Config

	// Depths are the numbers of layers for which networks are made, of the lowest layers of the stack.
	// Default: all layers. A stack is trained once for each seed, since layers do not depend on those above.
	Depths []int

	// Seeds, one or more; default 1.
	Seeds []uint64

	// Unlabelled are the examples for pretraining. Default: Labelled.
	Unlabelled data.Source

	// Labelled are the examples for the training of the networks, with their targets, which autoencoders
	// do not need.
	Labelled data.Source

	// Valid is held-out data for early stopping, and Test is what the networks are scored on. Valid may
	// be nil.
	Valid, Test data.Source

	// OnRun, if set, is told of every network that has been trained.
	OnRun func(Run)
}

// A Run is one network of a comparison.
type Run struct {
	Depth      int
	Seed       uint64
	Pretrained bool
	Test       train.Metrics // of the weights that the training left
	Steps      int           // of fine-tuning
	Best       train.Best    // of the held-out data
	History    *train.History
}

// A Comparison is the runs of all depths and seeds, pretrained and not.
type Comparison struct{ Runs []Run }

// Compare trains the stack for each seed, and for each depth a network that starts from its lowest
// layers and one of the same form that starts from random weights, and scores all networks. With an error
// the Comparison holds the runs so far.
func Compare(ctx context.Context, cfg CompareConfig) (*Comparison, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	c := &Comparison{}
	for _, seed := range cfg.Seeds {
		if err := c.seed(ctx, cfg, seed); err != nil {
			return c, errors.WithMessagef(err, "seed %d", seed)
		}
	}
	return c, nil
}

// complete fills in defaults and says what is wrong, if anything.
func (c CompareConfig) complete() (CompareConfig, error) {
	bad := func(format string, args ...any) error { return errors.Wrapf(ErrConfig, format, args...) }
	n := len(c.Stack.Layers)
	if c.Depths == nil {
		c.Depths = []int{n}
	}
	if c.Seeds == nil {
		c.Seeds = []uint64{1}
	}
	if c.Unlabelled == nil {
		c.Unlabelled = c.Labelled
	}
	for _, d := range c.Depths {
		if d < 1 || d > n {
			return c, bad("depth %d of a stack of %d layers", d, n)
		}
	}
	for i, l := range c.Stack.Layers {
		if l.Train.Key != (graph.Key{}) || l.AE != nil && l.AE.Seed != 0 || l.RBM != nil && l.RBM.Seed != 0 {
			return c, bad("layer %d has a seed or a key of its own, which would be the same for all seeds", i)
		}
	}
	dropout := c.Head.Dropout
	if c.Unroll != nil {
		dropout = c.Unroll.Dropout
	}
	switch {
	case dropout != nil && len(dropout) != n:
		return c, bad("Dropout of %d layers for a stack of %d", len(dropout), n)
	case len(c.Depths) == 0 || len(c.Seeds) == 0:
		return c, bad("%d depths and %d seeds, expected one or more", len(c.Depths), len(c.Seeds))
	case c.Labelled == nil || c.Test == nil:
		return c, bad("Labelled and Test must be set")
	case c.Train.Valid != nil || c.Train.Checkpoint.Dir != "" || c.Train.Checkpoint.Resume:
		return c, bad("Train has held-out data or a folder of its own; see Valid and Stack.Dir")
	}
	return c, nil
}

// seed adds the runs of one seed.
func (c *Comparison) seed(ctx context.Context, cfg CompareConfig, seed uint64) error {
	stackCfg, dir := cfg.Stack, ""
	stackCfg.Seed = seed
	if cfg.Stack.Dir != "" {
		dir = filepath.Join(cfg.Stack.Dir, "seed-"+strconv.FormatUint(seed, 10))
		stackCfg.Dir = filepath.Join(dir, "stack")
	}
	stack, _, err := Train(ctx, stackCfg, cfg.Unlabelled)
	if err != nil {
		return err
	}
	for _, depth := range cfg.Depths {
		bottom, err := stack.Bottom(depth)
		if err != nil {
			return err
		}
		for _, pretrained := range []bool{false, true} {
			name := fmt.Sprintf("depth-%d-random", depth)
			if pretrained {
				name = fmt.Sprintf("depth-%d-pretrained", depth)
			}
			net, err := cfg.model(bottom, pretrained, seed)
			if err != nil {
				return err
			}
			run, err := cfg.run(ctx, net, seed, dir, name)
			if err != nil {
				return errors.WithMessage(err, name)
			}
			run.Depth, run.Pretrained = depth, pretrained
			c.Runs = append(c.Runs, run)
			if cfg.OnRun != nil {
				cfg.OnRun(run)
			}
		}
	}
	return nil
}

// scored is what a comparison trains: a network or a deep autoencoder.
type scored interface {
	train.Objective
	train.Evaluator
}

// model makes the model of one run from the lowest layers of a stack.
func (c CompareConfig) model(s *Stack, pretrained bool, seed uint64) (scored, error) {
	// The layers above have no part in a lower network.
	dropout := func(all []float64) []float64 { return all[:min(len(all), s.Len())] }
	if c.Unroll != nil {
		u := *c.Unroll
		u.Dropout, u.Seed = dropout(u.Dropout), seed
		if pretrained {
			return s.Unroll(u)
		}
		return s.RandomUnrolled(u)
	}
	h := c.Head
	h.Dropout, h.Seed = dropout(h.Dropout), seed
	if pretrained {
		return s.Network(h)
	}
	return s.Random(h)
}

// run trains and scores one network.
func (c CompareConfig) run(ctx context.Context, net scored, seed uint64, dir, name string) (Run, error) {
	t := c.Train
	t.Key, t.Valid = graph.NewKey(seed).Fork("finetune"), c.Valid
	if dir != "" {
		t.Checkpoint.Dir, t.Checkpoint.Resume = filepath.Join(dir, name), c.Stack.Resume
	}
	if t.Progress == nil {
		t.Progress = c.Stack.Progress
	}
	r, err := train.Run(ctx, net, c.Labelled, t)
	if err != nil {
		return Run{}, err
	}
	size := t.BatchSize
	if n := c.Test.Len(); n > 0 {
		size = min(n, chunk)
	}
	m, err := train.Evaluate(ctx, net, graph.Key{}, c.Test, size)
	return Run{Seed: seed, Test: m, Steps: r.Step, Best: r.Best, History: r.History}, err
}
