// Pixel trains an autoregressive model of images on any grey images, draws new ones and completes halves of old
// ones, and writes pictures, the model and a report to a folder.
//
//	go run ./examples/pixel                              # embedded digits, a gated PixelCNN
//	go run ./examples/pixel -kind recurrent              # a Row LSTM
//	go run ./examples/pixel -kind self-attention -batch 10
//	go run ./examples/pixel -classes 10                  # digits to order, by label
//	go run ./examples/pixel -data table.csv.gz -label -1 -shape 8x8 -levels 17
package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/pixel"
	"github.com/pkg/errors"
)

// options are what the flags say.
type options struct {
	input     show.Input
	normalize string
	model     pixel.Config
	train     train.Config
	valid     float64
	samples   int
	out       string
	resume    bool
}

func main() {
	o := options{}
	o.input.Flags()
	flag.Float64Var(&o.valid, "valid", 0.05, "part of the training data that is held out for the learning curve and for -patience; 0 is none")
	flag.StringVar(&o.normalize, "normalize", "none", show.NormalizeUsage+"; pixels must end in [0, 1]")
	flag.TextVar(&o.model.Kind, "kind", pixel.Convolutional, "convolutional (gated PixelCNN), recurrent (Row LSTM) or self-attention")
	flag.IntVar(&o.model.Levels, "levels", 2, "values of a pixel, 2 to 256; 2 is black and white")
	flag.IntVar(&o.model.Layers, "layers", 4, "layers or blocks of the network")
	flag.IntVar(&o.model.Features, "features", 24, "features of a pixel in every layer")
	flag.IntVar(&o.model.Heads, "heads", 4, "self-attention: heads, a divisor of the features")
	flag.IntVar(&o.model.Classes, "classes", 0, "make the model conditional on labels 0 to classes-1; 0 is a model without labels")
	flag.BoolVar(&o.model.Binarize, "binarize", false, "draw each pixel as 0 or 1 anew whenever it is seen; else it is rounded to the nearest level")
	flag.IntVar(&o.train.Epochs, "epochs", 3, "passes over the training data")
	flag.IntVar(&o.train.BatchSize, "batch", 20, "examples in a batch; memory grows with it")
	flag.TextVar(&o.train.Optim.Method, "method", optim.Adam, "adam, adamw, sgd, momentum, nesterov, rmsprop or adagrad")
	flag.Float64Var(&o.train.Optim.Rate, "rate", 2e-3, "learning rate; 0 is the method's default")
	flag.IntVar(&o.train.Stop.Patience, "patience", 0, "stop after so many epochs without a better held-out loss, and keep the best weights; 0 never stops")
	flag.IntVar(&o.samples, "samples", 60, "images to draw")
	flag.Uint64Var(&o.model.Seed, "seed", 1, "decides initial weights, order of the data, draws and what is held out")
	flag.StringVar(&o.out, "out", "pixel-out", "folder for pictures, model and report")
	flag.BoolVar(&o.resume, "resume", false, "go on from the checkpoint of an interrupted run")
	show.Parse()
	show.Main("pixel", func(ctx context.Context) error { return run(ctx, o) })
}

func run(ctx context.Context, o options) error {
	if err := o.check(); err != nil {
		return err
	}
	training, test, err := o.input.Load(ctx, graph.NewKey(o.model.Seed).Fork("split"))
	if err != nil {
		return err
	}
	if o.model.Classes > 0 && (training.Y.Int == nil || len(training.Y.Shape) != 1) {
		return errors.Errorf("-classes %d: %s has no labels", o.model.Classes, o.input.Path)
	}
	if _, err = show.Normalize(o.normalize, training, test); err != nil {
		return err
	}
	if o.model.Shape = training.Shape(); len(o.model.Shape) < 2 {
		return errors.Errorf("examples have shape %v, expected images; -shape makes images of the rows of a table", o.model.Shape)
	}
	folder, err := show.NewFolder(o.out, "An autoregressive model of "+o.input.Path)
	if err != nil {
		return err
	}
	fmt.Printf("%d training and %d test images of shape %v\n", training.Len(), test.Len(), training.Shape())
	m, history, err := fit(ctx, o, folder, training)
	if err != nil {
		return err
	}
	if err := m.Save(folder.File("model.safetensors")); err != nil {
		return err
	}
	if err := report(ctx, o, folder, m, training, test); err != nil {
		return err
	}
	p := &pictures{folder: folder, model: m, test: test, samples: o.samples, key: graph.NewKey(o.model.Seed)}
	if err := p.draw(ctx, history); err != nil {
		return err
	}
	return folder.Close()
}

