// Autoencoder trains an autoencoder of any kind on any data, compares it with principal component
// analysis, and writes pictures, model files and a report to a folder.
//
//	go run ./examples/autoencoder                                             # embedded digits
//	go run ./examples/autoencoder -encoder 500:sigmoid -tied -loss cross-entropy -corruption masking:0.25
//	go run ./examples/autoencoder -conv 8x5/2:gelu,16x5/2:gelu -encoder 30 -loss cross-entropy -rate 8e-3
//	go run ./examples/autoencoder -data table.csv.gz -label -1 -normalize standard -encoder 10:tanh,2
//	go run ./examples/autoencoder -data photos/ -size 32 -encoder 512:relu,64
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
	"github.com/pkg/errors"
)

// options are what the flags say.
type options struct {
	input     show.Input
	model     ae.Config
	conv      string
	encoder   string
	decoder   string
	init      nn.Init
	normalize string
	valid     float64
	train     train.Config
	out       string
	resume    bool
}

func main() {
	o := options{}
	o.input.Flags()
	flag.Float64Var(&o.valid, "valid", 0.1, "part of the training data that is held out for the learning curve and for -patience; 0 is none")
	flag.StringVar(&o.normalize, "normalize", "none", show.NormalizeUsage)
	flag.StringVar(&o.conv, "conv", "", "convolutions in front of -encoder, mirrored in the decoder, for images: "+show.ConvUsage)
	flag.StringVar(&o.encoder, "encoder", "256:relu,30", "layers from the input to the code, "+show.LayersUsage)
	flag.StringVar(&o.decoder, "decoder", "", "hidden layers from the code to the output, likewise; by default the encoder's, mirrored")
	flag.TextVar(&o.init, "init", nn.Auto, "initial weights: auto, glorot, glorot-sigmoid, fan-in or he")
	flag.BoolVar(&o.model.Tied, "tied", false, "decoder layers use the transposed weights of the encoder's")
	flag.TextVar(&o.model.Loss, "loss", ae.SquaredError, "squared-error or cross-entropy (data in [0, 1])")
	flag.TextVar(&o.model.Output, "output", op.Identity, "activation of the reconstruction under squared error: linear, sigmoid, ...")
	flag.StringVar(&o.model.Corruption, "corruption", "", "what training damages the input with: masking:RATE, gaussian:STD, saltpepper:RATE, downscale:FACTOR, shift:MAX, blur:SIGMA, of waveforms also snr:DB, lowpass:CUTOFF, highpass:CUTOFF, or several with commas")
	flag.Float64Var(&o.model.L1, "l1", 0, "weight of the code's absolute values: a sparse code")
	flag.Float64Var(&o.model.SparsityTarget, "sparsity-target", 0.05, "mean activation that -sparsity-weight asks for, in (0, 1)")
	flag.Float64Var(&o.model.SparsityWeight, "sparsity-weight", 0, "weight of the divergence from -sparsity-target; needs a sigmoid code")
	flag.Float64Var(&o.model.Contractive, "contractive", 0, "weight of the encoder's squared Jacobian")
	flag.IntVar(&o.train.Epochs, "epochs", 20, "passes over the training data")
	flag.IntVar(&o.train.BatchSize, "batch", 100, "examples in a batch; all of them if there are fewer")
	flag.TextVar(&o.train.Optim.Method, "method", optim.Adam, "adam, adamw, sgd, momentum, nesterov, rmsprop or adagrad")
	flag.Float64Var(&o.train.Optim.Rate, "rate", 0, "learning rate; 0 is the method's default")
	flag.IntVar(&o.train.Stop.Patience, "patience", 0, "stop after so many epochs without a better held-out loss, and keep the best weights; 0 never stops")
	flag.Uint64Var(&o.model.Seed, "seed", 1, "decides initial weights, order of the data, noise and what is held out")
	flag.StringVar(&o.out, "out", "autoencoder-out", "folder for pictures, models and report")
	flag.BoolVar(&o.resume, "resume", false, "go on from the checkpoint of an interrupted run")
	show.Parse()
	show.Main("autoencoder", func(ctx context.Context) error { return run(ctx, o) })
}

