package main

import (
	"context"
	"fmt"
	"os"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/pretrain"
)

// stack trains a stack.
func (s setting) stack(ctx context.Context, name string, cfg pretrain.Config, src data.Source) (*pretrain.Stack, error) {
	cfg, err := s.stackConfig(name, cfg)
	if err != nil {
		return nil, err
	}
	stack, _, err := pretrain.Train(ctx, cfg, src)
	return stack, err
}

func (s setting) stackConfig(name string, cfg pretrain.Config) (pretrain.Config, error) {
	folder, err := s.folder.Checkpoints(name, s.resume, nil) // pretrain compares configurations itself
	cfg.Dir, cfg.Resume, cfg.Progress, cfg.Seed = folder.Dir, s.resume, os.Stderr, s.seed
	return cfg, err
}

// compare trains networks of a recipe with and without pretraining, at some depths and for some seeds from
// the setting's on, and returns their errors on the test part in percent.
func (s setting) compare(ctx context.Context, name string, recipe pretrain.Recipe, depths []int, seeds int, sets split) (byDepth, error) {
	stack, err := s.stackConfig(name, recipe.Stack)
	if err != nil {
		return nil, err
	}
	cfg := pretrain.CompareConfig{
		Stack: stack, Head: recipe.Head, Train: recipe.Finetune, Depths: depths,
		Labelled: sets.train, Valid: sets.valid, Test: sets.test,
		OnRun: func(r pretrain.Run) {
			fmt.Fprintf(os.Stderr, "%s: depth %d, pretrained %v, seed %d: test error %.2f %%\n", name, r.Depth, r.Pretrained, r.Seed, 100*r.Test["error"])
		},
	}
	for i := range seeds {
		cfg.Seeds = append(cfg.Seeds, s.seed+uint64(i))
	}
	c, err := pretrain.Compare(ctx, cfg)
	if err != nil {
		return nil, err
	}
	errors := byDepth{}
	for _, sum := range c.Summaries("error") {
		pair := errors[sum.Depth]
		if sum.Pretrained {
			pair.pretrained = 100 * sum.Mean
		} else {
			pair.random = 100 * sum.Mean
		}
		errors[sum.Depth] = pair
	}
	return errors, nil
}

// byDepth are mean test errors in percent by number of layers.
type byDepth map[int]struct{ random, pretrained float64 }

var sdaBasic = experiment{
	name:  "sda-basic",
	about: "stacked denoising autoencoder against a plain network on 10,000 digits, test error of 50,000",
	paper: "Vincent et al. 2010, Stacked denoising autoencoders, table 3, and Larochelle et al. 2007 for the plain network",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		digits, test, err := loadMNIST(ctx)
		if err != nil {
			return nil, err
		}
		sets, err := drawBasic(graph.NewKey(s.seed).Fork("basic"), digits, test, 10000, 2000, 50000)
		if err != nil {
			return nil, err
		}
		recipe := stackedDenoising(3, 1000, 10, "0.1", 15, s.epochs(60))
		plain := plainNetworks(recipe.Finetune, []int{300, 1000}, []float64{0.1, 0.3})
		return measureSDA(ctx, s, "sda-basic", recipe, plain, [2]float64{4.69, 2.84}, sets)
	},
}

var sdaRect = experiment{
	name:  "sda-rect",
	about: "the same on 1,000 images of rectangles, which are to be told apart as tall or wide, test error of 50,000",
	paper: sdaBasic.paper,
	run: func(ctx context.Context, s setting) ([]figure, error) {
		all, err := makeRectangles(graph.NewKey(s.seed).Fork("rectangles"), 51200)
		if err != nil {
			return nil, err
		}
		sets, err := cut(all, 1000, 200)
		if err != nil {
			return nil, err
		}
		recipe := stackedDenoising(3, 1000, 2, "0.1", 150, s.epochs(100))
		for i := range recipe.Stack.Layers { // few examples: smaller batches, higher rates
			recipe.Stack.Layers[i].Train.BatchSize, recipe.Stack.Layers[i].Train.Optim.Rate = 10, 0.05
		}
		recipe.Finetune.BatchSize = 10
		one := recipe.Finetune
		one.BatchSize = 1 // a plain network needs far more steps: at batches of 10 and rate 0.1 it has 16 % wrong
		plain := plainNetworks(one, []int{50, 300}, []float64{0.1, 0.3})
		return measureSDA(ctx, s, "sda-rect", recipe, plain, [2]float64{7.16, 1.99}, sets)
	},
}

// stackedDenoising is the recipe with other numbers of epochs, and a rate for pretraining that suits them.
func stackedDenoising(layers, units, classes int, noise string, pretraining, finetuning int) pretrain.Recipe {
	r := pretrain.StackedDenoising(layers, units, classes, noise)
	for i := range r.Stack.Layers {
		r.Stack.Layers[i].Train.Epochs, r.Stack.Layers[i].Train.Optim.Rate = pretraining, 0.02
	}
	r.Finetune.Epochs, r.Finetune.Stop.Patience = finetuning, finetuning
	return r
}

// A plainNetwork is a candidate for the network of one layer from random weights.
type plainNetwork struct {
	units int
	train train.Config
}

