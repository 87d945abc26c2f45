package main

import (
	"context"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/pretrain"
)

var dbnMNIST = experiment{
	name:  "dbn-mnist",
	about: "network 784-500-500-2000-10 from a stack of RBMs, test error",
	paper: "Hinton, Osindero & Teh 2006, A fast learning algorithm for deep belief nets: 1.25 % up-down, 1.2 % by back-propagation (Hinton & Salakhutdinov 2006)",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		digits, test, err := flatMNIST(ctx)
		if err != nil {
			return nil, err
		}
		wrong, err := measureDBN(ctx, s, dbnClassifier(digits.Len(), 15, s.epochs(30)), digits, test)
		return []figure{{Name: "test error in %", Paper: 1.2, Ours: wrong, Low: 0.9, High: 1.4}}, err
	},
}

// dbnClassifier is the network from three machines. Back-propagation is by Adam in place of conjugate
// gradients, with dropout, without which it overfits: 1.49 % of the test digits are wrong then.
func dbnClassifier(examples, pretraining, finetuning int) pretrain.Recipe {
	stack := pretrain.Machines(examples, pretraining, 500, 500, 2000)
	for i := range stack.Layers {
		stack.Layers[i].RBM.VisibleMeans = true
	}
	return pretrain.Recipe{Stack: stack, Head: pretrain.Head{Outputs: 10, Dropout: []float64{0.2, 0.2, 0.4}}, Finetune: falling(examples, finetuning, 3e-4)}
}

// falling is a training by Adam whose rate falls to 0.
func falling(examples, epochs int, rate float64) train.Config {
	const size = 100
	return train.Config{Epochs: epochs, BatchSize: size, Optim: optim.Config{
		Rate: rate, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: epochs * ((examples + size - 1) / size)},
	}}
}

func measureDBN(ctx context.Context, s setting, recipe pretrain.Recipe, digits, test *data.Set) (float64, error) {
	stack, err := s.stack(ctx, "dbn-mnist/stack", recipe.Stack, digits)
	if err != nil {
		return 0, err
	}
	head := recipe.Head
	head.Seed = s.seed
	net, err := stack.Network(head)
	if err != nil {
		return 0, err
	}
	if err := s.train(ctx, "dbn-mnist/network", net, net.Config(), digits, recipe.Finetune); err != nil {
		return 0, err
	}
	scores, err := train.Evaluate(ctx, net, graph.Key{}, test, min(500, test.Len()))
	return 100 * scores["error"], err
}

var deepAE = experiment{
	name:  "deep-ae-hinton",
	about: "deep autoencoder 784-1000-500-250-30 from a stack of RBMs, squared error per test image",
	paper: "Hinton & Salakhutdinov 2006, Reducing the dimensionality of data with neural networks",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		digits, test, err := flatMNIST(ctx)
		if err != nil {
			return nil, err
		}
		recipe := pretrain.DeepAutoencoder(digits.Len(), 10)
		recipe.Finetune = falling(digits.Len(), s.epochs(50), 1e-3)
		ours, err := measureDeepAE(ctx, s, recipe, digits, test)
		return []figure{{Name: "squared error per test image", Paper: 3.00, Ours: ours, Low: 2.4, High: 4}}, err
	},
}

func measureDeepAE(ctx context.Context, s setting, recipe pretrain.Recipe, digits, test *data.Set) (float64, error) {
	stack, err := s.stack(ctx, "deep-ae-hinton/stack", recipe.Stack, digits)
	if err != nil {
		return 0, err
	}
	deep, err := stack.Unroll(pretrain.UnrollConfig{})
	if err != nil {
		return 0, err
	}
	if err := s.train(ctx, "deep-ae-hinton/unrolled", deep, deep.Config(), digits, recipe.Finetune); err != nil {
		return 0, err
	}
	scores, err := train.Evaluate(ctx, deep, graph.Key{}, test, min(500, test.Len()))
	return scores["error"], err
}
