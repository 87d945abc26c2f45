package lm

import "github.com/latent-go/latent/internal/named"

// A Kind of network.
type Kind int

const (
	// FeedForward is the model of Bengio et al. 2003, "A neural probabilistic language model", section 2: the
	// embeddings of the last Context tokens, side by side, go through hidden layers of tanh. What is
	// before the text has embeddings of 0. There are no direct connections to the output.
	FeedForward Kind = iota

	// Recurrent is a stack of long short-term memories (Zaremba et al. 2014, "Recurrent neural network
	// regularization"). Training examples start from a state of 0.
	Recurrent

	// Transformer is the decoder of Vaswani et al. 2017, "Attention is all you need", without the part that
	// looks at a source, with learnt positions, GELU and, as in GPT-2 (Radford et al. 2019, section 2.3),
	// normalisation in front of both halves of a block and behind the last block.
	Transformer
)

var kindNames = named.Constants[Kind]{
	Unknown: "lm: unknown kind",
	Names:   []string{"feed-forward", "recurrent", "transformer"},
}

func (k Kind) valid() bool { return kindNames.Valid(k) }

func (k Kind) String() string { return kindNames.String(k) }

// MarshalText and UnmarshalText give a Kind its name in flags and files.
func (k Kind) MarshalText() ([]byte, error) { return kindNames.MarshalText(k) }

// UnmarshalText is the inverse of MarshalText.
func (k *Kind) UnmarshalText(text []byte) error { return kindNames.UnmarshalText(k, text) }
