package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/rbm"
)

// barsRuns is how many machines bars-stripes trains: single ones differ, and the paper shows medians of 25.
const barsRuns = 5

var barsStripes = experiment{
	name:  "bars-stripes",
	about: "CD-1 on bars and stripes of 4x4 pixels: the exact log-likelihood of the set rises, and then diverges",
	paper: "Fischer & Igel 2010, Empirical analysis of the divergence of Gibbs sampling based learning algorithms for RBMs",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		return measureBars(ctx, s, barsRuns, rbm.FischerIgel(s.epochs(10000)))
	},
}

// measureBars trains machines on bars and stripes, whose exact log-likelihood it follows, and returns
// medians over the runs. The log-likelihood is summed over the 30 different images, as in the paper.
func measureBars(ctx context.Context, s setting, runs int, recipe rbm.Recipe) ([]figure, error) {
	set, err := barsAndStripes(4)
	if err != nil {
		return nil, err
	}
	best, end := make([]float64, runs), make([]float64, runs)
	for i := range runs {
		recipe.Model.Seed = s.seed + uint64(i)
		m, err := rbm.New(recipe.Model)
		if err != nil {
			return nil, err
		}
		best[i] = math.Inf(-1)
		cfg := recipe.Train
		cfg.Key = graph.NewKey(recipe.Model.Seed)
		every := max(1, cfg.Epochs/200)
		cfg.Hooks = []train.Hook{{OnEpoch: func(st train.State) error {
			if st.Epoch%every != 0 {
				return nil
			}
			logZ, err := m.LogZ(ctx)
			if err != nil {
				return err
			}
			if end[i], err = sumDistinct(m, set.X, logZ); err != nil {
				return err
			}
			best[i] = max(best[i], end[i])
			return nil
		}}}
		if _, err := train.Run(ctx, m, set, cfg); err != nil {
			return nil, err
		}
		fmt.Fprintf(os.Stderr, "run %d of %d: highest log-likelihood %.2f, at the end %.2f\n", i+1, runs, best[i], end[i])
	}
	falls := make([]float64, runs)
	for i := range falls {
		falls[i] = best[i] - end[i]
	}
	n := float64(set.Len())
	bound := -(n-4)*math.Log(n) - 2*math.Log(n/2)
	return []figure{
		near("highest possible log-likelihood, nats", -102.59, bound, 0.01),
		{Name: fmt.Sprintf("highest by CD-1, median of %d runs", runs), Paper: bound, Ours: median(best), Low: -140, High: bound},
		{Name: "fall from there to the end, median", Ours: median(falls), Low: 5, High: 1000},
	}, nil
}

// sumDistinct is the sum of log p over the different rows of binary x (n, d).
func sumDistinct(m *rbm.Model, x graph.Array, logZ float64) (float64, error) {
	logp, err := m.LogLikelihood(x, logZ)
	if err != nil {
		return 0, err
	}
	seen := map[string]bool{}
	sum := 0.0
	for i := range x.Shape[0] {
		if row := fmt.Sprint(x.Rows(i, i+1).F32); !seen[row] {
			seen[row] = true
			sum += logp.At(i)
		}
	}
	return sum, nil
}

func median(xs []float64) float64 {
	xs = slices.Clone(xs)
	slices.Sort(xs)
	n := len(xs)
	return (xs[(n-1)/2] + xs[n/2]) / 2
}