func (o *options) check() error {
	switch {
	case !(o.valid >= 0 && o.valid < 1):
		return errors.Errorf("-valid %g, expected a part from 0 to 1", o.valid)
	case o.train.BatchSize < 1:
		return errors.Errorf("-batch %d, expected at least 1 example", o.train.BatchSize)
	case o.samples < 1:
		return errors.Errorf("-samples %d, expected at least 1 image", o.samples)
	}
	o.train.Stop.Restore = o.train.Stop.Patience > 0
	return nil
}

// fit makes and trains the model, apart from a part of the training data that it holds out.
func fit(ctx context.Context, o options, folder *show.Folder, training *data.Set) (*pixel.Model, *train.History, error) {
	cfg := o.train
	cfg.Key = graph.NewKey(o.model.Seed).Fork("train")
	if o.valid > 0 {
		parts, err := training.Split(cfg.Key.Fork("valid"), 1-o.valid, o.valid)
		if err != nil {
			return nil, nil, err
		}
		training, cfg.Valid = parts[0], parts[1]
	}
	cfg.BatchSize = min(cfg.BatchSize, training.Len())
	m, err := pixel.New(o.model)
	if err != nil {
		return nil, nil, err
	}
	if cfg.Checkpoint, err = folder.Checkpoints("pixel", o.resume, m.Config()); err != nil {
		return nil, nil, err
	}
	cfg.Progress = os.Stderr
	fmt.Printf("%v, %d weights\n", m.Config().Kind, m.Params().Count())
	result, err := train.Run(ctx, m, training, cfg)
	if err != nil {
		return nil, nil, err
	}
	return m, result.History, nil
}

// report prints what the model is worth on the test set, beside independent pixels.
func report(ctx context.Context, o options, folder *show.Folder, m *pixel.Model, training, test *data.Set) error {
	scores, err := train.Evaluate(ctx, m, graph.NewKey(o.model.Seed).Fork("test"), test, o.train.BatchSize)
	if err != nil {
		return err
	}
	pixels := float64(test.X.Len() / test.Len())
	facts := [][2]string{
		{"-log p(x), mean over the test set", fmt.Sprintf("%.2f nats", scores[train.Loss])},
		{"  a pixel", fmt.Sprintf("%.4f bits", scores[train.Loss]/pixels/math.Ln2)},
		{"for comparison, pixels independent of one another", fmt.Sprintf("%.2f nats", independent(m.Config(), training, test))},
	}
	fmt.Println()
	for _, f := range facts {
		fmt.Printf("%-52s %s\n", f[0], f[1])
		folder.Report.Fact(f[0], f[1])
	}
	return nil
}

// independent is the mean -log p(x), in nats, of test images under independent pixels, each with the
// frequencies of its levels in the training data, one observation of each level added.
func independent(c pixel.Config, training, test *data.Set) float64 {
	v := c.Levels
	d := training.X.Len() / training.Len()
	level := func(x float64) int { return int(math.Round(x * float64(v-1))) }
	counts := make([]float64, d*v)
	for i := range counts {
		counts[i] = 1
	}
	for i := range training.X.Len() {
		x := training.X.At(i)
		if c.Binarize {
			counts[i%d*v] += 1 - x
			counts[i%d*v+1] += x
			continue
		}
		counts[i%d*v+level(x)]++
	}
	total, nll := float64(training.Len()+v), 0.0
	for i := range test.X.Len() {
		x, at := test.X.At(i), i%d*v
		if c.Binarize {
			nll -= (1-x)*math.Log(counts[at]/total) + x*math.Log(counts[at+1]/total)
			continue
		}
		nll -= math.Log(counts[at+level(x)] / total)
	}
	return nll / float64(test.Len())
}
