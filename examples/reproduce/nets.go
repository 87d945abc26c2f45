package main

import (
	"context"
	"fmt"
	"os"

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
		const held = 10000 // digits, on which the setting is chosen
		wrong, err := measureDBN(ctx, s, dbnStack(digits.Len(), 15), dbnSettings, s.epochs(30), held, digits, test)
		return []figure{{Name: "test error in %", Paper: 1.2, Ours: wrong, Low: 0.9, High: 1.4}}, err
	},
}

// A dbnSetting is one of back-propagation. It is by Adam in place of conjugate gradients, with dropout or
// without, as in the paper.
type dbnSetting struct {
	dropout []float64
	rate    float64
}

var dbnSettings = []dbnSetting{{nil, 3e-4}, {[]float64{0.2, 0.2, 0.4}, 3e-4}, {[]float64{0.2, 0.2, 0.2}, 1e-3}}

func dbnStack(examples, epochs int) pretrain.Config {
	stack := pretrain.Machines(examples, epochs, 500, 500, 2000)
	for i := range stack.Layers {
		stack.Layers[i].RBM.VisibleMeans = true
	}
	return stack
}

// falling is a training by Adam whose rate falls to 0.
func falling(examples, epochs int, rate float64) train.Config {
	const size = 100
	return train.Config{Epochs: epochs, BatchSize: size, Optim: optim.Config{
		Rate: rate, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: epochs * ((examples + size - 1) / size)},
	}}
}

// measureDBN trains a stack, without labels, and from it a network by each setting for half the epochs, on
// digits without the last held. With the setting that is best on these it trains on all digits, and returns
// the error on test in percent.
func measureDBN(ctx context.Context, s setting, cfg pretrain.Config, settings []dbnSetting, epochs, held int, digits, test *data.Set) (float64, error) {
	stack, err := s.stack(ctx, "dbn-mnist/stack", cfg, digits)
	if err != nil {
		return 0, err
	}
	wrong := func(name string, c dbnSetting, epochs int, digits, test *data.Set) (float64, error) {
		net, err := stack.Network(pretrain.Head{Outputs: 10, Dropout: c.dropout, Seed: s.seed})
		if err != nil {
			return 0, err
		}
		if err := s.train(ctx, name, net, net.Config(), digits, falling(digits.Len(), epochs, c.rate)); err != nil {
			return 0, err
		}
		scores, err := train.Evaluate(ctx, net, graph.Key{}, test, min(500, test.Len()))
		return 100 * scores["error"], err
	}
	seen, err := digits.Slice(0, digits.Len()-held)
	if err != nil {
		return 0, err
	}
	unseen, err := digits.Slice(digits.Len()-held, digits.Len())
	if err != nil {
		return 0, err
	}
	best, least := 0, 100.0
	for i, c := range settings {
		e, err := wrong(fmt.Sprintf("dbn-mnist/setting-%d", i), c, (epochs+1)/2, seen, unseen)
		if err != nil {
			return 0, err
		}
		fmt.Fprintf(os.Stderr, "dropout %v, rate %g: error %.2f %% of digits held out\n", c.dropout, c.rate, e)
		if e < least {
			best, least = i, e
		}
	}
	return wrong("dbn-mnist/network", settings[best], epochs, digits, test)
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
