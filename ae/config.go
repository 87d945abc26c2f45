// Package ae holds autoencoders: linear, non-linear, deep and convolutional, over- and under-complete,
// with tied or untied weights; denoising, sparse and contractive; as one model or as an encoder at the
// sender and a decoder at the receiver.
//
// An autoencoder computes a code f(x) of an example and a reconstruction g(f(x)), and is trained to
// reconstruct well. Published settings are in recipe.go.
package ae

import (
	"slices"

	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/internal/named"
	"github.com/pkg/errors"
)

// ErrConfig is wrapped by every error about a Config.
var ErrConfig = errors.New("ae: wrong configuration")

// Config describes an autoencoder. Its JSON form is part of model files.
type Config struct {
	// Shape of one example, such as (784) or (1, 28, 28). d is the product.
	Shape []int `json:"shape"`

	// Conv are convolutions in front of Encoder, for images of Shape (y, x) or (c, y, x) (Masci et al. 2011);
	// strides, not pooling, make the images smaller. The decoder then ends in a dense layer to the features of
	// the last one, with its activation, and the adjoints of all, the last first: each with the same size and
	// stride, and the activation of the layer it leads back to. Convolutions have few weights, which learn
	// best at a rate some times that of dense layers. Default none.
	Conv []nn.Conv `json:"conv,omitempty"`

	// Encoder is the stack from the input, or the last convolution, to the code, which is the last layer's
	// result; at least one layer. A code wider than d (over-complete) needs a corruption or a penalty to
	// learn anything but the identity.
	Encoder []nn.Dense `json:"encoder"`

	// Decoder is the stack from the code up to, and without, the output layer, which has d units, or what
	// leads back through Conv. The default, nil, mirrors the encoder's hidden layers.
	Decoder []nn.Dense `json:"decoder,omitzero"`

	// Tied makes each decoder layer use the transpose of its encoder layer's weights. It needs the
	// mirrored decoder, and no Conv.
	Tied bool `json:"tied,omitempty"`

	// Loss compares the reconstruction with the clean input; default squared error.
	Loss Loss `json:"loss"`

	// Output is the activation of the reconstruction under squared error; default linear. Under
	// cross-entropy it is the logistic function, whatever this says.
	Output op.Activation `json:"output"`

	// OutputInit chooses the initial weights of the output layer.
	OutputInit nn.Init `json:"output_init,omitempty"`

	// Corruption damages the input in training, and the model learns to undo it (Vincent et al. 2010):
	// a text such as "masking:0.25"; see data.ParseCorruption. Default none.
	Corruption string `json:"corruption,omitempty"`

	// L1 is the weight of the sum of |code|, averaged over examples: a sparse code. Default 0.
	L1 float64 `json:"l1,omitempty"`

	// SparsityTarget and SparsityWeight add SparsityWeight times the sum over code units of
	// KL(target || mean activation over the batch) (Ng 2011, "Sparse autoencoder"). The target is in
	// (0, 1), typically 0.05; it needs a logistic code. Default 0, off.
	SparsityTarget float64 `json:"sparsity_target,omitempty"`
	SparsityWeight float64 `json:"sparsity_weight,omitempty"`

	// Contractive is the weight of the squared Frobenius norm of the Jacobian of every encoder layer,
	// averaged over examples (Rifai et al. 2011, equation 7; for one layer it is the Jacobian of the
	// code). It needs logistic, tanh, ReLU or linear encoder layers, and no Conv. Default 0.
	Contractive float64 `json:"contractive,omitempty"`

	// Normalizer is what the data went through before it reached the model; it travels with the
	// model's files so that they can be used again. The model does not apply it. Default none.
	Normalizer *data.Normalizer `json:"normalizer,omitempty"`

	// Seed decides the initial weights.
	Seed uint64 `json:"seed"`
}

// A Loss compares a reconstruction y with the input x. Both are summed over the elements of an
// example and averaged over examples, as in the classic papers.
type Loss int

const (
	SquaredError Loss = iota // sum of (x - y)^2
	CrossEntropy             // of x in [0, 1] under Bernoulli variables of mean y, in nats
)

var lossNames = named.Constants[Loss]{Unknown: "ae: unknown loss", Names: []string{"squared-error", "cross-entropy"}}

func (l Loss) valid() bool { return lossNames.Valid(l) }

func (l Loss) String() string { return lossNames.String(l) }

// MarshalText and UnmarshalText give a Loss its name in flags and files.
func (l Loss) MarshalText() ([]byte, error) { return lossNames.MarshalText(l) }

// UnmarshalText is the inverse of MarshalText.
func (l *Loss) UnmarshalText(text []byte) error { return lossNames.UnmarshalText(l, text) }

// Inputs is d, the number of elements of an example.
func (c Config) Inputs() int {
	d := 1
	for _, s := range c.Shape {
		d *= s
	}
	return d
}

// CodeSize is the number of units of the code.
func (c Config) CodeSize() int { return c.Encoder[len(c.Encoder)-1].Units }

// decoder returns the decoder's hidden layers.
func (c Config) decoder() []nn.Dense {
	if c.Decoder != nil {
		return slices.Clone(c.Decoder)
	}
	mirror := slices.Clone(c.Encoder[:len(c.Encoder)-1])
	slices.Reverse(mirror)
	return mirror
}

// denseDecoder returns the decoder's dense layers: all, or those before the adjoints of Conv.
func (c Config) denseDecoder() []nn.Dense {
	last := c.output()
	if n := len(c.Conv); n > 0 {
		last = nn.Dense{Units: c.features(), Activation: c.Conv[n-1].Activation, Init: c.Conv[n-1].Init}
	}
	return append(c.decoder(), last)
}

// output is the decoder's last layer. Under cross-entropy it computes logits.
func (c Config) output() nn.Dense {
	l := nn.Dense{Units: c.Inputs(), Activation: c.Output, Init: c.OutputInit}
	if c.Loss == CrossEntropy {
		l.Activation = op.Identity
	}
	return l
}
