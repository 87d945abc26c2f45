package main

import (
	"context"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/pixel"
)

const pixelEpochs = 3

var gatedPixelCNN = experiment{
	name:  "gated-pixelcnn",
	about: "gated PixelCNN of MNIST, fixed binarisation: exact negative log-likelihood; 12 layers of 16 features, 3 epochs",
	paper: "van den Oord et al. 2016, Pixel recurrent neural networks, table 4: 81.30 for a PixelCNN without gates",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		return measurePixel(ctx, s, "gated-pixelcnn", pixel.GatedPixelCNN, 81.30)
	},
}

var rowLSTM = experiment{
	name:  "row-lstm",
	about: "Row LSTM of MNIST, fixed binarisation: exact negative log-likelihood; 4 layers of 32 units instead of 12, 3 epochs",
	paper: "van den Oord et al. 2016, Pixel recurrent neural networks, table 4: 80.54",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		return measurePixel(ctx, s, "row-lstm", pixel.RowLSTM, 80.54)
	},
}

func measurePixel(ctx context.Context, s setting, name string, recipe func(examples, epochs int) pixel.Recipe, paper float64) ([]figure, error) {
	digits, test, err := loadBinarized()
	if err != nil {
		return nil, err
	}
	nll, err := pixelNLL(ctx, s, name, recipe(digits.Len(), s.epochs(pixelEpochs)), digits, test)
	return []figure{{Name: "test NLL in nats", Paper: paper, Ours: nll, Low: paper - 1.5, High: paper + 4}}, err
}

// pixelNLL trains a recipe and returns the mean of -log p(x) over the test set.
func pixelNLL(ctx context.Context, s setting, name string, r pixel.Recipe, digits, test *data.Set) (float64, error) {
	r.Model.Seed = s.seed
	m, err := pixel.New(r.Model)
	if err != nil {
		return 0, err
	}
	if err := s.train(ctx, name, m, m.Config(), digits, r.Train); err != nil {
		return 0, err
	}
	scores, err := train.Evaluate(ctx, m, graph.NewKey(s.seed).Fork("test"), test, r.Train.BatchSize)
	return scores[train.Loss], err
}