// plainNetworks are candidates of all pairs of numbers of units and rates.
func plainNetworks(cfg train.Config, units []int, rates []float64) []plainNetwork {
	var all []plainNetwork
	for _, n := range units {
		for _, rate := range rates {
			cfg.Optim.Rate = rate
			all = append(all, plainNetwork{n, cfg})
		}
	}
	return all
}

// measureSDA compares the plain network that is best on the validation part, as Larochelle et al. chose it,
// with the pretrained network of all layers. paper are the errors of both in percent.
func measureSDA(ctx context.Context, s setting, name string, recipe pretrain.Recipe, plain []plainNetwork, paper [2]float64, sets split) ([]figure, error) {
	var ours [2]float64
	best := 1.0
	for _, c := range plain {
		net, err := pretrain.NewNetwork(pretrain.NetworkConfig{
			Shape:   []int{sets.train.X.Len() / sets.train.Len()},
			Hidden:  []nn.Dense{{Units: c.units, Activation: op.SigmoidActivation, Init: recipe.Head.Init}},
			Outputs: recipe.Head.Outputs, OutputInit: recipe.Head.Init, Seed: s.seed,
		})
		if err != nil {
			return nil, err
		}
		valid, test, err := s.classify(ctx, fmt.Sprintf("%s/plain-%d-%g", name, c.units, c.train.Optim.Rate), net, c.train, sets)
		if err != nil {
			return nil, err
		}
		if valid < best {
			best, ours[0] = valid, 100*test
		}
	}
	stack, err := s.stack(ctx, name+"/stack", recipe.Stack, sets.train)
	if err != nil {
		return nil, err
	}
	recipe.Head.Seed = s.seed
	net, err := stack.Network(recipe.Head)
	if err != nil {
		return nil, err
	}
	_, test, err := s.classify(ctx, name+"/network", net, recipe.Finetune, sets)
	if err != nil {
		return nil, err
	}
	ours[1] = 100 * test
	gap := paper[0] - paper[1]
	return []figure{
		{Name: "test error in %, plain network of one layer", Paper: paper[0], Ours: ours[0], Low: paper[0] * 0.6, High: paper[0] * 1.7},
		{Name: fmt.Sprintf("test error in %%, %d layers, pretrained", stack.Len()), Paper: paper[1], Ours: ours[1], Low: paper[1] * 0.6, High: paper[1] * 1.5},
		{Name: "gap between the two", Paper: gap, Ours: ours[0] - ours[1], Low: gap / 2, High: 2 * gap},
	}, nil
}

// classify trains a network and returns the parts of the validation and of the test part that it has wrong.
func (s setting) classify(ctx context.Context, name string, net *pretrain.Network, cfg train.Config, sets split) (valid, test float64, err error) {
	cfg.Valid = sets.valid
	if err := s.train(ctx, name, net, net.Config(), sets.train, cfg); err != nil {
		return 0, 0, err
	}
	var wrong [2]float64
	for i, set := range []*data.Set{sets.valid, sets.test} {
		scores, err := train.Evaluate(ctx, net, graph.Key{}, set, min(500, set.Len()))
		if err != nil {
			return 0, 0, err
		}
		wrong[i] = scores["error"]
	}
	fmt.Fprintf(os.Stderr, "%s: error %.2f %% in validation, %.2f %% in the test\n", name, 100*wrong[0], 100*wrong[1])
	return wrong[0], wrong[1], nil
}

const erhanSeeds = 3

var erhanDepth = experiment{
	name:  "erhan-depth",
	about: "networks of 1 to 5 layers of 400 units on 10,000 digits, with and without pretraining, over 3 seeds",
	paper: "Erhan et al. 2010, Why does unsupervised pre-training help deep learning?, table 1 (1,200 units at most, 60,000 digits)",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		digits, test, err := loadMNIST(ctx)
		if err != nil {
			return nil, err
		}
		sets, err := labelled(graph.NewKey(s.seed).Fork("erhan"), digits, 10000, 2000)
		if err != nil {
			return nil, err
		}
		if sets.test, err = test.Reshape(side * side); err != nil {
			return nil, err
		}
		return measureErhan(ctx, s, stackedDenoising(5, 400, 10, "0.25", 10, s.epochs(15)), erhanSeeds, sets)
	},
}

// measureErhan expects pretraining to be better at every depth, and the deepest network to fail without.
func measureErhan(ctx context.Context, s setting, recipe pretrain.Recipe, seeds int, sets split) ([]figure, error) {
	depths := make([]int, len(recipe.Stack.Layers))
	for i := range depths {
		depths[i] = i + 1
	}
	errors, err := s.compare(ctx, "erhan-depth", recipe, depths, seeds, sets)
	if err != nil {
		return nil, err
	}
	paper := byDepth{1: {1.81, 1.41}, 2: {1.77, 1.37}}
	var figures []figure
	for _, d := range depths {
		random := figure{Name: fmt.Sprintf("test error in %%, %d layers, random weights", d), Paper: paper[d].random, Ours: errors[d].random, High: 100}
		if d == len(depths) {
			random.Low = 10 // it fails
		}
		figures = append(figures, random,
			figure{Name: fmt.Sprintf("test error in %%, %d layers, pretrained", d), Paper: paper[d].pretrained, Ours: errors[d].pretrained, High: min(10, errors[d].random)})
	}
	return figures, nil
}
