package pixel

import "github.com/latent-go/latent/internal/named"

// A Kind of network.
type Kind int

const (
	// Convolutional is the gated PixelCNN of van den Oord et al. 2016, "Conditional image generation with
	// PixelCNN decoders", figure 2: a stack of convolutions over the rows above and one along the row.
	Convolutional Kind = iota

	// Recurrent is the Row LSTM of van den Oord et al. 2016, "Pixel recurrent neural networks", section 3.1:
	// long short-term memories that go from row to row. They see a triangle above the pixel, not all of
	// what comes before it.
	Recurrent

	// SelfAttention are blocks of causal self-attention over all earlier pixels, as in the decoder of
	// Vaswani et al. 2017 and, for images, Parmar et al. 2018, "Image Transformer", with normalisation in
	// front of each half and after a first masked convolution. Attention is over the whole image, so
	// that its cost grows with the square of the number of pixels.
	SelfAttention
)

var kindNames = named.Constants[Kind]{
	Unknown: "pixel: unknown kind",
	Names:   []string{"convolutional", "recurrent", "self-attention"},
}

func (k Kind) valid() bool { return kindNames.Valid(k) }

func (k Kind) String() string { return kindNames.String(k) }

// MarshalText and UnmarshalText give a Kind its name in flags and files.
func (k Kind) MarshalText() ([]byte, error) { return kindNames.MarshalText(k) }

// UnmarshalText is the inverse of MarshalText.
func (k *Kind) UnmarshalText(text []byte) error { return kindNames.UnmarshalText(k, text) }
