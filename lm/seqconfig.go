package lm

import (
	"github.com/latent-go/latent/graph/nn"
	"github.com/pkg/errors"
)

// Ids that both vocabularies of a SeqModel keep for themselves; tokens of sequences are those from SeqFirst on.
const (
	SeqPad   = 0 // fills a sequence up to its length, in sources on the left, in targets on the right
	SeqBegin = 1 // what the decoder sees in place of a token before the first
	SeqEnd   = 2 // what the decoder predicts after the last
	SeqFirst = 3
)

// SeqConfig describes a SeqModel. Its JSON form is part of model files.
type SeqConfig struct {
	// Source and Target are the sizes of the two vocabularies, the SeqFirst special ids included: tokens of
	// sources are SeqFirst to Source-1.
	Source int `json:"source"`
	Target int `json:"target"`

	// SourceLength and TargetLength are the most tokens of a sequence, 1 to 1000. Memory grows with
	// them, and time with the longest sequences of a batch, by sixths of these: see SeqByLength.
	SourceLength int `json:"sourceLength"`
	TargetLength int `json:"targetLength"`

	// SourceTokens and TargetTokens are the texts of the ids, special ones included, for whoever uses the model's
	// file: the model itself does not look at them. They may be left out.
	SourceTokens []string `json:"sourceTokens,omitempty"`
	TargetTokens []string `json:"targetTokens,omitempty"`

	// Units is h, the size of the decoder's states; a direction of the encoder has half, so h is even. Default 128.
	Units int `json:"units,omitempty"`

	// Embedding is the size of the vector of a token. Default 64.
	Embedding int `json:"embedding,omitempty"`

	// Layers of LSTMs in encoder and decoder. Default 1.
	Layers int `json:"layers,omitempty"`

	// Dropout is the probability in [0, 1) of leaving out, in training, an input of the output layer, or of an LSTM
	// after the first (Zaremba et al. 2014, who leave out inputs of the first as well). Default 0.
	Dropout float64 `json:"dropout,omitempty"`

	// Seed decides the initial weights.
	Seed uint64 `json:"seed"`
}

const (
	maxSeqLength = 1000
	maxSeqLayers = 100
	maxSeqSize   = 1 << 26
)

// complete returns c with the defaults in place.
func (c SeqConfig) complete() SeqConfig {
	for field, value := range map[*int]int{&c.Units: 128, &c.Embedding: 64, &c.Layers: 1} {
		if *field == 0 {
			*field = value
		}
	}
	return c
}

// validate puts the defaults in place and says what is wrong with the configuration, if anything, as an ErrConfig.
func (c *SeqConfig) validate() error {
	*c = c.complete()
	if err := c.checkSizes(); err != nil {
		return errors.Wrap(ErrConfig, err.Error())
	}
	return nil
}

func (c SeqConfig) checkSizes() error {
	switch {
	case c.Source <= SeqFirst || c.Source > nn.MaxUnits:
		return errors.Errorf("Source %d, expected a vocabulary of %d to %d, the %d special ids included", c.Source, SeqFirst+1, nn.MaxUnits, SeqFirst)
	case c.Target <= SeqFirst || c.Target > nn.MaxUnits:
		return errors.Errorf("Target %d, expected a vocabulary of %d to %d, the %d special ids included", c.Target, SeqFirst+1, nn.MaxUnits, SeqFirst)
	case c.SourceLength < 1 || c.SourceLength > maxSeqLength:
		return errors.Errorf("SourceLength %d, expected 1 to %d tokens", c.SourceLength, maxSeqLength)
	case c.TargetLength < 1 || c.TargetLength > maxSeqLength:
		return errors.Errorf("TargetLength %d, expected 1 to %d tokens", c.TargetLength, maxSeqLength)
	case c.SourceTokens != nil && len(c.SourceTokens) != c.Source:
		return errors.Errorf("%d SourceTokens, expected one for each of the %d ids, special ones included", len(c.SourceTokens), c.Source)
	case c.TargetTokens != nil && len(c.TargetTokens) != c.Target:
		return errors.Errorf("%d TargetTokens, expected one for each of the %d ids, special ones included", len(c.TargetTokens), c.Target)
	case c.Units < 2 || c.Units%2 != 0 || c.Units > nn.MaxUnits:
		return errors.Errorf("Units %d, expected an even number from 2 to %d", c.Units, nn.MaxUnits)
	case c.Embedding < 1 || c.Embedding > nn.MaxUnits:
		return errors.Errorf("Embedding %d, expected 1 to %d", c.Embedding, nn.MaxUnits)
	case c.Layers < 1 || c.Layers > maxSeqLayers:
		return errors.Errorf("Layers %d, expected 1 to %d", c.Layers, maxSeqLayers)
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return errors.Errorf("Dropout %g is outside [0, 1)", c.Dropout)
	}
	if n := c.weights(); n > nn.MaxWeights {
		return errors.Errorf("the network has %.0f weights, at most %d are possible", n, nn.MaxWeights)
	}
	if n := c.numbers(); n > maxSeqSize {
		return errors.Errorf("an example needs %d numbers for gates and logits, at most %d are possible", n, maxSeqSize)
	}
	return nil
}

// numbers is how many of one example the gates of a layer and the logits are.
func (c SeqConfig) numbers() int {
	return c.TargetLength*(c.Target+4*c.Units) + c.SourceLength*4*c.Units
}

// outputs is the number of logits: of the end and of the tokens.
func (c SeqConfig) outputs() int { return c.Target - SeqEnd }

// weights is the number of weights and biases: as a float64, since a damaged configuration may ask for any
// number.
func (c SeqConfig) weights() float64 {
	h, e := float64(c.Units), float64(c.Embedding)
	lstm := func(in, units float64) float64 { return (in + units + 1) * 4 * units }
	total := (float64(c.Source)+float64(c.Target))*e + 3*h*h + (h+1)*float64(c.outputs())
	return total + 2*lstm(e, h/2) + lstm(e, h) + float64(c.Layers-1)*(2*lstm(h, h/2)+lstm(h, h))
}
