package pretrain

import (
	"context"
	"fmt"
	"slices"

	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// A Head says what a stack becomes: a Network with the stack's layers as its hidden ones.
type Head struct {
	// Task is Classify, the default, or Regress.
	Task Task

	// Outputs is the number of classes, or of the numbers to be predicted.
	Outputs int

	// Dropout is the probability, in [0, 1), of leaving a unit out in training, one number for each
	// layer; nil is no dropout.
	Dropout []float64

	// Init chooses the initial weights of the output layer and, in a network of random weights, of the
	// hidden ones. The effects of pretraining that were published before 2010 need nn.FanIn.
	Init nn.Init

	// Seed decides the initial weights.
	Seed uint64
}

// network is the configuration of a network of the stack's form.
func (s *Stack) network(h Head) (NetworkConfig, error) {
	cfg := NetworkConfig{Shape: []int{s.Inputs()}, Hidden: s.hidden(h.Init), Task: h.Task, Outputs: h.Outputs, OutputInit: h.Init, Seed: h.Seed}
	if l := s.layers[0]; l.AE != nil {
		cfg.Shape, cfg.Normalizer = slices.Clone(l.AE.Shape), l.AE.Normalizer
	} else {
		cfg.Normalizer = l.RBM.Normalizer
	}
	if h.Dropout == nil {
		return cfg, nil
	}
	if len(h.Dropout) != s.Len() {
		return cfg, errors.Wrapf(ErrConfig, "Dropout of %d layers for a stack of %d", len(h.Dropout), s.Len())
	}
	for i, rate := range h.Dropout {
		cfg.Hidden[i].Dropout = rate
	}
	return cfg, nil
}

// Random makes a network of the stack's form from random weights: what pretraining is compared with.
func (s *Stack) Random(h Head) (*Network, error) {
	cfg, err := s.network(h)
	if err != nil {
		return nil, err
	}
	return NewNetwork(cfg)
}

// Network makes a network whose hidden layers start from copies of the stack's weights, and whose output
// layer starts from random ones. Before any training, its hidden layers compute the codes of the stack.
func (s *Stack) Network(h Head) (*Network, error) {
	n, err := s.Random(h)
	if err != nil {
		return nil, err
	}
	for i, m := range s.models {
		name := fmt.Sprintf("hidden/%d/", i)
		a := up(m)
		if err := n.params.Lookup(name + "w").Set(a.w); err != nil {
			return nil, err
		}
		if err := n.params.Lookup(name + "b").Set(a.b); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// LayerRates are optim.Config.RateScales of a Network: a factor of the learning rate for each layer, from
// the lowest hidden layer to the output.
func LayerRates(factors ...float64) []optim.RateScale {
	var scales []optim.RateScale
	for i, f := range factors {
		prefix := fmt.Sprintf("hidden/%d", i)
		if i == len(factors)-1 {
			prefix = "output"
		}
		scales = append(scales, optim.RateScale{Prefix: prefix, Scale: f})
	}
	return scales
}

// Finetune makes a network of the stack, as Stack.Network does, and trains it on src, whose targets it
// needs. See LayerRates for rates by layer, train.EarlyStop for early stopping. The stack stays as it is.
func Finetune(ctx context.Context, s *Stack, h Head, src data.Source, cfg train.Config) (*Network, *train.Result, error) {
	n, err := s.Network(h)
	if err != nil {
		return nil, nil, err
	}
	r, err := train.Run(ctx, n, src, cfg)
	return n, r, err
}
