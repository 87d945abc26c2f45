package main

import (
	"context"
	"fmt"
	"math"
	"os"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/rbm"
)

// dnaScores is how often the exact likelihood of held-out data is computed, to choose the weights.
const dnaScores = 5

var dna23 = experiment{
	name:  "rbm23-dna",
	about: "RBM of 23 hidden units on UCI's DNA set, exact negative log-likelihood; the number of passes is chosen on the validation set",
	paper: "Larochelle & Murray 2011, The neural autoregressive distribution estimator, table 1",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		sets, err := loadDNA()
		if err != nil {
			return nil, err
		}
		recipe := rbm.LarochelleMurray(180, 23)
		recipe.Train.Epochs = s.epochs(recipe.Train.Epochs)
		return measureDNA(ctx, s, recipe, split{sets[0], sets[1], sets[2]})
	},
}

func measureDNA(ctx context.Context, s setting, recipe rbm.Recipe, sets split) ([]figure, error) {
	recipe.Model.Seed = s.seed
	m, err := rbm.New(recipe.Model)
	if err != nil {
		return nil, err
	}
	if err := m.InitVisible(columnMeans(sets.train.X)); err != nil {
		return nil, err
	}
	valid, test := math.Inf(1), 0.0
	cfg := recipe.Train
	every := max(1, cfg.Epochs/dnaScores)
	cfg.Hooks = []train.Hook{{OnEpoch: func(st train.State) error {
		if st.Epoch%every != 0 {
			return nil
		}
		v, t, err := heldOut(ctx, m, sets.valid, sets.test)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "epoch %d: NLL %.2f validation, %.2f test\n", st.Epoch, v, t)
		if v < valid {
			valid, test = v, t
		}
		return nil
	}}}
	cfg.Key, cfg.Progress = graph.NewKey(s.seed), os.Stderr
	if _, err := train.Run(ctx, m, sets.train, cfg); err != nil {
		return nil, err
	}
	return []figure{near("test NLL in nats", 96.74, test, 1)}, nil
}

// heldOut is the exact mean negative log-likelihood of two sets.
func heldOut(ctx context.Context, m *rbm.Model, valid, test *data.Set) (v, t float64, err error) {
	logZ, err := m.LogZ(ctx)
	if err != nil {
		return 0, 0, err
	}
	if v, err = meanLogLikelihood(m, valid.X, logZ); err != nil {
		return 0, 0, err
	}
	t, err = meanLogLikelihood(m, test.X, logZ)
	return -v, -t, err
}
