package pretrain

import (
	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/rbm"
)

// A Recipe is a published setting: a stack with what becomes of it.
type Recipe struct {
	Paper    string // where it is from, and what differs
	Stack    Config
	Head     Head         // of a classifier; zero if the paper makes none
	Finetune train.Config // of the network, or of the unrolled autoencoder
}

// StackedDenoising is a stack of denoising autoencoders of equal width for inputs in [0, 1] that becomes a
// classifier: logistic units, the uniform initialisation of its time, plain gradient descent, masking noise
// of a rate such as "0.25". The held-out data for early stopping is still to be set.
func StackedDenoising(layers, units, classes int, noise string) Recipe {
	r := Recipe{
		Paper: "Vincent et al. 2010, Stacked denoising autoencoders, section 6; the paper chooses rates and epochs by validation",
		Head:  Head{Outputs: classes, Init: nn.FanIn},
		Finetune: train.Config{
			Epochs: 50, BatchSize: 20, Optim: optim.Config{Method: optim.SGD, Rate: 0.1},
			Stop: train.EarlyStop{Metric: "error", Patience: 10, Restore: true},
		},
	}
	for range layers {
		r.Stack.Layers = append(r.Stack.Layers, Layer{
			AE: &ae.Config{
				Encoder: []nn.Dense{{Units: units, Activation: op.SigmoidActivation, Init: nn.FanIn}},
				Tied:    true, Loss: ae.CrossEntropy, Corruption: "masking:" + noise,
			},
			Train: train.Config{Epochs: 30, BatchSize: 20, Optim: optim.Config{Method: optim.SGD, Rate: 0.1}},
		})
	}
	return r
}

// contrastive is the training of a machine as in Hinton 2010, "A practical guide to training restricted
// Boltzmann machines": batches of 100, momentum 0.5 and after 5 epochs 0.9, weight decay 0.0002.
func contrastive(examples, epochs int, rate float64) train.Config {
	return train.Config{Epochs: epochs, BatchSize: 100, Optim: optim.Config{
		Method: optim.Momentum, Rate: rate, Momentum: 0.9, L2: 2e-4,
		EarlyMomentum: 0.5, EarlySteps: 5 * ((examples + 99) / 100),
	}}
}

// Machines is a greedy stack of machines of Bernoulli units, of the given numbers of hidden units, for a set
// of so many examples in [0, 1].
func Machines(examples, epochs int, hidden ...int) Config {
	var cfg Config
	for _, units := range hidden {
		cfg.Layers = append(cfg.Layers, Layer{
			RBM: &rbm.Config{Hidden: units, Steps: 1}, Train: contrastive(examples, epochs, 0.1),
		})
	}
	return cfg
}

// DeepAutoencoder is the deep autoencoder for digits, 784-1000-500-250-30 and back: four machines, the
// highest of which has linear hidden units with noise of variance 1, to be unrolled (Stack.Unroll) and
// fine-tuned, for a set of so many examples.
func DeepAutoencoder(examples, epochs int) Recipe {
	r := Recipe{
		Paper:    "Hinton & Salakhutdinov 2006, Reducing the dimensionality of data with neural networks; fine-tuned by Adam instead of conjugate gradients",
		Stack:    Machines(examples, epochs, 1000, 500, 250, 30),
		Finetune: train.Config{Epochs: 100, BatchSize: 100, Optim: optim.Config{Rate: 1e-3}},
	}
	for i := range r.Stack.Layers {
		r.Stack.Layers[i].RBM.VisibleMeans = true // as in the authors' code
	}
	code := &r.Stack.Layers[3]
	code.RBM.HiddenUnits = rbm.Gaussian
	code.Train = contrastive(examples, epochs, 0.001)
	return r
}

// DigitsDBN is the deep belief net for digits with labels, 784-500-500-2000-10, for a set of so many
// examples (Hinton, Osindero & Teh 2006, section 6): two machines, a DBNHead for the top, the greedy training of the top
// machine with the labels, and that of the whole net by the up-down algorithm. The upper layers see drawn
// codes, as they will in the net.
func DigitsDBN(examples, epochs int) (stack Config, head DBNHead, top, upDown train.Config) {
	stack = Machines(examples, epochs, 500, 500)
	for i := range stack.Layers {
		stack.Layers[i].Draw = true
	}
	upDown = train.Config{Epochs: epochs, BatchSize: 100, Optim: optim.Config{Method: optim.SGD, Rate: 0.01}}
	return stack, DBNHead{Labels: 10, Hidden: 2000, Steps: 3}, contrastive(examples, epochs, 0.1), upDown
}
