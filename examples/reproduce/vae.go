package main

import (
	"context"
	"fmt"
	"math"
	"os"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/vae"
	"github.com/pkg/errors"
)

const (
	burdaEpochs  = 100
	burdaSamples = 5000 // of the bound that stands for log p(x)
)

var vaeBurda = experiment{
	name:  "vae-burda",
	about: "VAE of MNIST, stochastic binarisation: negative log-likelihood by 5,000 samples; 100 epochs instead of 3,280",
	paper: "Burda, Grosse & Salakhutdinov 2015, Importance weighted autoencoders, table 1",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		digits, test, err := loadMNIST(ctx)
		if err != nil {
			return nil, err
		}
		nll, active, err := measureBurda(ctx, s, 1, burdaSamples, digits, test)
		return []figure{
			{Name: "test NLL in nats, k=1", Paper: 86.76, Ours: nll, Low: 86, High: 90},
			{Name: "active units", Paper: 19, Ours: float64(active), Low: 15, High: 30},
		}, err
	},
}

var iwaeBurda = experiment{
	name:  "iwae-burda",
	about: "IWAE of MNIST with 5 samples against the VAE, as vae-burda; with -resume that one's training counts",
	paper: "Burda, Grosse & Salakhutdinov 2015, Importance weighted autoencoders, table 1",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		digits, test, err := loadMNIST(ctx)
		if err != nil {
			return nil, err
		}
		plain, _, err := measureBurda(ctx, s, 1, burdaSamples, digits, test)
		if err != nil {
			return nil, err
		}
		weighted, active, err := measureBurda(ctx, s, 5, burdaSamples, digits, test)
		return []figure{
			{Name: "test NLL in nats, k=5", Paper: 85.54, Ours: weighted, Low: 84.8, High: 89.2},
			{Name: "better than k=1 by, nats", Paper: 86.76 - 85.54, Ours: plain - weighted, Low: 0.8, High: 3},
			{Name: "active units", Paper: 22, Ours: float64(active), Low: 15, High: 30},
		}, err
	},
}

// measureBurda trains with k samples at the paper's eight rates, from output biases of the data's mean as in
// the paper, and returns the mean negative bound of test by many samples and the number of active units.
func measureBurda(ctx context.Context, s setting, k, samples int, digits, test *data.Set) (nll float64, active int, err error) {
	recipe, err := vae.Burda(k, vae.BurdaStages)
	if err != nil {
		return 0, 0, err
	}
	recipe.Model.Seed = s.seed
	m, err := vae.New(recipe.Model)
	if err != nil {
		return 0, 0, err
	}
	bias := columnMeans(digits.X.Reshape(digits.Len(), recipe.Model.Inputs()))
	for i, p := range bias {
		p = min(max(p, 1e-3), 1-1e-3)
		bias[i] = math.Log(p / (1 - p))
	}
	output := m.Params().Lookup(fmt.Sprintf("dec/%d/b", len(recipe.Model.Encoder)))
	if err := output.Set(graph.Floats64(bias, len(bias))); err != nil {
		return 0, 0, err
	}
	for i, epochs := range burdaEpochsByStage(s.epochs(burdaEpochs)) {
		if epochs == 0 {
			continue
		}
		stage := recipe.Stages[i]
		stage.Epochs = epochs
		if err := s.train(ctx, fmt.Sprintf("burda/k%d/%d", k, i), m, recipe.Model, digits, stage); err != nil {
			return 0, 0, err
		}
	}
	units, err := m.Units(test.X)
	if err != nil {
		return 0, 0, err
	}
	nll, err = negativeBound(ctx, m, test.X, samples, graph.NewKey(s.seed).Fork("bound"))
	return nll, units.Active, err
}

// burdaEpochsByStage divides a number of epochs: half of them at the highest rate, the rest evenly over the
// others. With the paper's own proportions, powers of 3, most of a short training would be at rates too low
// to get anywhere.
func burdaEpochsByStage(epochs int) []int {
	byStage := []int{(epochs + 1) / 2}
	rest, others := epochs/2, vae.BurdaStages-1
	for i := range others {
		byStage = append(byStage, rest*(i+1)/others-rest*i/others)
	}
	return byStage
}

// negativeBound is the mean over examples (n, ...) of the negative bound by k samples, in nats.
func negativeBound(ctx context.Context, m *vae.Model, x graph.Array, k int, key graph.Key) (float64, error) {
	const part = 100
	n, sum := x.Shape[0], 0.0
	for lo := 0; lo < n; lo += part {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		hi := min(lo+part, n)
		bound, err := m.Bound(ctx, key.ForkN(lo), x.Rows(lo, hi), k)
		if err != nil {
			return 0, errors.WithMessagef(err, "examples %d to %d", lo, hi-1)
		}
		sum -= mean(bound) * float64(hi-lo)
		if lo/part%10 == 9 {
			fmt.Fprintf(os.Stderr, "bound of %d of %d examples, mean %.2f\n", hi, n, sum/float64(hi))
		}
	}
	return sum / float64(n), nil
}
