package main

import (
	"context"
	"fmt"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
	"gonum.org/v1/gonum/mat"
)

// pcaErrors are the squared errors per MNIST test image of k principal components of the training
// images: pixels in [0, 1], mean and components from the 60,000. They were computed by NumPy, in float64,
// from all eigenvectors of the covariance.
var pcaErrors = []struct {
	k     int
	error float64
}{{2, 43.6449}, {10, 26.7139}, {30, 13.8663}, {50, 9.0043}, {100, 4.4028}}

const linearCode = 30 // code size of the linear autoencoder

var pca30 = experiment{
	name:  "pca30",
	about: "principal component analysis of MNIST, squared error per test image for 2 to 100 components",
	paper: "Hinton & Salakhutdinov 2006, which has 13.87 for 30 components; all numbers by NumPy",
	run: func(ctx context.Context, _ setting) ([]figure, error) {
		digits, test, err := loadMNIST(ctx)
		if err != nil {
			return nil, err
		}
		return measurePCA(ctx, digits, test)
	},
}

func measurePCA(ctx context.Context, digits, test *data.Set) ([]figure, error) {
	all, err := ae.FitPCA(digits.X, pcaErrors[len(pcaErrors)-1].k)
	if err != nil {
		return nil, err
	}
	d, _ := all.Components.Dims()
	var figures []figure
	for _, p := range pcaErrors {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		first := &ae.PCA{Mean: all.Mean, Components: mat.DenseCopyOf(all.Components.Slice(0, d, 0, p.k)), Variances: all.Variances}
		ours, err := first.Error(test.X)
		if err != nil {
			return nil, err
		}
		figures = append(figures, around(fmt.Sprintf("squared error per test image, k=%d", p.k), p.error, ours, 1e-4))
	}
	return figures, nil
}

var linearAE = experiment{
	name:  "linear-ae",
	about: "linear autoencoder of MNIST with a code of 30: it finds the principal subspace",
	paper: "Baldi & Hornik 1989, Neural networks and principal component analysis",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		digits, test, err := loadMNIST(ctx)
		if err != nil {
			return nil, err
		}
		const steps = 3000
		return measureLinear(ctx, s, digits, test, ae.Linear(28*28, linearCode, steps))
	},
}

// measureLinear trains a linear autoencoder and compares it with principal component analysis of
// the same data and code size. The biases of the model learn the mean.
func measureLinear(ctx context.Context, s setting, digits, test *data.Set, recipe ae.Recipe) ([]figure, error) {
	pca, err := ae.FitPCA(digits.X, recipe.Model.CodeSize())
	if err != nil {
		return nil, err
	}
	best, err := pca.Error(test.X)
	if err != nil {
		return nil, err
	}
	recipe.Model.Seed = s.seed
	model, err := ae.New(recipe.Model)
	if err != nil {
		return nil, err
	}
	if err := s.train(ctx, "linear-ae", model, recipe.Model, digits, recipe.Train); err != nil {
		return nil, err
	}
	scores, err := train.Evaluate(ctx, model, graph.Key{}, test, 500)
	if err != nil {
		return nil, err
	}
	angles, err := ae.PrincipalAngles(decoderColumns(model), pca.Components)
	if err != nil {
		return nil, err
	}
	mean := 0.0
	for _, a := range angles {
		mean += a / float64(len(angles))
	}
	return []figure{
		around("squared error per test image (PCA's)", best, scores["error"], 1e-3),
		{Name: "mean principal angle to PCA's subspace, degrees", Ours: mean, High: 5},
	}, nil
}

// decoderColumns are the columns (d, k) that the decoder of a linear model adds up.
func decoderColumns(model *ae.Model) *mat.Dense {
	w := model.Params().Lookup("dec/0/w").Value() // (k, d)
	k, d := w.Shape[0], w.Shape[1]
	m := mat.NewDense(d, k, nil)
	m.Apply(func(i, j int, _ float64) float64 { return w.At(j*d + i) }, m)
	return m
}
