// Lm trains a language model on any text, compares it with tables of counts, lets it write, and saves the model
// and a report in a folder.
//
//	go run ./examples/lm                                 # a Transformer of the characters of Newton's Opticks
//	go run ./examples/lm -data novel.txt -steps 5000
//	go run ./examples/lm -kind recurrent                 # long short-term memory
//	go run ./examples/lm -kind feed-forward -context 16
//	go run ./examples/lm -words 3000 -prompt "The light"
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"unicode/utf8"

	"github.com/latent-go/latent/examples/internal/opticks"
	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/text"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
	"github.com/pkg/errors"
)

// options are what the flags say.
type options struct {
	data        string
	words       int
	heldOut     float64
	model       lm.Config
	train       train.Config
	prompt      string
	temperature float64
	samples     int
	length      int
	out         string
	resume      bool
}

func main() {
	o := options{}
	flag.StringVar(&o.data, "data", "", "text file in UTF-8, also .gz (default Newton's Opticks, embedded)")
	flag.IntVar(&o.words, "words", 0, "model words, so many of the most frequent ones; 0 models characters")
	flag.Float64Var(&o.heldOut, "held-out", 0.1, "part of the text, at its end, that is held out for the test")
	flag.TextVar(&o.model.Kind, "kind", lm.Transformer, "transformer, recurrent (LSTM) or feed-forward")
	flag.IntVar(&o.model.Context, "context", 64, "tokens of a training example; a transformer or a feed-forward network looks no further back")
	flag.IntVar(&o.model.Layers, "layers", 3, "layers or blocks of the network")
	flag.IntVar(&o.model.Units, "units", 128, "size of embeddings and layers")
	flag.IntVar(&o.model.Heads, "heads", 4, "transformer: heads, a divisor of the units")
	flag.Float64Var(&o.model.Dropout, "dropout", 0, "probability of leaving out a unit in training: more if the held-out loss rises while the other falls")
	flag.BoolVar(&o.model.Tied, "tied", true, "use the embeddings as weights of the output too")
	flag.IntVar(&o.train.Steps, "steps", 1200, "training steps; 0 is no limit but that of -epochs")
	flag.IntVar(&o.train.Epochs, "epochs", 0, "passes over the text; 0 is no limit but that of -steps")
	flag.IntVar(&o.train.BatchSize, "batch", 12, "examples in a batch; memory grows with it")
	flag.TextVar(&o.train.Optim.Method, "method", optim.AdamW, "adam, adamw, sgd, momentum, nesterov, rmsprop or adagrad")
	flag.Float64Var(&o.train.Optim.Rate, "rate", 2e-3, "learning rate, which rises over the first twentieth of the steps and then falls to a tenth; 0 is the method's default")
	flag.StringVar(&o.prompt, "prompt", "", "what the samples go on from (default the end of a line)")
	flag.Float64Var(&o.temperature, "temperature", 0.8, "of samples: 1 draws from the model, less makes likely tokens likelier, 0 takes the likeliest always")
	flag.IntVar(&o.samples, "samples", 3, "texts to write")
	flag.IntVar(&o.length, "length", 0, "tokens of each (default 500 characters or 100 words)")
	flag.Uint64Var(&o.model.Seed, "seed", 1, "decides initial weights, order of the data and samples")
	flag.StringVar(&o.out, "out", "lm-out", "folder for pictures, model and report")
	flag.BoolVar(&o.resume, "resume", false, "go on from the checkpoint of an interrupted run")
	show.Parse()
	show.Main("lm", func(ctx context.Context) error { return run(ctx, o) })
}

func run(ctx context.Context, o options) error {
	if err := o.check(); err != nil {
		return err
	}
	training, test, err := o.load()
	if err != nil {
		return err
	}
	folder, err := show.NewFolder(o.out, "A language model of "+o.data)
	if err != nil {
		return err
	}
	m, history, err := fit(ctx, o, folder, training, test)
	if err != nil {
		return err
	}
	if err := m.Save(folder.File("model.safetensors")); err != nil {
		return err
	}
	if err := report(ctx, folder, m, training, test); err != nil {
		return err
	}
	if err := write(ctx, o, folder, m); err != nil {
		return err
	}
	folder.Report.Section("Training")
	img, err := show.Curves(history, train.Loss, curveAxes)
	if err := folder.Picture("curves", "Negative log-likelihood in windows of the context.", img, err); err != nil {
		return err
	}
	if err := history.SaveCSV(folder.File("history.csv")); err != nil {
		return err
	}
	return folder.Close()
}

