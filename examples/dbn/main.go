// Dbn trains a deep belief net on images: restricted Boltzmann machines layer by layer, the up-down
// algorithm, and a classifier that starts from them. It lets the net dream, tells a lower bound on the
// likelihood of test images, and writes pictures, model files and a report to a folder.
//
//	go run ./examples/dbn                                       # embedded digits
//	go run ./examples/dbn -data table.csv -label -1 -normalize 16 -shape 8x8
//	go run ./examples/dbn -data mnist -hidden 500,500 -top 2000 -epochs 30 -updown 30
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/pkg/errors"
)

// options are what the flags say.
type options struct {
	input          show.Input
	normalize      string
	hidden         string
	top            int
	epochs, upDown int
	fineTune       int
	batch          int
	rate           float64
	gibbs          int
	chains, temps  int
	seed           uint64
	out            string
	resume         bool
}

func main() {
	o := options{}
	o.input.Flags()
	flag.StringVar(&o.normalize, "normalize", "none", show.NormalizeUsage+"; the result must be in [0, 1]")
	flag.StringVar(&o.hidden, "hidden", "300,300", "hidden units of the layers below the top, from the bottom up")
	flag.IntVar(&o.top, "top", 500, "hidden units of the top machine")
	flag.IntVar(&o.epochs, "epochs", 10, "passes over the training data for each machine")
	flag.IntVar(&o.upDown, "updown", 5, "passes of the up-down algorithm")
	flag.IntVar(&o.fineTune, "finetune", 12, "passes of the classifier's training at most; it stops early")
	flag.IntVar(&o.batch, "batch", 50, "examples in a batch")
	flag.Float64Var(&o.rate, "rate", 0.1, "learning rate of the machines; the up-down algorithm takes a tenth of it")
	flag.IntVar(&o.gibbs, "gibbs", 500, "Gibbs steps in the top machine behind every picture")
	flag.IntVar(&o.chains, "chains", 64, "annealing: chains that estimate the top machine's partition function")
	flag.IntVar(&o.temps, "temperatures", 5000, "annealing: intermediate distributions")
	flag.Uint64Var(&o.seed, "seed", 1, "decides everything random")
	flag.StringVar(&o.out, "out", "dbn-out", "folder for pictures, models and report")
	flag.BoolVar(&o.resume, "resume", false, "go on from where an interrupted run stopped")
	show.Parse()
	show.Main("dbn", func(ctx context.Context) error { return run(ctx, o) })
}

func run(ctx context.Context, o options) error {
	p := &program{options: o}
	if err := p.prepare(ctx); err != nil {
		return err
	}
	steps := []func(context.Context) error{p.greedy, p.unlabelled}
	if p.classes > 0 {
		steps = append(steps, p.labelled, p.classify)
	}
	for _, f := range steps {
		if err := f(ctx); err != nil {
			return err
		}
	}
	return p.folder.Close()
}

// prepare reads the flags and the data.
func (p *program) prepare(ctx context.Context) (err error) {
	if p.hidden, err = parseUnits(p.options.hidden); err != nil {
		return err
	}
	for _, f := range []struct {
		name         string
		value, least int
	}{
		{"top", p.top, 1}, {"epochs", p.epochs, 1}, {"updown", p.upDown, 1}, {"finetune", p.fineTune, 1}, {"batch", p.batch, 1},
		{"gibbs", p.gibbs, 1}, {"chains", p.chains, 2}, {"temperatures", p.temps, 1},
	} { // before hours of training, not after them
		if f.value < f.least {
			return errors.Errorf("-%s %d, expected at least %d", f.name, f.value, f.least)
		}
	}
	key := graph.NewKey(p.seed)
	if p.train, p.test, err = p.input.Load(ctx, key.Fork("test")); err != nil {
		return err
	}
	if p.normalizer, err = show.Normalize(p.normalize, p.train, p.test); err != nil {
		return err
	}
	if err := p.train.X.CheckRange(0, 1); err != nil {
		return errors.WithMessage(err, "-data: values must be in [0, 1]")
	}
	if p.batch > p.train.Len() {
		return errors.Errorf("-batch %d, expected at most the %d training examples", p.batch, p.train.Len())
	}
	if p.train.Y.Int != nil {
		p.classes = slices.Max(p.train.Y.Int) + 1
	}
	if p.binaryTest, err = p.test.Map(key.Fork("binarise"), data.Binarize); err != nil {
		return err
	}
	if p.folder, err = show.NewFolder(p.out, "A deep belief net on "+p.input.Path); err != nil {
		return err
	}
	fmt.Printf("%d training and %d test examples of shape %v\n", p.train.Len(), p.test.Len(), p.train.Shape())
	if p.resume {
		return nil
	}
	return errors.Wrap(os.RemoveAll(p.checkpoints("stack")), "old checkpoints")
}

func (p *program) checkpoints(name string) string {
	return p.folder.File(filepath.Join("checkpoints", name))
}

// parseUnits reads numbers of units with commas between them.
func parseUnits(text string) ([]int, error) {
	var units []int
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 {
			return nil, errors.Errorf("-hidden %q, expected numbers of units with commas between them, such as 500,500", text)
		}
		units = append(units, n)
	}
	return units, nil
}
