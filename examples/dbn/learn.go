package main

import (
	"context"
	"fmt"
	"os"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
	"github.com/latent-go/latent/pretrain"
	"github.com/latent-go/latent/rbm"
)

// program is the state of a run.
type program struct {
	options
	hidden      []int
	classes     int // 0 if the data has no labels
	train, test *data.Set
	normalizer  *data.Normalizer
	binaryTest  *data.Set // the test examples as fixed draws of zeros and ones
	folder      *show.Folder
	stack       *pretrain.Stack // with a top machine that knows nothing of labels
}

// machine is the training of one machine.
func (p *program) machine(name string) train.Config {
	epoch := (p.train.Len() + p.batch - 1) / p.batch
	return train.Config{
		Epochs: p.epochs, BatchSize: p.batch, Progress: os.Stderr, Key: graph.NewKey(p.seed).Fork(name),
		Optim: optim.Config{
			Method: optim.Momentum, Rate: p.rate, Momentum: 0.9, EarlyMomentum: 0.5, EarlySteps: 2 * epoch, L2: 2e-4,
		},
	}
}

// persistent is the training of a top machine: its chains follow only small steps, which get smaller to the end.
func (p *program) persistent(name string) train.Config {
	cfg := p.machine(name)
	steps := p.epochs * ((p.train.Len() + p.batch - 1) / p.batch)
	cfg.Optim = optim.Config{Method: optim.SGD, Rate: p.rate, L2: 2e-4, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: steps}}
	return cfg
}

// binary is the training data as zeros and ones that are drawn anew in every epoch.
func (p *program) binary() data.Source { return data.Map(p.train, data.Binarize) }

// greedy trains the machines one on the codes of the other.
func (p *program) greedy(ctx context.Context) error {
	cfg := pretrain.Config{Dir: p.checkpoints("stack"), Resume: p.resume, Seed: p.seed}
	for i, units := range append(p.hidden, p.top) {
		l := pretrain.Layer{RBM: &rbm.Config{Hidden: units, Steps: 1}, Draw: true, Train: p.machine(fmt.Sprintf("machine-%d", i))}
		if i == len(p.hidden) { // the one that generates
			l.RBM.Chains, l.Train = p.batch, p.persistent("top")
		}
		cfg.Layers = append(cfg.Layers, l)
	}
	cfg.Layers[0].RBM.Normalizer = p.normalizer
	fmt.Printf("\n%d machines, layer by layer\n", len(cfg.Layers))
	stack, _, err := pretrain.Train(ctx, cfg, p.binary())
	if err != nil {
		return err
	}
	p.stack = stack
	if err := stack.Save(p.folder.File("stack.safetensors")); err != nil {
		return err
	}
	return p.filters()
}

// unlabelled makes a net of the stack, trains it by the up-down algorithm, and tells bounds on the likelihood.
func (p *program) unlabelled(ctx context.Context) error {
	net, err := p.stack.DBN(pretrain.DBNHead{Steps: 3, Chains: p.batch, Seed: p.seed})
	if err != nil {
		return err
	}
	var rows [][]string
	row := func(name string) error {
		r, err := p.bound(ctx, net)
		rows = append(rows, append([]string{name}, r...))
		return err
	}
	if err := row("greedy"); err != nil {
		return err
	}
	if err := p.tune(ctx, net, "updown", "The up-down algorithm", p.binary()); err != nil {
		return err
	}
	if err := row("up-down"); err != nil {
		return err
	}
	p.folder.Report.Section("Likelihood")
	p.folder.Report.Text("A lower bound on log p(x) of binarised test images, in nats: the mean over examples of draws of the hidden layers, with the top machine's partition function by annealed importance sampling.")
	p.folder.Report.Table("Bound on log p(x) of the test data.", []string{"training", "bound", "standard error", "log Z", "standard error of log Z"}, rows)
	if err := net.Save(p.folder.File("dbn.safetensors")); err != nil {
		return err
	}
	return p.dreams(ctx, net)
}

// tune trains a net by the up-down algorithm, under a title.
func (p *program) tune(ctx context.Context, net *pretrain.DBN, name, title string, src data.Source) error {
	checkpoint, err := p.folder.Checkpoints(name, p.resume, net.Config())
	if err != nil {
		return err
	}
	fmt.Printf("\n%s\n", title)
	r, err := train.Run(ctx, net, src, train.Config{
		Epochs: p.upDown, BatchSize: p.batch, Progress: os.Stderr, Key: graph.NewKey(p.seed).Fork(name),
		Optim: optim.Config{Method: optim.SGD, Rate: p.rate / 10}, Checkpoint: checkpoint,
	})
	if err != nil {
		return err
	}
	p.folder.Report.Section(title)
	img, err := show.Curves(r.History, "wake", view.Axes{Title: "Wake phase", X: "step", Y: "cross-entropy in nats"})
	if err := p.folder.Picture(name, "What it costs to predict every layer from the one above, in the wake phase.", img, err); err != nil {
		return err
	}
	return r.History.SaveCSV(p.folder.File(name + ".csv"))
}

