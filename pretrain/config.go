// Package pretrain trains deep networks layer by layer: greedy stacks of autoencoders and restricted
// Boltzmann machines (Hinton, Osindero & Teh 2006; Bengio et al. 2006; Vincent et al. 2010), and what
// becomes of them: classifiers, regressors and deep autoencoders to be fine-tuned, and deep belief nets.
//
// Every layer is trained on the codes of the one below, which stays as it is: no gradient reaches it.
package pretrain

import (
	"encoding/json"
	"io"
	"slices"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/rbm"
	"github.com/pkg/errors"
)

// Sentinels, to be found with errors.Is.
var (
	ErrConfig = errors.New("pretrain: wrong configuration")
	ErrResume = errors.New("pretrain: folder of another stack")
)

const maxLayers = 1000

// A Layer is one layer of a stack, and how it is trained: an autoencoder with one hidden layer, or a
// restricted Boltzmann machine.
type Layer struct {
	// AE or RBM, one of them, is the model. AE.Shape and RBM.Visible may be left out: they are what
	// comes from below. The autoencoder's Encoder has one layer, its Decoder and Conv none; weights may be
	// tied, inputs corrupted.
	AE  *ae.Config  `json:"ae,omitempty"`
	RBM *rbm.Config `json:"rbm,omitempty"`

	// Draw trains the layer above on zeros and ones drawn from this layer's codes, which must be
	// probabilities, anew in every epoch. The default is the codes themselves. Codes further up are
	// computed from codes in either case.
	Draw bool `json:"draw,omitempty"`

	// Train says how. Its Valid and its Checkpoint.Dir stay empty: see Config. The zero Key stands for
	// one that Config.Seed decides.
	Train train.Config `json:"-"`
}

// Config describes a stack, and how it is trained.
type Config struct {
	// Layers from the bottom up, at least one.
	Layers []Layer

	// Stream computes the codes that a layer is trained on batch by batch, through the layers below, in
	// every epoch anew: it takes no memory, and time in proportion to the layers below. The default is
	// to compute them once.
	Stream bool

	// Memory is how many bytes of codes are kept in memory: a larger set of codes goes to a temporary
	// file, in Dir if there is one. Default 1 GiB. The results are the same bits.
	Memory int64

	// Valid is held-out data: every layer is scored on its codes. nil is none.
	Valid data.Source

	// Dir is the folder, for this stack alone, that receives the layers that are finished and the
	// checkpoints of the one in training. Default none.
	Dir string

	// Resume goes on from what is in Dir: the layer and the step where it stopped, or a new start if
	// there is nothing. Without it a folder that holds layers is an error.
	Resume bool

	// Progress receives the progress of every layer that has no Progress of its own. nil is silence.
	Progress io.Writer

	// Seed decides the initial weights of the layers whose own Seed is 0, and the Key of the trainings
	// whose own is the zero Key.
	Seed uint64
}

// complete returns a copy with all that was left out, and says what is wrong, if anything. shape is that
// of one example.
func (c Config) complete(shape []int) (Config, error) {
	if len(c.Layers) == 0 {
		return c, errors.Wrap(ErrConfig, "the stack is empty, expected at least one layer")
	}
	if len(c.Layers) > maxLayers {
		return c, errors.Wrapf(ErrConfig, "%d layers, at most %d are possible", len(c.Layers), maxLayers)
	}
	if c.Memory < 0 {
		return c, errors.Wrapf(ErrConfig, "Memory of %d bytes for codes, expected 0 for the default, or more", c.Memory)
	}
	if c.Memory == 0 {
		c.Memory = 1 << 30
	}
	if c.Resume && c.Dir == "" {
		return c, errors.Wrap(ErrConfig, "Resume without a Dir")
	}
	c.Layers = slices.Clone(c.Layers)
	for i := range c.Layers {
		l, err := c.completeLayer(i, shape)
		if err != nil {
			return c, errors.WithMessagef(err, "layer %d", i)
		}
		c.Layers[i], shape = l, []int{l.units()}
	}
	return c, nil
}

