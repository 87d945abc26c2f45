package lm

import (
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
)

// A Recipe is a published setting: a model with its training.
type Recipe struct {
	Paper string // where it is from, and what differs
	Model Config // but for the vocabulary
	Train train.Config
}

// NanoGPT is Karpathy's small Transformer of characters for a CPU. On the last tenth of the works of Shakespeare
// that he has put together ("tiny Shakespeare"), trained on the rest, it has 1.88 nats a character.
func NanoGPT() Recipe {
	const steps, warmup = 2000, 100
	return Recipe{
		Paper: "Karpathy, nanoGPT (github.com/karpathy/nanoGPT), README, quick start on a CPU; with biases, and windows without repetition",
		Model: Config{Kind: Transformer, Context: 64, Layers: 4, Units: 128, Heads: 4, Tied: true},
		Train: train.Config{Steps: steps, BatchSize: 12, Optim: optim.Config{
			Method: optim.AdamW, Rate: 1e-3, Beta2: 0.99, Decay: 0.1, ClipNorm: 1,
			Schedule: optim.Schedule{Kind: optim.Cosine, Warmup: warmup, Steps: steps - warmup, Final: 0.1},
		}},
	}
}
