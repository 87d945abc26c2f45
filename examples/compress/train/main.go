// Train makes the two files that the sender and the receiver of codes need, each its own.
//
//	go run ./examples/compress/train
//	go run ./examples/compress/sender
//	go run ./examples/compress/receiver -original digits
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
)

func main() {
	var o options
	flag.StringVar(&o.data, "data", "digits", "images to train on: "+show.DataUsage)
	flag.IntVar(&o.code, "code", 20, "numbers of a code")
	flag.IntVar(&o.epochs, "epochs", 20, "passes over the images")
	flag.Uint64Var(&o.seed, "seed", 1, "decides initial weights and order of the images")
	flag.StringVar(&o.out, "out", "compress-out", "folder for encoder.safetensors and decoder.safetensors")
	flag.BoolVar(&o.resume, "resume", false, "go on from the checkpoint of an interrupted run")
	show.Parse()
	show.Main("train", func(ctx context.Context) error { return run(ctx, o) })
}

type options struct {
	data, out    string
	code, epochs int
	seed         uint64
	resume       bool
}

func run(ctx context.Context, o options) error {
	images, _, err := show.Data(ctx, o.data, "")
	if err != nil {
		return err
	}
	model, err := ae.New(ae.Config{
		Shape: images.Shape(),
		Encoder: []nn.Dense{
			{Units: 256, Activation: op.ReLUActivation, Init: nn.FanIn},
			{Units: 128, Activation: op.ReLUActivation, Init: nn.FanIn},
			{Units: o.code},
		},
		Output: op.SigmoidActivation,
		Seed:   o.seed,
	})
	if err != nil {
		return err
	}
	folder, err := show.NewFolder(o.out, "Compression")
	if err != nil {
		return err
	}
	if err := fit(ctx, folder, model, images, o); err != nil {
		return err
	}
	if err := model.Encoder.Save(folder.File("encoder.safetensors")); err != nil {
		return err
	}
	if err := model.Decoder.Save(folder.File("decoder.safetensors")); err != nil {
		return err
	}
	fmt.Printf("wrote %s for the sender and %s for the receiver\n", folder.File("encoder.safetensors"), folder.File("decoder.safetensors"))
	return nil
}

func fit(ctx context.Context, folder *show.Folder, model *ae.Model, images *data.Set, o options) error {
	checkpoint, err := folder.Checkpoints("train", o.resume, model.Config())
	if err != nil {
		return err
	}
	batch := min(100, images.Len())
	steps := max(1, o.epochs*images.Len()/batch)
	_, err = train.Run(ctx, model, images, train.Config{
		Epochs:     o.epochs,
		BatchSize:  batch,
		Optim:      optim.Config{Rate: 2e-3, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: steps, Final: 0.02}},
		Key:        graph.NewKey(o.seed),
		Checkpoint: checkpoint,
		Progress:   os.Stderr,
	})
	return err
}
