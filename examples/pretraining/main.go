// Pretraining shows what layer-wise pretraining is good for: networks of one to five hidden layers of
// logistic units, with the initial weights and the plain gradient descent of the years before 2010, learn to
// classify from random weights and from pretrained ones. It writes the test errors by depth as a table, a
// picture and a report.
//
//	go run ./examples/pretraining                                # embedded digits, under two minutes
//	go run ./examples/pretraining -layers rbm -seeds 5
//	go run ./examples/pretraining -data mnist -units 400 -examples 50000 -epochs 30 -finetune 60
//	go run ./examples/pretraining -init auto -method adam        # the effect is gone, and that is not a bug
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
	"github.com/latent-go/latent/pretrain"
	"github.com/latent-go/latent/rbm"
	"github.com/pkg/errors"
)

// options are what the flags say.
type options struct {
	input            show.Input
	normalize        string
	examples, valid  int
	layers           string
	corruption       string
	init             nn.Init
	method           optim.Method
	rate             float64
	depth, units     int
	epochs, fineTune int
	batch, seeds     int
	verbose          bool
	out              string
	resume           bool
}

func main() {
	o := options{}
	o.input.Flags()
	flag.StringVar(&o.normalize, "normalize", "none", show.NormalizeUsage+"; the result must be in [0, 1]")
	flag.IntVar(&o.examples, "examples", 3000, "training examples; 0 is all that are not held out")
	flag.IntVar(&o.valid, "valid", 1000, "training examples held out to choose the best epoch")
	flag.StringVar(&o.layers, "layers", "denoising", "what pretrains a layer: denoising, plain (autoencoders) or rbm")
	flag.StringVar(&o.corruption, "corruption", "masking:0.25", "denoising: what damages the inputs, such as masking:0.25 or gaussian:0.3")
	flag.TextVar(&o.init, "init", nn.FanIn, "initial weights: fan-in (before 2010), auto, glorot, glorot-sigmoid or he")
	flag.TextVar(&o.method, "method", optim.SGD, "optimiser of all trainings: sgd, momentum, adam, ...")
	flag.Float64Var(&o.rate, "rate", 0, "learning rate; 0 is 0.1 for sgd, else the method's default")
	flag.IntVar(&o.depth, "depth", 5, "networks of 1 to so many hidden layers")
	flag.IntVar(&o.units, "units", 100, "units of every hidden layer")
	flag.IntVar(&o.epochs, "epochs", 5, "passes of pretraining for each layer")
	flag.IntVar(&o.fineTune, "finetune", 12, "passes over the labelled examples")
	flag.IntVar(&o.batch, "batch", 10, "examples in a batch")
	flag.IntVar(&o.seeds, "seeds", 3, "number of repetitions with other initial weights and order of examples")
	flag.BoolVar(&o.verbose, "v", false, "show the progress of every training")
	flag.StringVar(&o.out, "out", "pretraining-out", "folder for pictures and report")
	flag.BoolVar(&o.resume, "resume", false, "go on from where an interrupted run stopped")
	show.Parse()
	show.Main("pretraining", func(ctx context.Context) error { return run(ctx, o) })
}

func run(ctx context.Context, o options) error {
	cfg, err := o.comparison()
	if err != nil {
		return err
	}
	if err := o.load(ctx, &cfg); err != nil {
		return err
	}
	folder, err := show.NewFolder(o.out, "Pretraining by depth on "+o.input.Path)
	if err != nil {
		return err
	}
	cfg.Stack.Dir, cfg.Stack.Resume = folder.File("checkpoints"), o.resume
	if !o.resume {
		if err := os.RemoveAll(cfg.Stack.Dir); err != nil {
			return errors.Wrap(err, "old checkpoints")
		}
	}
	fmt.Printf("%d labelled examples, %d held out, %d for the test; 1 to %d layers of %d %v units, %d seeds\n\n",
		cfg.Labelled.Len(), cfg.Valid.Len(), cfg.Test.Len(), o.depth, o.units, op.SigmoidActivation, o.seeds)
	fmt.Printf("%-8s%-8s%-18s%s\n", "seed", "layers", "start", "test error")
	cfg.OnRun = func(r pretrain.Run) {
		start := "random weights"
		if r.Pretrained {
			start = "pretrained"
		}
		fmt.Printf("%-8d%-8d%-18s%.2f %%\n", r.Seed, r.Depth, start, 100*r.Test["error"])
	}
	c, err := pretrain.Compare(ctx, cfg)
	if err != nil {
		return err
	}
	return o.report(c, cfg.Labelled.Len(), folder)
}

