package main

import (
	"context"
	"fmt"
	"os"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/rbm"
)

// rbm16Cells are the log-likelihoods of Melchior et al. 2016 for a machine of 16 hidden units.
var rbm16Cells = []struct {
	name    string
	flipped bool
	centred bool
	paper   float64
	within  float64
}{
	{"thresholded MNIST, centred", false, true, -142.56, 2},
	{"thresholded MNIST, normal", false, false, -149.05, 5},
	{"1 - thresholded MNIST, centred", true, true, -142.09, 2},
	{"1 - thresholded MNIST, normal", true, false, -183.36, 5},
}

var rbm16 = experiment{
	name:  "rbm16-exact",
	about: "log-likelihood of RBMs with 16 hidden units on MNIST and flipped MNIST, with and without centring, means over 3 seeds; log Z is exact",
	paper: "Melchior, Fischer & Wiskott 2016, How to center deep Boltzmann machines",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		digits, test, err := loadMNIST(ctx)
		if err != nil {
			return nil, err
		}
		return measureRBM16(ctx, s, 3, digits, test)
	},
}

// measureRBM16 returns means over a number of seeds, as the paper does over 25: persistent chains leave a
// likelihood that goes up and down by some nats from epoch to epoch.
func measureRBM16(ctx context.Context, s setting, seeds int, digits, test *data.Set) ([]figure, error) {
	var figures []figure
	for i, cell := range rbm16Cells {
		examples, err := threshold(digits, cell.flipped)
		if err != nil {
			return nil, err
		}
		held, err := threshold(test, cell.flipped)
		if err != nil {
			return nil, err
		}
		ours := 0.0
		for n := range seeds {
			run := s
			run.seed += uint64(n)
			logp, err := exactLikelihood(ctx, run, fmt.Sprintf("rbm16-exact/%d-%d", i, n), cell.centred, examples, held)
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(os.Stderr, "%s, seed %d: test log-likelihood %.2f\n", cell.name, run.seed, logp)
			ours += logp / float64(seeds)
		}
		figures = append(figures, near("test log-likelihood in nats, "+cell.name, cell.paper, ours, cell.within))
	}
	gap := figures[2].Ours - figures[3].Ours
	return append(figures, near("gain by centring on 1 - MNIST, nats", rbm16Cells[2].paper-rbm16Cells[3].paper, gap, 7)), nil
}

// exactLikelihood trains a machine on examples and returns the mean log-likelihood of held.
func exactLikelihood(ctx context.Context, s setting, name string, centred bool, examples, held *data.Set) (float64, error) {
	recipe := rbm.Melchior(examples.X.Shape[1], centred)
	recipe.Model.Seed = s.seed
	recipe.Train.Epochs = s.epochs(recipe.Train.Epochs)
	m, err := rbm.New(recipe.Model)
	if err != nil {
		return 0, err
	}
	if err := startExact(m, columnMeans(examples.X)); err != nil {
		return 0, err
	}
	if err := s.train(ctx, name, m, recipe.Model, examples, recipe.Train); err != nil {
		return 0, err
	}
	logZ, err := m.LogZ(ctx)
	if err != nil {
		return 0, err
	}
	return meanLogLikelihood(m, held.X, logZ)
}

// startExact gives the machine the visible biases of the data's mean and chains of zeros. With centring the
// biases are those of the centred machine, whose hidden ones are 0, and ours follow from the offsets: b - w
// lambda and c - w' mu.
func startExact(m *rbm.Model, mean []float64) error {
	p := m.Params()
	if err := m.InitVisible(mean); err != nil {
		return err
	}
	chains := p.Lookup("chains")
	if err := chains.Set(graph.Floats32(make([]float32, chains.Size), chains.Shape...)); err != nil {
		return err
	}
	if m.Config().Centring == 0 {
		return nil
	}
	w, visible, lambda := p.Lookup("w").Value(), p.Lookup("b").Value(), p.Lookup("offset/hidden").Value()
	d, h := w.Shape[0], w.Shape[1]
	b, c := make([]float64, d), make([]float64, h)
	for i := range d {
		b[i] = visible.At(i)
		for j := range h {
			b[i] -= lambda.At(j) * w.At(i*h+j)
			c[j] -= mean[i] * w.At(i*h+j)
		}
	}
	if err := p.Lookup("b").Set(graph.Floats64(b, d)); err != nil {
		return err
	}
	return p.Lookup("c").Set(graph.Floats64(c, h))
}

// meanLogLikelihood is the mean of log p over examples (n, d), in nats.
func meanLogLikelihood(m *rbm.Model, x graph.Array, logZ float64) (float64, error) {
	logp, err := m.LogLikelihood(x, logZ)
	if err != nil {
		return 0, err
	}
	return mean(logp), nil
}

func mean(a graph.Array) float64 {
	sum := 0.0
	for i := range a.Len() {
		sum += a.At(i)
	}
	return sum / float64(a.Len())
}
