package lm

import "github.com/latent-go/latent/graph/data/text"

// Config describes a language model. Its JSON form is part of model files.
type Config struct {
	// Kind is that of the network. Default FeedForward.
	Kind Kind `json:"kind"`

	// Vocabulary is v, the number of tokens there are, at least 2: their ids are 0 to v-1. The default is
	// the size of Tokens.
	Vocabulary int `json:"vocabulary"`

	// Context is t, the number of tokens that are predicted in a training example of t+1. It is also how far
	// back FeedForward and Transformer look; Recurrent looks back as far as it has learnt to. Default 64.
	Context int `json:"context,omitempty"`

	// Layers is the number of hidden layers, LSTMs or blocks of attention. Default 2.
	Layers int `json:"layers,omitempty"`

	// Units is h, the size of a token's embedding and of every layer. Default 128.
	Units int `json:"units,omitempty"`

	// Heads of Transformer; divides Units. Default 4.
	Heads int `json:"heads,omitempty"`

	// Dropout is the probability, in [0, 1), with which in training a unit is left out, of embeddings and of the
	// results of layers, those of a block of Transformer before they are added. It is not applied to what an
	// LSTM passes on from step to step (Zaremba et al. 2014), nor to weights of attention. Default 0.
	Dropout float64 `json:"dropout,omitempty"`

	// Tied makes the embeddings the weights of the output too (Press & Wolf 2017): fewer weights, and often
	// better ones if tokens are rare.
	Tied bool `json:"tied,omitempty"`

	// Tokens says which tokens the ids stand for. The model does not use it; it travels with the file, so
	// that text can be encoded and decoded again. Default nil.
	Tokens *text.Vocabulary `json:"tokens,omitempty"`

	// Seed decides the initial weights.
	Seed uint64 `json:"seed"`
}

// complete returns c with the defaults in place.
func (c Config) complete() Config {
	if c.Vocabulary == 0 && c.Tokens != nil {
		c.Vocabulary = c.Tokens.Len()
	}
	for field, value := range map[*int]int{&c.Context: 64, &c.Layers: 2, &c.Units: 128, &c.Heads: 4} {
		if *field == 0 {
			*field = value
		}
	}
	return c
}
