package pretrain

import (
	"fmt"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph/nn"
	"github.com/pkg/errors"
)

// UnrollConfig says how a stack becomes a deep autoencoder.
type UnrollConfig struct {
	// Dropout is the probability, in [0, 1), of leaving a unit out in training: one number for each layer
	// of the stack, used in the encoder; nil is no dropout.
	Dropout []float64

	// Corruption damages the input in training: see ae.Config. Default none.
	Corruption string

	// Init chooses, and Seed decides, the initial weights of RandomUnrolled.
	Init nn.Init
	Seed uint64
}

// Unroll makes the deep autoencoder that encodes through the stack and decodes back through it (Hinton &
// Salakhutdinov 2006): its encoder and its decoder have copies of the weights, which part ways in
// training, also where a layer's were tied or are those of a machine. Before any training it encodes and
// reconstructs as the stack does. Its loss is that of the bottom layer: cross-entropy for
// Bernoulli units or an autoencoder with that loss, else squared error. Softmax visible units are an error.
// Rates by layer are optim.Config.RateScales of "enc/0", ..., "dec/0", ...
func (s *Stack) Unroll(cfg UnrollConfig) (*ae.Model, error) {
	m, err := s.RandomUnrolled(cfg)
	if err != nil {
		return nil, err
	}
	set := func(scope string, i int, a affine) error {
		name := fmt.Sprintf("%s/%d/", scope, i)
		if err := m.Params().Lookup(name + "w").Set(a.w); err != nil {
			return err
		}
		return m.Params().Lookup(name + "b").Set(a.b)
	}
	for i, layer := range s.models {
		if err := set("enc", i, up(layer)); err != nil {
			return nil, err
		}
		if err := set("dec", s.Len()-1-i, down(layer)); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// RandomUnrolled makes a deep autoencoder of the form of Unroll's from random weights: what pretraining is
// compared with.
func (s *Stack) RandomUnrolled(cfg UnrollConfig) (*ae.Model, error) {
	net, err := s.network(Head{Dropout: cfg.Dropout, Init: cfg.Init})
	if err != nil {
		return nil, err
	}
	bottom := s.layers[0]
	if bottom.needsCategories() {
		return nil, errors.Wrap(ErrConfig, "an autoencoder cannot reconstruct categories, which the bottom layer has")
	}
	deep := ae.Config{
		Shape: net.Shape, Encoder: net.Hidden, Decoder: []nn.Dense{}, OutputInit: cfg.Init,
		Corruption: cfg.Corruption, Normalizer: net.Normalizer, Seed: cfg.Seed,
	}
	if bottom.needsProbabilities() {
		deep.Loss = ae.CrossEntropy
	} else {
		deep.Output = bottom.output()
	}
	for i := s.Len() - 1; i > 0; i-- {
		deep.Decoder = append(deep.Decoder, nn.Dense{Units: s.layers[i].inputs(), Activation: s.layers[i].output(), Init: cfg.Init})
	}
	return ae.New(deep)
}