func (c Config) completeLayer(i int, shape []int) (Layer, error) {
	l := c.Layers[i]
	key := graph.NewKey(c.Seed).Fork("layer").ForkN(i)
	seed := key.Site >> 12 // 52 bits are the same number in any reader of JSON
	switch {
	case (l.AE == nil) == (l.RBM == nil):
		return l, errors.Wrap(ErrConfig, "one of AE and RBM must be set, and not both")
	case l.Train.Valid != nil:
		return l, errors.Wrap(ErrConfig, "Train.Valid is set; held-out data is that of Config.Valid")
	case l.Train.Checkpoint.Dir != "" || l.Train.Checkpoint.Resume || l.Train.Checkpoint.Meta != nil:
		return l, errors.Wrap(ErrConfig, "Train.Checkpoint has a folder of its own; see Config.Dir")
	case l.AE != nil:
		cfg := *l.AE
		if cfg.Shape == nil {
			cfg.Shape = slices.Clone(shape)
		}
		if cfg.Seed == 0 {
			cfg.Seed = seed
		}
		l.AE = &cfg
	default:
		cfg := *l.RBM
		if cfg.Visible == 0 {
			cfg.Visible = numel(shape)
		}
		if cfg.Seed == 0 {
			cfg.Seed = seed
		}
		l.RBM = &cfg
	}
	if err := l.checkKind(); err != nil {
		return l, err
	}
	if l.inputs() != numel(shape) {
		return l, errors.Wrapf(ErrConfig, "it takes %d numbers, but what comes from below has shape %v", l.inputs(), shape)
	}
	if i > 0 && l.needsCategories() {
		return l, errors.Wrap(ErrConfig, "it takes categories, which no layer below gives")
	}
	if i > 0 && l.needsProbabilities() && !c.Layers[i-1].givesProbabilities() {
		return l, errors.Wrapf(ErrConfig, "it takes numbers in [0, 1], which the %v units of the layer below do not give", c.Layers[i-1].activation())
	}
	if l.Draw && !l.givesProbabilities() {
		return l, errors.Wrapf(ErrConfig, "Draw needs codes that are probabilities, which %v units do not give", l.activation())
	}
	if l.Train.Key == (graph.Key{}) {
		l.Train.Key = key
	}
	if l.Train.Progress == nil {
		l.Train.Progress = c.Progress
	}
	return l, nil
}

// checkKind returns an error unless the layer's model can be part of a stack.
func (l Layer) checkKind() error {
	if l.AE == nil {
		return nil
	}
	if len(l.AE.Conv) > 0 {
		return errors.Wrapf(ErrConfig, "an autoencoder with %d convolutions, expected a dense layer alone", len(l.AE.Conv))
	}
	if len(l.AE.Encoder) != 1 || len(l.AE.Decoder) > 0 {
		return errors.Wrapf(ErrConfig, "an autoencoder with %d encoder layers and %d hidden decoder layers, expected 1 and 0", len(l.AE.Encoder), len(l.AE.Decoder))
	}
	return nil
}

// hidden describes the encoder as a layer of a network.
func (l Layer) hidden() nn.Dense { return nn.Dense{Units: l.units(), Activation: l.activation()} }

// settings is what decides the layer's result and must not change on a resume, in JSON.
func (l Layer) settings() (string, error) {
	t := l.Train
	text, err := json.Marshal(map[string]any{
		"Layer": l, "Epochs": t.Epochs, "Steps": t.Steps, "BatchSize": t.BatchSize, "Accumulate": t.Accumulate,
		"Optim": t.Optim, "Key": t.Key, "EvalEvery": t.EvalEvery, "Stop": t.Stop,
	})
	return string(text), errors.Wrap(err, "pretrain: settings")
}

func numel(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
