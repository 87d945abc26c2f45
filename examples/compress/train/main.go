// Train makes the two halves of an autoencoder for the compression example: encoder.safetensors for the
// sender and decoder.safetensors for the receiver.
//
//	go run ./examples/compress/train
//	go run ./examples/compress/sender
//	go run ./examples/compress/receiver -original digits
package main

import (
	"context"
	"flag"
	"os"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
)

func main() {
	out := flag.String("out", "compress-out", "folder for encoder.safetensors and decoder.safetensors")
	units := flag.Int("code", 24, "numbers of a code")
	epochs := flag.Int("epochs", 30, "passes over the 10,000 embedded training digits")
	seed := flag.Uint64("seed", 1, "decides initial weights and order of the data")
	resume := flag.Bool("resume", false, "go on from the checkpoint of an interrupted run")
	flag.Parse()
	show.Main("train", func(ctx context.Context) error { return run(ctx, *out, *units, *epochs, *seed, *resume) })
}

func run(ctx context.Context, out string, units, epochs int, seed uint64, resume bool) error {
	folder, err := show.NewFolder(out, "An autoencoder for compression")
	if err != nil {
		return err
	}
	digits, test, err := mnist.Embedded()
	if err != nil {
		return err
	}
	model, err := ae.New(ae.Config{
		Shape:   []int{1, 28, 28},
		Encoder: []nn.Dense{{Units: 400, Activation: op.ReLUActivation}, {Units: 200, Activation: op.ReLUActivation}, {Units: units}},
		Output:  op.SigmoidActivation,
		Seed:    seed,
	})
	if err != nil {
		return err
	}
	checkpoint, err := folder.Checkpoints("compress", resume, model.Config())
	if err != nil {
		return err
	}
	const batch = 100
	result, err := train.Run(ctx, model, digits, train.Config{
		Epochs:     epochs,
		BatchSize:  batch,
		Optim:      optim.Config{Rate: 2e-3, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: max(1, epochs*digits.Len()/batch), Final: 0.02}},
		Key:        graph.NewKey(seed),
		Valid:      test,
		Checkpoint: checkpoint,
		Progress:   os.Stderr,
	})
	if err != nil {
		return err
	}
	if err := model.Encoder.Save(folder.File("encoder.safetensors")); err != nil {
		return err
	}
	if err := model.Decoder.Save(folder.File("decoder.safetensors")); err != nil {
		return err
	}
	img, err := show.Curves(result.History, train.Loss, view.Axes{Title: "Squared error per digit", X: "step", Y: "loss", LogY: true})
	if err := folder.Picture("curves", "Squared error of a digit, training and test.", img, err); err != nil {
		return err
	}
	return folder.Close()
}
