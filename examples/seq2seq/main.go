// Seq2seq learns to turn one sequence into another from pairs, with attention, and shows how well it does on pairs that
// it has not seen and where it looks. Pictures, the model and a report go to a folder.
//
//	go run ./examples/seq2seq                                        # dates as people write them to 1987-03-03
//	go run ./examples/seq2seq -data words.tsv.gz -target-words       # letters to phonemes; a tab between word and phonemes
//	go run ./examples/seq2seq -data words.tsv.gz -reverse -source-words    # and back
//	go run ./examples/seq2seq -data text.tsv -source-words -target-words -units 256 -layers 2 -dropout 0.2
package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
	"github.com/pkg/errors"
)

// options are what the flags say.
type options struct {
	data                     string
	sourceWords, targetWords bool
	reverse                  bool
	heldOut, valid           float64
	model                    lm.SeqConfig
	train                    train.Config
	beam                     int
	out                      string
	resume                   bool
}

func main() {
	o := options{}
	flag.StringVar(&o.data, "data", "dates", "\"dates\" (made by the program), or a text in UTF-8, also .gz, with a source, a tab and its target on each line")
	flag.BoolVar(&o.sourceWords, "source-words", false, "tokens of sources (after -reverse) are words, with spaces between; else characters")
	flag.BoolVar(&o.targetWords, "target-words", false, "tokens of targets (likewise) are words, with spaces between; else characters")
	flag.BoolVar(&o.reverse, "reverse", false, "turn pairs round: from what comes after the tab to what comes before it")
	flag.Float64Var(&o.valid, "valid", 0.05, "part of the training data that is held out for the learning curve; 0 is none")
	flag.Float64Var(&o.heldOut, "held-out", 0.15, "part of the sources that are held out for the test, with all their targets")
	flag.IntVar(&o.model.Units, "units", 96, "size of the decoder's state, even")
	flag.IntVar(&o.model.Embedding, "embedding", 32, "size of the vector of a token")
	flag.IntVar(&o.model.Layers, "layers", 1, "layers of encoder and decoder")
	flag.Float64Var(&o.model.Dropout, "dropout", 0, "probability of leaving out an input of a layer in training, below 1")
	flag.IntVar(&o.train.Epochs, "epochs", 6, "passes over the training data")
	flag.IntVar(&o.train.BatchSize, "batch", 32, "examples in a batch")
	flag.Float64Var(&o.train.Optim.Rate, "rate", 3e-3, "learning rate of Adam at the start; it falls to nearly 0 along a cosine")
	flag.IntVar(&o.beam, "beam", 3, "hypotheses that a search keeps; 1 is greedy")
	flag.Uint64Var(&o.model.Seed, "seed", 1, "decides dates, initial weights, order of the data and what is held out")
	flag.StringVar(&o.out, "out", "seq2seq-out", "folder for pictures, model and report")
	flag.BoolVar(&o.resume, "resume", false, "go on from the checkpoint of an interrupted run")
	show.Parse()
	show.Main("seq2seq", func(ctx context.Context) error { return run(ctx, o) })
}

func run(ctx context.Context, o options) error {
	if err := o.check(); err != nil {
		return err
	}
	task, err := o.load()
	if err != nil {
		return err
	}
	folder, err := show.NewFolder(o.out, "Sequence to sequence: "+o.data)
	if err != nil {
		return err
	}
	m, history, err := fit(ctx, o, folder, task)
	if err != nil {
		return err
	}
	if err := m.Save(folder.File("model.safetensors")); err != nil {
		return err
	}
	p := &pictures{folder: folder, model: m, task: task}
	if err := p.report(ctx, o.beam); err != nil {
		return err
	}
	if err := p.draw(history); err != nil {
		return err
	}
	return folder.Close()
}

func (o *options) check() error {
	switch {
	case !(o.heldOut > 0 && o.heldOut < 1):
		return errors.Errorf("-held-out %g, expected a part between 0 and 1", o.heldOut)
	case !(o.valid >= 0 && o.valid < 1):
		return errors.Errorf("-valid %g, expected a part from 0 to 1", o.valid)
	case o.train.BatchSize < 1:
		return errors.Errorf("-batch %d, expected at least 1 example", o.train.BatchSize)
	case o.train.Epochs < 1:
		return errors.Errorf("-epochs %d, expected at least 1", o.train.Epochs)
	case o.beam < 1:
		return errors.Errorf("-beam %d, expected at least 1 hypothesis", o.beam)
	}
	return nil
}

// load makes or reads the pairs.
func (o *options) load() (*task, error) {
	key := graph.NewKey(o.model.Seed)
	var pairs [][2]string
	if o.data == "dates" {
		pairs = makeDates(key.Fork("dates"), 8000)
	} else {
		lines, err := show.Lines(o.data)
		if err != nil {
			return nil, errors.WithMessage(err, "-data")
		}
		if pairs, err = readPairs(lines); err != nil {
			return nil, errors.WithMessage(err, "-data "+o.data)
		}
	}
	if o.reverse {
		for i, p := range pairs {
			pairs[i] = [2]string{p[1], p[0]}
		}
	}
	t, err := newTask(pairs, o.sourceWords, o.targetWords, key.Fork("split"), o.heldOut)
	if err != nil {
		return nil, err
	}
	fmt.Printf("%d sources to learn from and %d for the test, %d and %d different tokens\n",
		len(t.training), len(t.test), len(t.source.ids), len(t.target.ids))
	return t, nil
}
