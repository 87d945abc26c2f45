// Speech recognises spoken words with a deep belief net as acoustic model (Mohamed, Dahl & Hinton 2012,
// "Acoustic modeling using deep belief networks"): machines pretrained on windows of log mel spectra, a network
// that starts from them and tells the states of words, and the best sequence of states by the algorithm of
// Viterbi. Beside it stand the same network from random weights and one Gaussian for each state. It writes
// pictures, models and a report to a folder.
//
//	go run ./examples/speech                                   # synthetic words, about a minute
//	LATENT_DATA=data go run ./examples/speech -data fsdd       # the Free Spoken Digit Dataset
//	go run ./examples/speech -data recordings/ -test 2         # WAV files named LABEL_SPEAKER_N.wav
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/examples/internal/voices"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/view"
	"github.com/pkg/errors"
)

// options are what the flags say.
type options struct {
	data             string
	test             int
	valid            float64
	states, align    int
	context          int
	bands            int
	hidden           string
	epochs, fineTune int
	batch            int
	seed             uint64
	out              string
	resume           bool
}

func main() {
	o := options{}
	flag.StringVar(&o.data, "data", "synthetic", voices.WordsUsage)
	flag.IntVar(&o.test, "test", 5, "recordings of every word by every speaker that are for the test: those of numbers below this")
	flag.Float64Var(&o.valid, "valid", 0.1, "part of the other recordings that is held out to choose the best epoch")
	flag.IntVar(&o.states, "states", 5, "states of a word, from left to right; a recording needs at least as many frames of 10 ms")
	flag.IntVar(&o.align, "align", 5, "times that Gaussians move the borders between the states of every recording, which first share it evenly")
	flag.IntVar(&o.context, "context", 5, "frames on each side of the one whose state is told")
	flag.IntVar(&o.bands, "bands", 24, "mel bands, at least 13")
	flag.StringVar(&o.hidden, "hidden", "256,256,256", "units of the hidden layers, from the bottom up")
	flag.IntVar(&o.epochs, "epochs", 8, "passes of pretraining for each layer")
	flag.IntVar(&o.fineTune, "finetune", 12, "passes of the networks' training")
	flag.IntVar(&o.batch, "batch", 128, "frames in a batch")
	flag.Uint64Var(&o.seed, "seed", 1, "decides everything random")
	flag.StringVar(&o.out, "out", "speech-out", "folder for pictures, models and report")
	flag.BoolVar(&o.resume, "resume", false, "go on from where an interrupted run stopped")
	show.Parse()
	show.Main("speech", func(ctx context.Context) error { return run(ctx, o) })
}

func run(ctx context.Context, o options) error {
	p := &program{options: o}
	if err := p.prepare(); err != nil {
		return err
	}
	for _, f := range []func(context.Context) error{p.gaussian, p.pretrain, p.networks, p.draw} {
		if err := f(ctx); err != nil {
			return err
		}
	}
	return p.folder.Close()
}

// prepare reads the flags and the data.
func (p *program) prepare() (err error) {
	for _, f := range []struct {
		name               string
		value, least, most int
	}{
		{"test", p.test, 1, 1e6}, {"states", p.states, 1, 100}, {"align", p.align, 0, 100}, {"context", p.context, 0, 100}, {"bands", p.bands, cepstra, 200},
		{"epochs", p.epochs, 1, 1e6}, {"finetune", p.fineTune, 1, 1e6}, {"batch", p.batch, 1, 1e6},
	} {
		if f.value < f.least || f.value > f.most {
			return errors.Errorf("-%s %d, expected %d to %d", f.name, f.value, f.least, f.most)
		}
	}
	if !(p.valid > 0 && p.valid < 1) {
		return errors.Errorf("-valid %g, expected a part between 0 and 1", p.valid)
	}
	for part := range strings.SplitSeq(p.hidden, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 {
			return errors.Errorf("-hidden %q, expected numbers of units with commas between them, such as 256,256", p.hidden)
		}
		p.units = append(p.units, n)
	}
	words, err := voices.Words(p.data, graph.NewKey(p.seed).Fork("words"))
	if err != nil {
		return errors.WithMessage(err, "-data")
	}
	if err := p.split(words); err != nil {
		return err
	}
	if p.folder, err = show.NewFolder(p.out, "Spoken words: "+p.data); err != nil {
		return err
	}
	fmt.Printf("%d words by %d speakers: %d recordings for training, %d held out, %d for the test; %d, %d and %d frames\n",
		len(p.labels), len(voices.Speakers(words)), len(p.train.clips), len(p.valids.clips), len(p.tests.clips), p.train.frames(), p.valids.frames(), p.tests.frames())
	p.folder.Report.Fact("features", fmt.Sprintf("%d log mel energies of 25 ms every 10 ms, mean 0 in every recording, %d frames on each side", p.bands, p.context))
	p.folder.Report.Fact("states", fmt.Sprintf("%d words of %d", len(p.labels), p.states))
	p.folder.Report.Fact("recordings", fmt.Sprintf("%d for training, %d held out, %d for the test", len(p.train.clips), len(p.valids.clips), len(p.tests.clips)))
	if p.resume {
		return nil
	}
	return errors.Wrap(os.RemoveAll(p.stackDir()), "old checkpoints")
}

func (p *program) stackDir() string { return p.folder.File(filepath.Join("checkpoints", "stack")) }

// draw makes the pictures, when all models are there.
func (p *program) draw(context.Context) error {
	for _, f := range []func() error{p.summary, p.utterances, p.filters} {
		if err := f(); err != nil {
			return err
		}
	}
	p.folder.Report.Section("Training")
	img, err := view.Curves(p.curves, view.Axes{Title: "Fine-tuning", X: "pass", Y: "held-out frame error in %"})
	return p.folder.Picture("curves", "Frames of held-out recordings that are given another state than by the alignment.", img, err)
}