// bound estimates the bound on log p(x) of the binarised test examples, and prints it.
func (p *program) bound(ctx context.Context, net *pretrain.DBN) ([]string, error) {
	top, err := net.Top()
	if err != nil {
		return nil, err
	}
	key := graph.NewKey(p.seed).Fork("bound")
	codes, err := net.Encode(p.train.X)
	if err != nil {
		return nil, err
	}
	z, err := top.AIS(ctx, key, rbm.AISConfig{Chains: p.chains, Temperatures: p.temps, Mean: columnMeans(codes)})
	if err != nil {
		return nil, err
	}
	b, err := net.Bound(ctx, key, p.binaryTest.X, 10, z.LogZ)
	if err != nil {
		return nil, err
	}
	mean, deviation := meanAndError(b)
	fmt.Printf("log p(x) of a test image is at least %.2f (+-%.2f) nats, with log Z = %.2f (+-%.2f)\n", mean, deviation, z.LogZ, z.StdErr)
	number := func(x float64) string { return fmt.Sprintf("%.2f", x) }
	return []string{number(mean), number(deviation), number(z.LogZ), number(z.StdErr)}, nil
}

// labelled joins the labels to the top machine, goes on training it, then all of the net, and classifies by its free
// energy.
func (p *program) labelled(ctx context.Context) error {
	net, err := p.stack.DBN(pretrain.DBNHead{Labels: p.classes, Steps: 1, Chains: p.batch, Seed: p.seed})
	if err != nil {
		return err
	}
	cfg := p.persistent("top-labels")
	if cfg.Checkpoint, err = p.folder.Checkpoints("top-labels", p.resume, net.Config()); err != nil {
		return err
	}
	fmt.Printf("\nThe top machine, with labels\n")
	if _, err := net.TrainTop(ctx, p.train, cfg); err != nil {
		return err
	}
	greedy, err := p.error(ctx, net)
	if err != nil {
		return err
	}
	if err := p.tune(ctx, net, "updown-labels", "The up-down algorithm, with labels", p.train); err != nil {
		return err
	}
	tuned, err := p.error(ctx, net)
	if err != nil {
		return err
	}
	p.fact("test error by the free energy of the labels, greedy", greedy)
	p.fact("the same after the up-down algorithm", tuned)
	if err := net.Save(p.folder.File("dbn-labels.safetensors")); err != nil {
		return err
	}
	return p.dreamsByLabel(ctx, net)
}

// classify fine-tunes a classifier that starts from the stack, and one that starts from random weights.
func (p *program) classify(ctx context.Context) error {
	parts, err := p.train.Split(graph.NewKey(p.seed).Fork("valid"), 0.9, 0.1)
	if err != nil {
		return err
	}
	head := pretrain.Head{Outputs: p.classes, Seed: p.seed}
	for _, start := range []struct {
		name string
		make func(pretrain.Head) (*pretrain.Network, error)
	}{{"pretrained", p.stack.Network}, {"random", p.stack.Random}} {
		net, err := start.make(head)
		if err != nil {
			return err
		}
		checkpoint, err := p.folder.Checkpoints("network-"+start.name, p.resume, net.Config())
		if err != nil {
			return err
		}
		fmt.Printf("\nA classifier from %s weights\n", start.name)
		_, err = train.Run(ctx, net, parts[0], train.Config{
			Epochs: p.fineTune, BatchSize: min(p.batch, parts[0].Len()), Progress: os.Stderr, Key: graph.NewKey(p.seed).Fork("classify"),
			Valid: parts[1], Stop: train.EarlyStop{Metric: "error", Patience: 4, Restore: true}, Checkpoint: checkpoint,
		})
		if err != nil {
			return err
		}
		rate, err := p.error(ctx, net)
		if err != nil {
			return err
		}
		p.fact("test error of the classifier from "+start.name+" weights", rate)
		if err := net.Save(p.folder.File("network-" + start.name + ".safetensors")); err != nil {
			return err
		}
	}
	return nil
}

// error is the part of the test examples that a model classifies wrongly.
func (p *program) error(ctx context.Context, m train.Evaluator) (float64, error) {
	scores, err := train.Evaluate(ctx, m, graph.Key{}, p.test, 250)
	return scores["error"], err
}

func (p *program) fact(name string, rate float64) {
	text := fmt.Sprintf("%.2f %%", 100*rate)
	fmt.Printf("%s: %s\n", name, text)
	p.folder.Report.Fact(name, text)
}