func (o *options) check() error {
	switch {
	case !(o.heldOut > 0 && o.heldOut < 1):
		return errors.Errorf("-held-out %g, expected a part between 0 and 1", o.heldOut)
	case o.words < 0:
		return errors.Errorf("-words %d, expected a number of words, or 0 for characters", o.words)
	case o.train.BatchSize < 1:
		return errors.Errorf("-batch %d, expected at least 1 example", o.train.BatchSize)
	case o.train.Steps < 0 || o.train.Epochs < 0 || o.train.Steps == 0 && o.train.Epochs == 0:
		return errors.Errorf("-steps %d and -epochs %d, expected a positive number of one", o.train.Steps, o.train.Epochs)
	case o.samples < 1:
		return errors.Errorf("-samples %d, expected at least 1 text", o.samples)
	case o.length < 0:
		return errors.Errorf("-length %d, expected at least 1 token", o.length)
	case !(o.temperature >= 0 && o.temperature <= 1e6):
		return errors.Errorf("-temperature %g, expected 0 or more", o.temperature)
	}
	if o.length == 0 {
		o.length = 500
		if o.words > 0 {
			o.length = 100
		}
	}
	return nil
}

// load reads the text, makes its vocabulary and splits it.
func (o *options) load() (training, test []int, err error) {
	content := ""
	if o.data == "" {
		o.data = opticks.Name
		content, err = opticks.Text()
	} else {
		content, err = text.Read(o.data)
	}
	if err != nil {
		return nil, nil, errors.WithMessage(err, "-data")
	}
	cut := int(float64(len(content)) * (1 - o.heldOut))
	for cut > 0 && !utf8.RuneStart(content[cut]) {
		cut--
	}
	what := "characters"
	if o.words > 0 {
		what = "words"
		o.model.Tokens, err = text.Words(content[:cut], o.words)
	} else {
		o.model.Tokens, err = text.Characters(content)
	}
	if err != nil {
		return nil, nil, errors.WithMessage(err, "the training text")
	}
	if o.words == 0 && slices.Contains(o.model.Tokens.Encode(o.prompt), text.Unknown) {
		return nil, nil, errors.Errorf("-prompt %q has characters that the text has not", o.prompt)
	}
	training, test = o.model.Tokens.Encode(content[:cut]), o.model.Tokens.Encode(content[cut:])
	fmt.Printf("%d %s for training and %d for the test, %d different ones\n", len(training), what, len(test), o.model.Tokens.Len())
	return training, test, nil
}

// curveTokens is how much of the held-out text the learning curve is of, at most, and curvePoints how often.
const (
	curveTokens = 20_000
	curvePoints = 15
)

// fit makes and trains the model.
func fit(ctx context.Context, o options, folder *show.Folder, training, test []int) (*lm.Model, *train.History, error) {
	m, err := lm.New(o.model)
	if err != nil {
		return nil, nil, err
	}
	windows, err := text.Windows(training, m.Config().Context)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "the training text")
	}
	cfg := o.train
	cfg.BatchSize = min(cfg.BatchSize, windows.Len())
	steps := steps(cfg, windows)
	cfg.Optim.Schedule = optim.Schedule{Kind: optim.Cosine, Warmup: steps / 20, Steps: max(1, steps-steps/20), Final: 0.1}
	cfg.Optim.ClipNorm = 1
	cfg.EvalEvery = train.Interval{Steps: max(1, steps/curvePoints)}
	if cfg.Valid, err = text.HeldOut(test[:min(len(test), curveTokens)], m.Config().Context); err != nil {
		return nil, nil, errors.WithMessage(err, "the held-out text")
	}
	cfg.Key = graph.NewKey(o.model.Seed).Fork("train")
	if cfg.Checkpoint, err = folder.Checkpoints("lm", o.resume, m.Config()); err != nil {
		return nil, nil, err
	}
	cfg.Progress = os.Stderr
	fmt.Printf("%v, %d weights, %d steps\n", m.Config().Kind, m.Params().Count(), steps)
	result, err := train.Run(ctx, m, windows, cfg)
	if err != nil {
		return nil, nil, err
	}
	return m, result.History, nil
}

// steps is how many steps a training has.
func steps(cfg train.Config, src data.Source) int {
	n := cfg.Epochs * ((src.Len() + cfg.BatchSize - 1) / cfg.BatchSize)
	if n == 0 || cfg.Steps > 0 && cfg.Steps < n {
		return cfg.Steps
	}
	return n
}
