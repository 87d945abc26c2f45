package main

import (
	"context"
	"fmt"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/pretrain"
)

// labelCounts are how many labelled digits there are, with the accuracies in percent of the published code
// and its settings, but for the draws: it has one.
var labelCounts = []struct {
	labels, valid      int // digits for training, and of them for early stopping
	pretrained, random float64
	rate               float64 // of the pretrained layer, beside that of the output layer
	epochs, batch      int
	draws              int // of labelled digits, over which results are averaged
}{
	{100, 10, 81.70, 76.02, 0.01, 1000, 32, 5},
	{1000, 100, 93.65, 88.71, 0.01, 100, 32, 3},
	{10000, 1000, 97.27, 94.73, 0.01, 100, 128, 1},
	{60000, 5000, 98.73, 98.20, 0.1, 100, 128, 1},
}

var labelCount = experiment{
	name:  "label-count",
	about: "an RBM of 1,024 hidden units on all digits, fine-tuned on 100 to 60,000 labels, against random weights",
	paper: "Bondarenko, boltzmann-machines (github.com/yell/boltzmann-machines), table of RBM fine-tuning",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		digits, test, err := flatMNIST(ctx)
		if err != nil {
			return nil, err
		}
		stack, err := s.stack(ctx, "label-count/stack", labelStack(digits.Len(), 1024, s.epochs(30)), digits)
		if err != nil {
			return nil, err
		}
		var figures []figure
		for _, c := range labelCounts {
			var accuracy [2]float64
			for i, rate := range []float64{c.rate, 1} {
				for draw := range c.draws {
					sets, err := labelled(graph.NewKey(s.seed).Fork("labels").ForkN(draw), digits, c.labels-c.valid, c.valid)
					if err != nil {
						return nil, err
					}
					sets.test = test
					cfg := labelTraining(c.epochs, c.batch, rate)
					if c.labels <= 1000 { // too few held-out digits for a number of errors to tell
						cfg.Stop.Metric = train.Loss
					}
					a, err := measureLabels(ctx, s, fmt.Sprintf("label-count/%d-%d-%v", c.labels, draw, i == 0), stack, i == 0, cfg, sets)
					if err != nil {
						return nil, err
					}
					accuracy[i] += a / float64(c.draws)
				}
			}
			figures = append(figures,
				near(fmt.Sprintf("accuracy in %%, %d labels, pretrained", c.labels), c.pretrained, accuracy[0], max(1, (100-c.pretrained)/3)),
				near(fmt.Sprintf("accuracy in %%, %d labels, random weights", c.labels), c.random, accuracy[1], max(1, (100-c.random)/3)),
				figure{Name: fmt.Sprintf("gain by pretraining with %d labels", c.labels), Paper: c.pretrained - c.random, Ours: accuracy[0] - accuracy[1], High: 20})
		}
		return figures, nil
	},
}

// labelStack is the machine, by CD-1 with the means of the visible units. The original takes 120 epochs, its
// momentum rises from 0.5 to 0.9 over the first eight, and it has a sparsity target, at the small cost of 1e-5.
func labelStack(examples, hidden, epochs int) pretrain.Config {
	const size = 10
	stack := pretrain.Machines(examples, epochs, hidden)
	layer := &stack.Layers[0]
	layer.RBM.VisibleMeans = true
	layer.Train.BatchSize = size
	layer.Train.Optim.Rate, layer.Train.Optim.L2, layer.Train.Optim.EarlySteps = 0.05, 1e-5, 5*((examples+size-1)/size)
	return stack
}

// labelTraining is Adam with early stopping. The hidden layer learns at a fraction of the rate. The original
// divides the rates by five where the held-out digits have shown no gain for six epochs.
func labelTraining(epochs, batch int, hidden float64) train.Config {
	return train.Config{
		Epochs: epochs, BatchSize: batch,
		Optim: optim.Config{Rate: 1e-3, L2: 1e-5, RateScales: pretrain.LayerRates(hidden, 1)},
		Stop:  train.EarlyStop{Metric: "error", Patience: 12, Restore: true},
	}
}

// measureLabels trains a network of the stack's form and returns its accuracy on the test part in percent.
func measureLabels(ctx context.Context, s setting, name string, stack *pretrain.Stack, pretrained bool, cfg train.Config, sets split) (float64, error) {
	make := stack.Random
	if pretrained {
		make = stack.Network
	}
	net, err := make(pretrain.Head{Outputs: 10, Init: nn.Glorot, Seed: s.seed})
	if err != nil {
		return 0, err
	}
	_, test, err := s.classify(ctx, name, net, cfg, sets)
	return 100 * (1 - test), err
}

// labelled draws n training and m validation examples (d) from a set. There is no test part.
func labelled(key graph.Key, digits *data.Set, n, m int) (split, error) {
	flat, err := digits.Reshape(digits.X.Len() / digits.Len())
	if err != nil {
		return split{}, err
	}
	var s split
	order := key.Perm(flat.Len())
	if s.train, err = flat.Subset(order[:n]); err != nil {
		return s, err
	}
	s.valid, err = flat.Subset(order[n : n+m])
	return s, err
}
