// Denoise takes noise away from speech with a deep denoising autoencoder (Lu, Tsao, Matsuda & Hori 2013, "Speech
// enhancement based on deep denoising autoencoder"): a network that is given log power spectra of noisy frames,
// with those around them, and learns the spectrum of the clean frame, which with the noisy phase gives a wave
// again. Unlike the paper's, it learns what to take away from the middle frame, so that to do nothing is easy, and
// is not pretrained. Speakers and noise of the test are not those of the training. It writes waves to listen to,
// pictures, the model and a report to a folder.
//
//	go run ./examples/denoise                                              # synthetic words and noise, about a minute
//	LATENT_DATA=data go run ./examples/denoise -data fsdd -noise esc10     # spoken digits; rain, sea, engines, fire
//	go run ./examples/denoise -data speech/ -noise street.tar.gz -snr -5,0,5
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/examples/internal/voices"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/pretrain"
	"github.com/pkg/errors"
)

// options are what the flags say.
type options struct {
	data, noise   string
	ratios        string
	speakers      int
	context       int
	hidden        string
	epochs, batch int
	rate          float64
	seed          uint64
	out           string
	resume        bool
}

func main() {
	o := options{}
	flag.StringVar(&o.data, "data", "synthetic", voices.WordsUsage)
	flag.StringVar(&o.noise, "noise", "synthetic", voices.NoiseUsage+"; the last fifth of every folder, by name, is for the test")
	flag.StringVar(&o.ratios, "snr", "0,5,10", "signal-to-noise ratios in dB, of training and test")
	flag.IntVar(&o.speakers, "speakers", 1, "speakers, the last by name, who are held out for the test")
	flag.IntVar(&o.context, "context", 3, "noisy frames on each side of the one that is to be clean")
	flag.StringVar(&o.hidden, "hidden", "512:relu:0.1,512:relu:0.1", "hidden layers, "+show.LayersUsage)
	flag.IntVar(&o.epochs, "epochs", 10, "passes over the training frames")
	flag.IntVar(&o.batch, "batch", 128, "frames in a batch")
	flag.Float64Var(&o.rate, "rate", 1e-3, "learning rate of Adam, which falls to 0")
	flag.Uint64Var(&o.seed, "seed", 1, "decides everything random")
	flag.StringVar(&o.out, "out", "denoise-out", "folder for waves, pictures, model and report")
	flag.BoolVar(&o.resume, "resume", false, "go on from the checkpoint of an interrupted run")
	show.Parse()
	show.Main("denoise", func(ctx context.Context) error { return run(ctx, o) })
}

func run(ctx context.Context, o options) error {
	p := &program{options: o}
	if err := p.prepare(); err != nil {
		return err
	}
	if err := p.fit(ctx); err != nil {
		return err
	}
	for _, f := range []func() error{p.score, p.listen, p.learning} {
		if err := f(); err != nil {
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
	}{{"speakers", p.speakers, 1, 1e6}, {"context", p.context, 0, 100}, {"epochs", p.epochs, 1, 1e6}, {"batch", p.batch, 1, 1e6}} {
		if f.value < f.least || f.value > f.most {
			return errors.Errorf("-%s %d, expected %d to %d", f.name, f.value, f.least, f.most)
		}
	}
	for part := range strings.SplitSeq(p.ratios, ",") {
		db, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || !(db >= -50 && db <= 50) {
			return errors.Errorf("-snr %q, expected ratios of -50 to 50 dB with commas between them, such as 0,5,10", p.ratios)
		}
		p.dbs = append(p.dbs, db)
	}
	if p.layers, err = show.ParseLayers("hidden", p.hidden, nn.Auto); err != nil {
		return err
	}
	if err := p.load(); err != nil {
		return err
	}
	if p.folder, err = show.NewFolder(p.out, "Speech without noise: "+p.data+" and "+p.noise); err != nil {
		return err
	}
	fmt.Printf("%d noisy waves for training, %d held out, %d for the test\n", len(p.train), len(p.valid), len(p.test))
	p.folder.Report.Fact("noisy waves", fmt.Sprintf("%d for training, %d held out, %d for the test, of other speakers and other noise", len(p.train), len(p.valid), len(p.test)))
	p.folder.Report.Fact("features", fmt.Sprintf("log power at %d frequencies of frames of %d samples every %d, %d frames on each side", p.bins(), p.stft.Length, p.stft.Hop, p.context))
	return nil
}

// fit trains the network.
func (p *program) fit(ctx context.Context) error {
	windows, err := p.windows(p.train)
	if err != nil {
		return err
	}
	valid, err := p.windows(p.valid)
	if err != nil {
		return err
	}
	p.net, err = pretrain.NewNetwork(pretrain.NetworkConfig{
		Shape: windows.Shape(), Hidden: p.layers, Task: pretrain.Regress, Outputs: p.bins(), Normalizer: p.inputs(), Seed: p.seed,
	})
	if err != nil {
		return err
	}
	checkpoint, err := p.folder.Checkpoints("network", p.resume, p.net.Config())
	if err != nil {
		return err
	}
	fmt.Printf("%d training frames, %d weights\n", windows.Len(), p.net.Params().Count())
	steps := p.epochs * ((windows.Len() + p.batch - 1) / p.batch)
	r, err := train.Run(ctx, p.net, windows, train.Config{
		Epochs: p.epochs, BatchSize: p.batch, Progress: os.Stderr, Key: graph.NewKey(p.seed).Fork("train"), Checkpoint: checkpoint,
		Valid: valid, Stop: train.EarlyStop{Restore: true},
		Optim: optim.Config{Rate: p.rate, ClipNorm: 10, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: steps}},
	})
	if err != nil {
		return err
	}
	p.history = r.History
	return p.equalise()
}
