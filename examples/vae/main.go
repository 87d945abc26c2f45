// Vae trains a variational autoencoder on any data, shows what its latent units have learnt, and writes
// pictures, the model and a report to a folder. It says how many units are in use, and warns if none is.
//
//	go run ./examples/vae                                        # embedded digits
//	go run ./examples/vae -classes 10 -latent 10 -encoder 300:relu,300:relu    # digits to order, by label
//	go run ./examples/vae -latent 50 -samples 5 -binarize -encoder 200:tanh,200:tanh
//	go run ./examples/vae -data table.csv.gz -label -1 -normalize standard -likelihood gaussian -encoder 32:tanh -latent 2
package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/vae"
	"github.com/pkg/errors"
)

// options are what the flags say.
type options struct {
	input     show.Input
	model     vae.Config
	encoder   string
	decoder   string
	normalize string
	warmUp    float64
	valid     float64
	train     train.Config
	manifold  int
	bound     int
	out       string
	resume    bool
}

func main() {
	o := options{}
	o.input.Flags()
	flag.Float64Var(&o.valid, "valid", 0.1, "part of the training data that is held out for the learning curve and for -patience; 0 is none")
	flag.StringVar(&o.normalize, "normalize", "none", show.NormalizeUsage)
	flag.StringVar(&o.encoder, "encoder", "400:relu", "hidden layers from the input to mean and variance of the code, "+show.LayersUsage)
	flag.StringVar(&o.decoder, "decoder", "", "hidden layers from the code to the output, likewise; by default the encoder's, mirrored")
	flag.IntVar(&o.model.Latent, "latent", 20, "latent units")
	flag.TextVar(&o.model.Likelihood, "likelihood", vae.Bernoulli, "bernoulli (data in [0, 1]), gaussian, or categorical (one-hot groups)")
	flag.Float64Var(&o.model.Variance, "variance", 0, "variance of the Gaussian likelihood; 0 learns one for each element")
	flag.IntVar(&o.model.Categories, "categories", 0, "size of a group of the categorical likelihood")
	flag.IntVar(&o.model.Classes, "classes", 0, "make the model conditional on labels 0 to classes-1; 0 is a model without labels")
	flag.Float64Var(&o.model.Beta, "beta", 1, "weight of the KL divergence; above 1 the units carry less, and are easier to read")
	flag.Float64Var(&o.model.FreeBits, "free-bits", 0, "nats that each unit may use for nothing: against collapse")
	flag.Float64Var(&o.warmUp, "warm-up", 0, "epochs over which the weight of the KL divergence grows from 0: against collapse")
	flag.IntVar(&o.model.Samples, "samples", 1, "draws from the posterior for each example; from 2 on the importance-weighted bound is trained")
	flag.BoolVar(&o.model.Binarize, "binarize", false, "draw each pixel as 0 or 1 anew whenever it is seen")
	flag.IntVar(&o.train.Epochs, "epochs", 30, "passes over the training data")
	flag.IntVar(&o.train.BatchSize, "batch", 100, "examples in a batch; all of them if there are fewer")
	flag.TextVar(&o.train.Optim.Method, "method", optim.Adam, "adam, adamw, sgd, momentum, nesterov, rmsprop or adagrad")
	flag.Float64Var(&o.train.Optim.Rate, "rate", 0, "learning rate; 0 is the method's default")
	flag.IntVar(&o.train.Stop.Patience, "patience", 0, "stop after so many epochs without a better held-out loss, and keep the best weights; 0 never stops")
	flag.IntVar(&o.manifold, "manifold", 25, "images: epochs of a second model with 2 latent units, for the picture of all that it knows; 0 is none")
	flag.IntVar(&o.bound, "bound", 100, "samples for each test example of the bound that is reported at the end")
	flag.Uint64Var(&o.model.Seed, "seed", 1, "decides initial weights, order of the data, noise and what is held out")
	flag.StringVar(&o.out, "out", "vae-out", "folder for pictures, model and report")
	flag.BoolVar(&o.resume, "resume", false, "go on from the checkpoint of an interrupted run")
	show.Parse()
	show.Main("vae", func(ctx context.Context) error { return run(ctx, o) })
}

func run(ctx context.Context, o options) error {
	if err := o.complete(); err != nil {
		return err
	}
	training, test, err := o.input.Load(ctx, graph.NewKey(o.model.Seed).Fork("split"))
	if err != nil {
		return err
	}
	if o.model.Classes > 0 && (training.Y.Int == nil || len(training.Y.Shape) != 1) {
		return errors.Errorf("-classes %d: %s has no labels", o.model.Classes, o.input.Path)
	}
	if o.model.Normalizer, err = show.Normalize(o.normalize, training, test); err != nil {
		return err
	}
	o.model.Shape = training.Shape()
	folder, err := show.NewFolder(o.out, "A variational autoencoder on "+o.input.Path)
	if err != nil {
		return err
	}
	fmt.Printf("%d training and %d test examples of shape %v\n", training.Len(), test.Len(), training.Shape())
	p := &pictures{folder: folder, test: test}
	if p.model, p.history, err = fit(ctx, o, folder, "vae", o.model, training); err != nil {
		return err
	}
	if err := report(ctx, o, p); err != nil {
		return err
	}
	if o.manifold > 0 && p.areImages() {
		if p.flat, err = fitFlat(ctx, o, folder, training); err != nil {
			return err
		}
	}
	if err := p.draw(ctx); err != nil {
		return err
	}
	if err := p.model.Save(folder.File("model.safetensors")); err != nil {
		return err
	}
	return folder.Close()
}

// complete turns the texts of flags into the configuration.
func (o *options) complete() (err error) {
	if o.model.Encoder, err = show.ParseLayers("encoder", o.encoder, 0); err != nil {
		return err
	}
	if o.decoder != "" {
		if o.model.Decoder, err = show.ParseLayers("decoder", o.decoder, 0); err != nil {
			return err
		}
	}
	switch {
	case !(o.warmUp >= 0 && o.warmUp <= 1e6):
		return errors.Errorf("-warm-up %g, expected a number of epochs, at least 0", o.warmUp)
	case !(o.valid >= 0 && o.valid < 1):
		return errors.Errorf("-valid %g, expected a part from 0 to 1", o.valid)
	case o.train.BatchSize < 1:
		return errors.Errorf("-batch %d, expected at least 1 example", o.train.BatchSize)
	case o.bound < 1:
		return errors.Errorf("-bound %d, expected at least 1 sample", o.bound)
	case o.manifold < 0:
		return errors.Errorf("-manifold %d, expected a number of epochs, at least 0", o.manifold)
	}
	o.train.Stop.Restore = o.train.Stop.Patience > 0
	return nil
}

// labelsOf are the labels that model m takes with the examples of a set, if any.
func labelsOf(m *vae.Model, set *data.Set) []int {
	if m.Config().Classes == 0 {
		return nil
	}
	return set.Y.Int
}
