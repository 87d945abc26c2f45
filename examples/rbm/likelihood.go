package main

import (
	"context"
	"fmt"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/rbm"
	"github.com/pkg/errors"
)

// likelihood tells the log-probability of the test examples: exact where the machine is small, else
// between estimates from annealing both ways.
func (p *program) likelihood(ctx context.Context) error {
	scores, err := train.Evaluate(ctx, p.machine, graph.Key{}, p.test, min(500, p.test.Len()))
	if err != nil {
		return err
	}
	fmt.Println("\nTest examples:")
	p.tell("squared error of the reconstruction", "%.3f", scores["error"])
	if p.model.HiddenUnits == rbm.Rectified {
		return nil // no likelihood in closed form
	}
	if p.model.VisibleUnits != rbm.Gaussian {
		if p.nats, err = p.machine.PseudoLikelihood(ctx, p.test.X.Rows(0, min(100, p.test.Len()))); err != nil {
			return err
		}
		sum := 0.0
		for _, v := range p.nats {
			sum += v
		}
		p.tell("pseudo-log-likelihood in nats", "%.2f", sum)
	}
	gap, err := p.machine.FreeEnergyGap(p.seen.X, p.held.X)
	if err != nil {
		return err
	}
	p.tell("free energy of held-out less that of training data", "%.2f", gap)
	free, err := p.machine.FreeEnergy(p.test.X)
	if err != nil {
		return err
	}
	mean, deviation := spread(free)
	exact, err := p.machine.LogZ(ctx)
	if err == nil {
		p.tell("log-probability in nats, exact", "%.2f +- %.2f", -mean-exact, deviation)
		return nil
	}
	if !errors.Is(err, rbm.ErrConfig) {
		return err
	}
	if p.temperatures == 0 {
		return nil
	}
	return p.annealed(ctx, mean)
}

// annealed estimates log Z both ways; mean is the test examples' mean free energy.
func (p *program) annealed(ctx context.Context, mean float64) error {
	key := graph.NewKey(p.model.Seed).Fork("annealing")
	cfg := rbm.AISConfig{Chains: 100, Temperatures: p.temperatures, Mean: means(p.training.X)}
	fmt.Printf("  annealing %d chains over %d distributions, and back ...\n", cfg.Chains, cfg.Temperatures)
	forward, err := p.machine.AIS(ctx, key, cfg)
	if err != nil {
		return err
	}
	samples, err := p.machine.Sample(ctx, key.Fork("samples"), cfg.Chains, p.gibbs, 1)
	if err != nil {
		return err
	}
	back, err := p.machine.ReverseAIS(ctx, key.Fork("reverse"), cfg, samples)
	if err != nil {
		return err
	}
	p.tell("log Z by annealing", "%.2f +- %.2f", forward.LogZ, forward.StdErr)
	p.tell("log Z by annealing back from samples", "%.2f +- %.2f", back.LogZ, back.StdErr)
	p.tell("log-probability in nats, by annealing", "%.2f", -mean-forward.LogZ)
	return nil
}

// tell prints a fact about the test examples and puts it in the report.
func (p *program) tell(name, format string, values ...any) {
	text := fmt.Sprintf(format, values...)
	fmt.Printf("  %-52s %s\n", name, text)
	p.folder.Report.Fact(name, text)
}

// spread is the mean of a's elements and its standard error.
func spread(a graph.Array) (mean, deviation float64) {
	n := float64(a.Len())
	for i := range a.Len() {
		mean += a.At(i) / n
	}
	for i := range a.Len() {
		d := a.At(i) - mean
		deviation += d * d / n
	}
	return mean, math.Sqrt(deviation / n)
}
