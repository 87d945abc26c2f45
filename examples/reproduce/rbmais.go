package main

import (
	"context"
	"fmt"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/rbm"
)

const (
	rbm500Epochs = 250
	maxGibbs     = 25 // steps of the last stage of rbm500-cd25
)

// paperAIS is what the paper estimates log Z with.
var paperAIS = rbm.AISConfig{Chains: 100, Temperatures: 14500}

var rbm500CD1 = experiment{
	name:  "rbm500-cd1",
	about: "RBM of 500 hidden units on binarised MNIST by CD-1, log-probability of test images by AIS",
	paper: "Salakhutdinov & Murray 2008, On the quantitative analysis of deep belief networks, table 1",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		digits, test, err := loadBinarized()
		if err != nil {
			return nil, err
		}
		logp, stdErr, err := measureRBM500(ctx, s, "rbm500-cd1", []rbm.Recipe{rbm.Salakhutdinov(1, s.epochs(rbm500Epochs))}, paperAIS, digits, test)
		return []figure{near("test log-probability in nats", -125.53, logp, 5), aisError(stdErr)}, err
	},
}

var rbm500CD25 = experiment{
	name:  "rbm500-cd25",
	about: "the same by CD-k, k from 1 to 25, one more after every tenth epoch, with rates that fall as 1/k",
	paper: rbm500CD1.paper,
	run: func(ctx context.Context, s setting) ([]figure, error) {
		digits, test, err := loadBinarized()
		if err != nil {
			return nil, err
		}
		logp, stdErr, err := measureRBM500(ctx, s, "rbm500-cd25", raisedSteps(s.epochs(rbm500Epochs)), paperAIS, digits, test)
		return []figure{{Name: "test log-probability in nats", Paper: -86.34, Ours: logp, Low: -95, High: -84}, aisError(stdErr)}, err
	},
}

func aisError(stdErr float64) figure {
	return figure{Name: "standard error of AIS in nats", Ours: stdErr, High: 1}
}

// raisedSteps divides epochs evenly over stages of 1 to 25 steps.
func raisedSteps(epochs int) []rbm.Recipe {
	var stages []rbm.Recipe
	for k := 1; k <= maxGibbs; k++ {
		n := epochs*k/maxGibbs - epochs*(k-1)/maxGibbs
		if n == 0 {
			continue
		}
		r := rbm.Salakhutdinov(k, n)
		if len(stages) > 0 { // the later stages have no beginning
			r.Train.Optim.EarlyMomentum, r.Train.Optim.EarlySteps = 0, 0
		}
		stages = append(stages, r)
	}
	return stages
}

// measureRBM500 trains a machine in stages that differ in steps of Gibbs sampling and in rate, and returns
// the mean log-probability of test, and the standard error of AIS.
func measureRBM500(ctx context.Context, s setting, name string, stages []rbm.Recipe, ais rbm.AISConfig, digits, test *data.Set) (logp, stdErr float64, err error) {
	means := columnMeans(digits.X)
	var m *rbm.Model
	for i, stage := range stages {
		stage.Model.Seed = s.seed
		next, err := rbm.New(stage.Model)
		if err != nil {
			return 0, 0, err
		}
		if m == nil {
			err = next.InitVisible(means)
		} else {
			err = copyParams(next.Params(), m.Params())
		}
		if err != nil {
			return 0, 0, err
		}
		m = next
		if err := s.train(ctx, fmt.Sprintf("%s/%d", name, i), m, stage.Model, digits, stage.Train); err != nil {
			return 0, 0, err
		}
	}
	ais.Mean = means
	z, err := m.AIS(ctx, graph.NewKey(s.seed).Fork("ais"), ais)
	if err != nil {
		return 0, 0, err
	}
	logp, err = meanLogLikelihood(m, test.X, z.LogZ)
	return logp, z.StdErr, err
}

// copyParams gives to the values of from, which has the same parameters.
func copyParams(to, from *graph.Params) error {
	for _, q := range from.List() {
		if err := to.Lookup(q.Name).Set(q.Value()); err != nil {
			return err
		}
	}
	return nil
}
