// Denoisetext takes noise away from text: characters that are missing, wrong, or in the wrong order. It trains a model
// of sequence to sequence with attention on pieces of a text, damaged anew in every epoch, and prints how many
// characters and words of the rest of the text are wrong before and after, beside a corrector that looks up the nearest
// word in a dictionary. Pictures, the model and a report go to a folder.
//
//	go run ./examples/denoisetext                                       # Newton's Opticks, about two minutes
//	go run ./examples/denoisetext -noise masking:0.1
//	go run ./examples/denoisetext -noise deletion:0.05,insertion:0.05 -epochs 10
//	go run ./examples/denoisetext -data novel.txt.gz -units 256 -epochs 3
package main

import (
	"context"
	"flag"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
	"github.com/pkg/errors"
)

// options are what the flags say.
type options struct {
	data    string
	heldOut float64
	noise   string
	length  int
	model   lm.SeqConfig
	train   train.Config
	beam    int
	out     string
	resume  bool
}

func main() {
	o := options{}
	flag.StringVar(&o.data, "data", "", "text file in UTF-8, also .gz (default Newton's Opticks, embedded)")
	flag.Float64Var(&o.heldOut, "held-out", 0.1, "part of the text, at its end, that is held out for the test")
	flag.StringVar(&o.noise, "noise", "deletion:0.03,swap:0.03,replacement:0.03", "what happens to characters, by kind and rate, with commas between, in turn: deletion, swap (of neighbours), replacement, insertion, masking")
	flag.IntVar(&o.length, "length", 32, "characters of a piece of text, at most: whole words, cleaned at once")
	flag.IntVar(&o.model.Units, "units", 128, "size of the decoder's state, even")
	flag.IntVar(&o.model.Embedding, "embedding", 32, "size of the vector of a character")
	flag.IntVar(&o.model.Layers, "layers", 1, "layers of encoder and decoder")
	flag.Float64Var(&o.model.Dropout, "dropout", 0, "probability of leaving out an input of a layer in training, below 1")
	flag.IntVar(&o.train.Epochs, "epochs", 7, "passes over the training text")
	flag.IntVar(&o.train.BatchSize, "batch", 16, "pieces in a batch")
	flag.Float64Var(&o.train.Optim.Rate, "rate", 6e-3, "learning rate of Adam at the start; it falls to nearly 0 along a cosine")
	flag.IntVar(&o.beam, "beam", 3, "hypotheses that a search keeps; 1 is greedy")
	flag.Uint64Var(&o.model.Seed, "seed", 1, "decides initial weights, order of the data and noise")
	flag.StringVar(&o.out, "out", "denoisetext-out", "folder for pictures, model and report")
	flag.BoolVar(&o.resume, "resume", false, "go on from the checkpoint of an interrupted run")
	show.Parse()
	show.Main("denoisetext", func(ctx context.Context) error { return run(ctx, o) })
}

func run(ctx context.Context, o options) error {
	p, err := newProgram(o)
	if err != nil {
		return err
	}
	if err := p.fit(ctx); err != nil {
		return err
	}
	if err := p.model.Save(p.folder.File("model.safetensors")); err != nil {
		return err
	}
	if err := p.score(ctx); err != nil {
		return err
	}
	if err := p.draw(); err != nil {
		return err
	}
	return p.folder.Close()
}

// newProgram reads the flags and the text.
func newProgram(o options) (*program, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	p := &program{options: o, key: graph.NewKey(o.model.Seed)}
	if err := p.load(); err != nil {
		return nil, err
	}
	var err error
	p.folder, err = show.NewFolder(o.out, "Text without noise: "+p.data)
	return p, err
}

func (o *options) check() error {
	switch {
	case !(o.heldOut > 0 && o.heldOut < 1):
		return errors.Errorf("-held-out %g, expected a part between 0 and 1", o.heldOut)
	case o.length < 1 || o.length > maxLength:
		return errors.Errorf("-length %d, expected 1 to %d characters", o.length, maxLength)
	case o.train.BatchSize < 1:
		return errors.Errorf("-batch %d, expected at least 1 piece", o.train.BatchSize)
	case o.train.Epochs < 1:
		return errors.Errorf("-epochs %d, expected at least 1", o.train.Epochs)
	case o.beam < 1:
		return errors.Errorf("-beam %d, expected at least 1 hypothesis", o.beam)
	}
	return nil
}
