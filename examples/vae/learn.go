package main

import (
	"context"
	"fmt"
	"os"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/vae"
)

// fit makes and trains a model, apart from a part of the training data that it holds out.
func fit(ctx context.Context, o options, folder *show.Folder, name string, model vae.Config, training *data.Set) (*vae.Model, *train.History, error) {
	cfg := o.train
	cfg.Key = graph.NewKey(o.model.Seed).Fork(name)
	if o.valid > 0 {
		parts, err := training.Split(cfg.Key.Fork("valid"), 1-o.valid, o.valid)
		if err != nil {
			return nil, nil, err
		}
		training, cfg.Valid = parts[0], parts[1]
	}
	cfg.BatchSize = min(cfg.BatchSize, training.Len())
	if o.warmUp > 0 {
		steps := (training.Len() + cfg.BatchSize - 1) / cfg.BatchSize
		model.WarmUp = int(o.warmUp * float64(steps))
	}
	m, err := vae.New(model)
	if err != nil {
		return nil, nil, err
	}
	if err := m.InitOutput(training.Mean()); err != nil {
		return nil, nil, err
	}
	if cfg.Checkpoint, err = folder.Checkpoints(name, o.resume, m.Config()); err != nil {
		return nil, nil, err
	}
	cfg.Progress = os.Stderr
	fmt.Printf("\n%d latent units, %d weights\n", model.Latent, m.Params().Count())
	result, err := train.Run(ctx, m, training, cfg)
	if err != nil {
		return nil, nil, err
	}
	return m, result.History, nil
}

// fitFlat trains the same network with two latent units and without labels.
func fitFlat(ctx context.Context, o options, folder *show.Folder, training *data.Set) (*vae.Model, error) {
	model := o.model
	model.Latent, model.Classes = 2, 0
	o.train.Epochs = o.manifold
	m, _, err := fit(ctx, o, folder, "manifold", model, training)
	return m, err
}

// report prints what the model is worth on the test set, and which of its units are in use.
func report(ctx context.Context, o options, p *pictures) error {
	key := graph.NewKey(o.model.Seed).Fork("test")
	scores, err := train.Evaluate(ctx, p.model, key, p.test, min(500, p.test.Len()))
	if err != nil {
		return err
	}
	some := p.test
	if most := 500; some.Len() > most { // enough for a figure with one decimal
		if some, err = some.Subset(first(most)); err != nil {
			return err
		}
	}
	bounds, err := p.model.Bound(ctx, key, some.X, o.bound, labelsOf(p.model, some)...)
	if err != nil {
		return err
	}
	if p.units, err = p.model.Units(p.test.X, labelsOf(p.model, p.test)...); err != nil {
		return err
	}
	facts := [][2]string{
		{"negative bound on log p(x), test set", nats(scores[train.Loss])},
		{"  of that, reconstruction", nats(scores["reconstruction"])},
		{"  of that, KL divergence", nats(scores["kl"])},
		{fmt.Sprintf("negative bound by %d samples, %d test examples", o.bound, some.Len()), nats(-mean(bounds))},
		{"latent units in use", fmt.Sprintf("%d of %d", p.units.Active, o.model.Latent)},
	}
	fmt.Println()
	for _, f := range facts {
		fmt.Printf("%-52s %s\n", f[0], f[1])
		p.folder.Report.Fact(f[0], f[1])
	}
	if warning := p.units.Collapsed(); warning != "" {
		fmt.Fprintf(os.Stderr, "\nWarning: %s\n", warning)
		p.folder.Report.Text("Warning: " + warning)
	}
	return nil
}

func nats(v float64) string { return fmt.Sprintf("%.2f nats", v) }

func mean(a graph.Array) float64 {
	total := 0.0
	for i := range a.Len() {
		total += a.At(i)
	}
	return total / float64(a.Len())
}

// first is 0 to n-1.
func first(n int) []int {
	indices := make([]int, n)
	for i := range indices {
		indices[i] = i
	}
	return indices
}
