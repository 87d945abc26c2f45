package main

import (
	"context"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/pretrain"
	"github.com/latent-go/latent/rbm"
)

var sklearnDigits = experiment{
	name:  "sklearn-digits",
	about: "scikit-learn's example: persistent CD on nudged digits of 8x8 pixels; pseudo-likelihood, and its features for logistic regression",
	paper: "scikit-learn, Restricted Boltzmann Machine features for digit classification",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		digits, err := loadDigits8x8()
		if err != nil {
			return nil, err
		}
		return measureDigits(ctx, s, rbm.ScikitLearn(s.epochs(10)), 1000, digits)
	},
}

// measureDigits trains a machine on four fifths of the nudged digits, and logistic regressions for a number
// of epochs.
func measureDigits(ctx context.Context, s setting, recipe rbm.Recipe, epochs int, digits *data.Set) ([]figure, error) {
	scaled, err := digits.Map(graph.Key{}, data.DivideBy(16).Apply)
	if err != nil {
		return nil, err
	}
	all, err := nudge(scaled, 8)
	if err != nil {
		return nil, err
	}
	parts, err := all.Split(graph.NewKey(s.seed).Fork("split"), 0.8, 0.2)
	if err != nil {
		return nil, err
	}
	recipe.Model.Seed = s.seed
	m, err := rbm.New(recipe.Model)
	if err != nil {
		return nil, err
	}
	var likelihoods []float64
	recipe.Train.Hooks = []train.Hook{{OnEpoch: func(train.State) error {
		scores, err := train.Evaluate(ctx, m, graph.NewKey(s.seed).Fork("pseudo"), parts[0], 500)
		likelihoods = append(likelihoods, -scores[train.Loss])
		return err
	}}}
	recipe.Train.Key = graph.NewKey(s.seed)
	if _, err := train.Run(ctx, m, parts[0], recipe.Train); err != nil {
		return nil, err
	}
	raw, err := logisticAccuracy(ctx, s, epochs, parts[0], parts[1])
	if err != nil {
		return nil, err
	}
	var codes [2]*data.Set
	for i, part := range parts {
		h, err := m.Transform(part.X)
		if err != nil {
			return nil, err
		}
		if codes[i], err = data.NewSet(h, part.Y); err != nil {
			return nil, err
		}
	}
	features, err := logisticAccuracy(ctx, s, epochs, codes[0], codes[1])
	return []figure{
		near("pseudo-likelihood after the first pass", -25.39, likelihoods[0], 1),
		near("pseudo-likelihood after the last pass", -20.09, likelihoods[len(likelihoods)-1], 1),
		{Name: "accuracy of logistic regression on features", Paper: 0.94, Ours: features, Low: 0.92, High: 1},
		{Name: "better than on pixels by", Paper: 0.17, Ours: features - raw, Low: 0.08, High: 0.25},
	}, err
}

// logisticAccuracy trains a logistic regression and returns the part of test that it classifies rightly.
func logisticAccuracy(ctx context.Context, s setting, epochs int, digits, test *data.Set) (float64, error) {
	net, err := pretrain.NewNetwork(pretrain.NetworkConfig{Shape: []int{digits.X.Shape[1]}, Outputs: 10, Seed: s.seed})
	if err != nil {
		return 0, err
	}
	const size = 100
	_, err = train.Run(ctx, net, digits, train.Config{Epochs: epochs, BatchSize: min(size, digits.Len()), Key: graph.NewKey(s.seed),
		Optim: optim.Config{Rate: 0.3, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: max(1, epochs*digits.Len()/size)}}})
	if err != nil {
		return 0, err
	}
	scores, err := train.Evaluate(ctx, net, graph.Key{}, test, min(500, test.Len()))
	return 1 - scores["error"], err
}
