// Rbm trains a restricted Boltzmann machine with any units on any data, estimates the likelihood of test
// examples, and writes pictures of what it has learnt, the model and a report to a folder.
//
//	go run ./examples/rbm                                                     # embedded digits
//	go run ./examples/rbm -data mnist -hidden 500 -epochs 30 -batch 100 -chains 100
//	go run ./examples/rbm -chains 0 -k 5 -momentum 0.9 -rate 0.01             # contrastive divergence
//	go run ./examples/rbm -data photos/ -size 24 -visible gaussian -normalize standard -units rectified -chains 0 -rate 0.001
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/rbm"
	"github.com/pkg/errors"
)

// options are what the flags say.
type options struct {
	input        show.Input
	model        rbm.Config
	normalize    string
	binarize     bool
	valid        float64
	epochs       int
	batch        int
	rate         float64
	momentum     float64
	decay        float64
	gibbs        int
	temperatures int // of annealing
	out          string
	resume       bool
}

func main() {
	o := options{}
	o.input.Flags()
	m := &o.model
	flag.TextVar(&m.VisibleUnits, "visible", rbm.Bernoulli, "units of the data: bernoulli (values in [0, 1]), gaussian or softmax")
	flag.IntVar(&m.Categories, "categories", 0, "size of a one-hot group of softmax units")
	flag.BoolVar(&m.LearnStd, "learn-std", false, "learn the standard deviations of gaussian units")
	flag.StringVar(&o.normalize, "normalize", "none", show.NormalizeUsage)
	flag.BoolVar(&o.binarize, "binarize", true, "draw bernoulli data anew in every epoch, 1 with the value as its probability")
	flag.IntVar(&m.Hidden, "hidden", 200, "hidden units")
	flag.TextVar(&m.HiddenUnits, "units", rbm.Bernoulli, "hidden units: bernoulli, rectified or gaussian")
	flag.IntVar(&m.Steps, "k", 1, "steps of Gibbs sampling behind one gradient")
	flag.IntVar(&m.Chains, "chains", 100, "persistent chains; 0 is contrastive divergence")
	flag.IntVar(&m.Temperatures, "temperatures", 0, "parallel tempering: temperatures of every chain; 0 is none")
	flag.BoolVar(&m.VisibleMeans, "visible-means", false, "the chains take the means of the data's units in place of draws")
	flag.Float64Var(&m.Centring, "centring", 0, "rate at which the offsets of centring follow; 0 is none, 0.01 is usual")
	flag.Float64Var(&m.SparsityTarget, "sparsity-target", 0, "mean activity of hidden units to aim at, in (0, 1); 0 is none")
	flag.Float64Var(&m.SparsityCost, "sparsity-cost", 0, "how strongly")
	flag.Float64Var(&m.InitStd, "init-std", 0, "standard deviation of the initial weights; 0 is the default of 0.01")
	flag.IntVar(&o.epochs, "epochs", 60, "passes over the training data")
	flag.IntVar(&o.batch, "batch", 50, "examples in a batch; all of them if there are fewer")
	flag.Float64Var(&o.rate, "rate", 0.05, "learning rate at the start; it falls to 0")
	flag.Float64Var(&o.momentum, "momentum", 0, "momentum after the first five epochs, which have 0.5; 0 is none at all, as persistent chains want it")
	flag.Float64Var(&o.decay, "decay", 1e-4, "weight decay")
	flag.Float64Var(&o.valid, "valid", 0.1, "part of the training data that is held out for the curves")
	flag.IntVar(&o.gibbs, "gibbs", 1000, "Gibbs steps behind the last fantasies and the completions")
	flag.IntVar(&o.temperatures, "annealing", 2000, "intermediate distributions of the likelihood's estimate; 0 is no estimate")
	flag.Uint64Var(&m.Seed, "seed", 1, "decides everything random")
	flag.StringVar(&o.out, "out", "rbm-out", "folder for pictures, model and report")
	flag.BoolVar(&o.resume, "resume", false, "go on from the checkpoint of an interrupted run")
	show.Parse()
	show.Main("rbm", func(ctx context.Context) error { return run(ctx, o) })
}

// program is the state of a run.
type program struct {
	options
	training *data.Set
	// Examples as the machine sees them, binary if it is trained on draws: held out, of the training
	// data as many, and test.
	held, seen, test *data.Set
	normalizer       *data.Normalizer
	machine          *rbm.Model
	folder           *show.Folder
	nats             []float64 // pseudo-log-likelihood of test examples, by feature
}

func run(ctx context.Context, o options) error {
	p := &program{options: o}
	if err := p.prepare(ctx); err != nil {
		return err
	}
	for _, f := range []func(context.Context) error{p.fit, p.likelihood, p.filters, p.reconstructions, p.fantasies, p.completions, p.uncertainty} {
		if err := f(ctx); err != nil {
			return err
		}
	}
	if err := p.machine.Save(p.folder.File("model.safetensors")); err != nil {
		return err
	}
	return p.folder.Close()
}

