// Quickstart trains a denoising autoencoder on embedded handwritten digits, compares it with principal
// component analysis of the same code size, and writes pictures, the model and a report to a folder.
//
//	go run ./examples/quickstart
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
)

const codeSize = 30

func main() {
	out := flag.String("out", "quickstart-out", "folder for pictures, model and report")
	epochs := flag.Int("epochs", 15, "passes over the 10,000 training digits")
	seed := flag.Uint64("seed", 1, "decides initial weights, order of the data and noise")
	resume := flag.Bool("resume", false, "go on from the checkpoint of an interrupted run")
	show.Parse()
	show.Main("quickstart", func(ctx context.Context) error { return run(ctx, *out, *epochs, *seed, *resume) })
}

func run(ctx context.Context, out string, epochs int, seed uint64, resume bool) error {
	began := time.Now()
	folder, err := show.NewFolder(out, "A denoising autoencoder on handwritten digits")
	if err != nil {
		return err
	}
	digits, test, err := mnist.Embedded()
	if err != nil {
		return err
	}
	fmt.Printf("%d training and %d test digits of 28 x 28 pixels\n\n", digits.Len(), test.Len())

	fmt.Printf("Training 784-256-%d-256-784 to reconstruct digits from which 20 %% of the pixels are masked:\n", codeSize)
	model, err := ae.New(denoising(seed))
	if err != nil {
		return err
	}
	result, err := fit(ctx, folder, "denoising", model, digits, test, epochs, seed, resume)
	if err != nil {
		return err
	}
	fmt.Println("\nTraining 784-256-2-256-784, a code that fits on paper:")
	flat, err := ae.New(twoUnits(seed))
	if err != nil {
		return err
	}
	if _, err := fit(ctx, folder, "code2d", flat, digits, test, epochs, seed, resume); err != nil {
		return err
	}
	pca, err := ae.FitPCA(digits.X, codeSize)
	if err != nil {
		return err
	}
	if err := compare(ctx, folder, model, pca, test); err != nil {
		return err
	}
	if err := draw(folder, model, flat, pca, test, result.History); err != nil {
		return err
	}
	if err := model.Save(folder.File("model.safetensors")); err != nil {
		return err
	}
	folder.Report.Fact("time", time.Since(began).Round(100*time.Millisecond).String())
	return folder.Close()
}

// denoising is the model that is compared with PCA: two rectified hidden layers and a linear code.
func denoising(seed uint64) ae.Config {
	return ae.Config{
		Shape:      []int{1, 28, 28},
		Encoder:    []nn.Dense{{Units: 256, Activation: op.ReLUActivation, Init: nn.FanIn}, {Units: codeSize}},
		Output:     op.SigmoidActivation,
		Corruption: "masking:0.2",
		Seed:       seed,
	}
}

// twoUnits is the model for the picture of the code.
func twoUnits(seed uint64) ae.Config {
	return ae.Config{
		Shape:   []int{1, 28, 28},
		Encoder: []nn.Dense{{Units: 256, Activation: op.ReLUActivation}, {Units: 64, Activation: op.ReLUActivation}, {Units: 2}},
		Output:  op.SigmoidActivation,
		Seed:    seed,
	}
}

func fit(ctx context.Context, folder *show.Folder, name string, model *ae.Model, digits, test *data.Set, epochs int, seed uint64, resume bool) (*train.Result, error) {
	checkpoint, err := folder.Checkpoints(name, resume, model.Config())
	if err != nil {
		return nil, err
	}
	const batch = 100
	steps := max(1, epochs*(digits.Len()/batch))
	return train.Run(ctx, model, digits, train.Config{
		Epochs:     epochs,
		BatchSize:  batch,
		Optim:      optim.Config{Rate: 2e-3, L2: 1e-4, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: steps, Final: 0.05}},
		Key:        graph.NewKey(seed),
		Valid:      test,
		Checkpoint: checkpoint,
		Progress:   os.Stderr,
	})
}

// compare prints the test error of the model beside that of PCA.
func compare(ctx context.Context, folder *show.Folder, model *ae.Model, pca *ae.PCA, test *data.Set) error {
	scores, err := train.Evaluate(ctx, model, graph.Key{}, test, 500)
	if err != nil {
		return err
	}
	linear, err := pca.Error(test.X)
	if err != nil {
		return err
	}
	ours := scores["error"]
	fmt.Printf("\nSquared error per test digit with a code of %d numbers:\n", codeSize)
	fmt.Printf("  PCA                     %8.3f\n  denoising autoencoder   %8.3f   (%.0f %% of PCA's)\n", linear, ours, 100*ours/linear)
	folder.Report.Fact("code size", fmt.Sprint(codeSize))
	folder.Report.Fact("squared error per test digit, PCA", fmt.Sprintf("%.3f", linear))
	folder.Report.Fact("squared error per test digit, autoencoder", fmt.Sprintf("%.3f", ours))
	return nil
}