// comparison is what the flags describe, but for the data.
func (o options) comparison() (pretrain.CompareConfig, error) {
	var c pretrain.CompareConfig
	if o.depth < 1 || o.seeds < 1 {
		return c, errors.Errorf("-depth %d and -seeds %d, expected at least 1", o.depth, o.seeds)
	}
	optimiser := optim.Config{Method: o.method, Rate: o.rate}
	if o.rate == 0 && o.method == optim.SGD {
		optimiser.Rate = 0.1
	}
	for i := range o.depth {
		l, err := o.layer()
		if err != nil {
			return c, err
		}
		l.Train = train.Config{Epochs: o.epochs, BatchSize: o.batch, Optim: optimiser}
		c.Stack.Layers = append(c.Stack.Layers, l)
		c.Depths = append(c.Depths, i+1)
	}
	for i := range o.seeds {
		c.Seeds = append(c.Seeds, uint64(i+1))
	}
	if o.verbose {
		c.Stack.Progress = os.Stderr
	}
	c.Head.Init = o.init
	c.Train = train.Config{
		Epochs: o.fineTune, BatchSize: o.batch, Optim: optimiser,
		Stop: train.EarlyStop{Metric: "error", Restore: true},
	}
	return c, nil
}

func (o options) layer() (pretrain.Layer, error) {
	encoder := []nn.Dense{{Units: o.units, Activation: op.SigmoidActivation, Init: o.init}}
	switch o.layers {
	case "denoising":
		return pretrain.Layer{AE: &ae.Config{Encoder: encoder, Tied: true, Loss: ae.CrossEntropy, Corruption: o.corruption}}, nil
	case "plain":
		return pretrain.Layer{AE: &ae.Config{Encoder: encoder, Tied: true, Loss: ae.CrossEntropy}}, nil
	case "rbm":
		return pretrain.Layer{RBM: &rbm.Config{Hidden: o.units, Steps: 1}}, nil
	}
	return pretrain.Layer{}, errors.Errorf("-layers %q, expected denoising, plain or rbm", o.layers)
}

// load reads and divides the data.
func (o options) load(ctx context.Context, c *pretrain.CompareConfig) error {
	key := graph.NewKey(1)
	all, test, err := o.input.Load(ctx, key.Fork("test"))
	if err != nil {
		return err
	}
	z, err := show.Normalize(o.normalize, all, test)
	if err != nil {
		return err
	}
	if bottom := c.Stack.Layers[0]; bottom.AE != nil {
		bottom.AE.Normalizer = z
	} else {
		bottom.RBM.Normalizer = z
	}
	if all.Y.Int == nil {
		return errors.Errorf("-data %s has no labels; see -label for a CSV file", o.input.Path)
	}
	for _, label := range all.Y.Int {
		c.Head.Outputs = max(c.Head.Outputs, label+1)
	}
	n := o.examples
	if n == 0 {
		n = all.Len() - o.valid
	}
	if n < 1 || o.valid < 1 || n+o.valid > all.Len() {
		return errors.Errorf("-examples %d and -valid %d of %d examples, expected at least 1 of either, and both within the whole", o.examples, o.valid, all.Len())
	}
	order := key.Fork("valid").Perm(all.Len())
	labelled, err := all.Subset(order[:n])
	if err != nil {
		return err
	}
	valid, err := all.Subset(order[n : n+o.valid])
	if err != nil {
		return err
	}
	c.Labelled, c.Valid, c.Test = labelled, data.Source(valid), test
	return nil
}

// report prints the table, and draws pictures.
func (o options) report(c *pretrain.Comparison, examples int, folder *show.Folder) error {
	header, rows := c.Table("error", 100)
	fmt.Printf("\nTest error in %%, mean and deviation over the seeds:\n")
	for _, row := range append([][]string{header}, rows...) {
		for _, cell := range row {
			fmt.Printf("%-16s", cell)
		}
		fmt.Println()
	}
	folder.Report.Fact("layers", o.layers)
	folder.Report.Fact("initial weights", o.init.String())
	folder.Report.Fact("optimiser", o.method.String())
	folder.Report.Fact("labelled examples", fmt.Sprint(examples))
	folder.Report.Section("By depth")
	folder.Report.Table("Test error in %.", header, rows)
	img, err := c.ByDepth("error", 100, view.Axes{Title: "With and without pretraining", X: "hidden layers", Y: "test error in %", LogY: true})
	if err := folder.Picture("depth", "Test error: the mean over seeds, with bars of one standard deviation.", img, err); err != nil {
		return err
	}
	folder.Report.Section("Learning")
	img, err = c.ByStep(o.depth, train.Valid, "error", 100, view.Axes{Title: fmt.Sprintf("%d hidden layers", o.depth), X: "step of fine-tuning", Y: "held-out error in %", LogY: true})
	if err := folder.Picture("learning", "Held-out error of the deepest networks in the course of fine-tuning.", img, err); err != nil {
		return err
	}
	return folder.Close()
}