// prepare reads the data and makes the machine.
func (p *program) prepare(ctx context.Context) (err error) {
	key := graph.NewKey(p.model.Seed)
	if p.gibbs < 1 || p.temperatures < 0 {
		return errors.Errorf("-gibbs %d and -annealing %d, expected at least 1 and 0", p.gibbs, p.temperatures)
	}
	if p.training, p.test, err = p.input.Load(ctx, key.Fork("split")); err != nil {
		return err
	}
	if p.normalizer, err = show.Normalize(p.normalize, p.training, p.test); err != nil {
		return err
	}
	if !(p.valid > 0 && p.valid < 1) {
		return errors.Errorf("-valid %g, expected a part between 0 and 1", p.valid)
	}
	parts, err := p.training.Split(key.Fork("valid"), 1-p.valid, p.valid)
	if err != nil {
		return err
	}
	p.training, p.held = parts[0], parts[1]
	first := make([]int, p.held.Len())
	for i := range first {
		first[i] = i % p.training.Len()
	}
	if p.seen, err = p.training.Subset(first); err != nil {
		return err
	}
	if p.binarize = p.binarize && p.model.VisibleUnits == rbm.Bernoulli; p.binarize {
		for name, set := range map[string]**data.Set{"test": &p.test, "held": &p.held, "seen": &p.seen} {
			if *set, err = (*set).Map(key.Fork("binarise/"+name), data.Binarize); err != nil {
				return err
			}
		}
	}
	p.model.Visible, p.model.Normalizer = p.training.X.Len()/p.training.Len(), p.normalizer
	if p.machine, err = rbm.New(p.model); err != nil {
		return err
	}
	if err := p.machine.InitVisible(means(p.training.X)); err != nil {
		return errors.WithMessage(err, "-data")
	}
	if p.folder, err = show.NewFolder(p.out, "A restricted Boltzmann machine on "+p.input.Path); err != nil {
		return err
	}
	fmt.Printf("%d training, %d held-out and %d test examples of shape %v; %v units over %v ones\n",
		p.training.Len(), p.held.Len(), p.test.Len(), p.training.Shape(), p.model.HiddenUnits, p.model.VisibleUnits)
	return nil
}

// means are the means (d) of examples (n, ...).
func means(x graph.Array) []float64 {
	n := x.Shape[0]
	mean := make([]float64, x.Len()/n)
	for i := range x.Len() {
		mean[i%len(mean)] += x.At(i) / float64(n)
	}
	return mean
}

// fit trains the machine and draws its curves.
func (p *program) fit(ctx context.Context) error {
	checkpoint, err := p.folder.Checkpoints("rbm", p.resume, p.machine.Config())
	if err != nil {
		return err
	}
	batch := min(p.batch, p.training.Len())
	epoch := (p.training.Len() + max(batch, 1) - 1) / max(batch, 1)
	cfg := train.Config{
		Epochs: p.epochs, BatchSize: batch, Key: graph.NewKey(p.model.Seed), Checkpoint: checkpoint, Progress: os.Stderr,
		Optim: optim.Config{
			Method: optim.SGD, Rate: p.rate, L2: p.decay,
			Schedule: optim.Schedule{Kind: optim.Cosine, Steps: max(1, p.epochs*epoch)},
		},
	}
	if p.momentum != 0 {
		cfg.Optim.Method, cfg.Optim.Momentum, cfg.Optim.EarlyMomentum, cfg.Optim.EarlySteps = optim.Momentum, p.momentum, 0.5, 5*epoch
	}
	if cfg.Valid, err = data.NewSet(p.held.X, p.seen.X); err != nil {
		return err
	}
	var src data.Source = p.training
	if p.binarize {
		src = data.Map(p.training, data.Binarize)
	}
	result, err := train.Run(ctx, paired{p.machine}, src, cfg)
	if err != nil {
		return err
	}
	if err := result.History.SaveCSV(p.folder.File("history.csv")); err != nil {
		return err
	}
	return p.curves(result.History)
}

// paired is a machine that is scored on pairs of a held-out and a training example, the target: with a metric
// more, "gap", the free energy of the first less that of the second.
type paired struct{ *rbm.Model }

func (p paired) Evaluate(key graph.Key, b data.Batch) (train.Metrics, error) {
	m, err := p.Model.Evaluate(key, b)
	if err != nil || p.Config().HiddenUnits == rbm.Rectified { // which have no free energy
		return m, err
	}
	m["gap"], err = p.FreeEnergyGap(b.Y, b.X)
	return m, err
}