func run(ctx context.Context, o options) error {
	if err := o.complete(); err != nil {
		return err
	}
	training, test, err := o.input.Load(ctx, graph.NewKey(o.model.Seed).Fork("split"))
	if err != nil {
		return err
	}
	if o.model.Normalizer, err = show.Normalize(o.normalize, training, test); err != nil {
		return err
	}
	o.model.Shape = training.Shape()
	model, err := ae.New(o.model)
	if err != nil {
		return err
	}
	folder, err := show.NewFolder(o.out, "An autoencoder on "+o.input.Path)
	if err != nil {
		return err
	}
	fmt.Printf("%d training and %d test examples of shape %v; %d weights\n", training.Len(), test.Len(), training.Shape(), model.Params().Count())
	result, err := fit(ctx, o, folder, model, training)
	if err != nil {
		return err
	}
	p := pictures{folder: folder, model: model, test: test, history: result.History}
	if p.pca, err = ae.FitPCA(training.X, min(o.model.CodeSize(), o.model.Inputs())); err != nil {
		return err
	}
	if err := compare(ctx, folder, model, p.pca, test); err != nil {
		return err
	}
	if err := p.draw(); err != nil {
		return err
	}
	for name, save := range map[string]func(string) error{"model": model.Save, "encoder": model.Encoder.Save, "decoder": model.Decoder.Save} {
		if err := save(folder.File(name + ".safetensors")); err != nil {
			return err
		}
	}
	return folder.Close()
}

// complete turns the texts of flags into the configuration.
func (o *options) complete() (err error) {
	if o.model.Conv, err = show.ParseConv("conv", o.conv, o.init); err != nil {
		return err
	}
	if o.model.Encoder, err = show.ParseLayers("encoder", o.encoder, o.init); err != nil {
		return err
	}
	if o.decoder != "" {
		if o.model.Decoder, err = show.ParseLayers("decoder", o.decoder, o.init); err != nil {
			return err
		}
	}
	o.model.OutputInit = o.init
	if o.model.SparsityWeight == 0 {
		o.model.SparsityTarget = 0
	}
	o.train.Stop.Restore = o.train.Stop.Patience > 0
	return nil
}

// fit trains the model, apart from a part of the training data that it holds out.
func fit(ctx context.Context, o options, folder *show.Folder, model *ae.Model, training *data.Set) (*train.Result, error) {
	checkpoint, err := folder.Checkpoints("autoencoder", o.resume, model.Config())
	if err != nil {
		return nil, err
	}
	cfg := o.train
	cfg.Key = graph.NewKey(o.model.Seed)
	if o.valid != 0 {
		if !(o.valid > 0 && o.valid < 1) {
			return nil, errors.Errorf("-valid %g, expected a part between 0 and 1", o.valid)
		}
		parts, err := training.Split(cfg.Key.Fork("valid"), 1-o.valid, o.valid)
		if err != nil {
			return nil, err
		}
		training, cfg.Valid = parts[0], parts[1]
	}
	cfg.BatchSize = min(cfg.BatchSize, training.Len())
	cfg.Checkpoint = checkpoint
	cfg.Progress = os.Stderr
	return train.Run(ctx, model, training, cfg)
}

// compare prints the test error of the model beside that of PCA.
func compare(ctx context.Context, folder *show.Folder, model *ae.Model, pca *ae.PCA, test *data.Set) error {
	scores, err := train.Evaluate(ctx, model, graph.Key{}, test, min(500, test.Len()))
	if err != nil {
		return err
	}
	linear, err := pca.Error(test.X)
	if err != nil {
		return err
	}
	fmt.Printf("\nTest loss %.4f. Squared error per test example with a code of %d numbers:\n", scores[train.Loss], model.Config().CodeSize())
	fmt.Printf("  PCA           %10.4f\n  autoencoder   %10.4f\n", linear, scores["error"])
	folder.Report.Fact("code size", fmt.Sprint(model.Config().CodeSize()))
	folder.Report.Fact("test loss", fmt.Sprintf("%.4f", scores[train.Loss]))
	folder.Report.Fact("squared error per test example, PCA", fmt.Sprintf("%.4f", linear))
	folder.Report.Fact("squared error per test example, autoencoder", fmt.Sprintf("%.4f", scores["error"]))
	return nil
}
