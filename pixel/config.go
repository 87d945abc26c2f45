// Package pixel holds autoregressive models of images.
//
// The likelihood of an image is a product over its pixels in raster order, row by row and from left to right:
// p(x) = prod_i p(x_i | x_1 .. x_(i-1)). A network gives the distribution of every pixel from those before it,
// and is built such that it cannot see others. So log p(x) is exact, in nats, and costs one run of the
// network; to sample takes a run for every pixel. There are three kinds of network, see Kind.
package pixel

import "github.com/pkg/errors"

// ErrConfig is wrapped by every error about a Config, and about a number that a method is given.
var ErrConfig = errors.New("pixel: wrong configuration")

// Config describes a model. Its JSON form is part of model files.
type Config struct {
	// Shape of one image, (y, x) or (1, y, x). Colour is not modelled.
	Shape []int `json:"shape"`

	// Levels is v, the number of values a pixel has, 2 to 256: level l stands for the number l/(v-1), and
	// examples, which lie in [0, 1], are rounded to the nearest. The default, 2, is black and white, one
	// logit a pixel; more are a softmax over the levels.
	Levels int `json:"levels,omitempty"`

	// Kind is that of the network. Default Convolutional.
	Kind Kind `json:"kind"`

	// Layers is the number of layers, or blocks of attention, after the first convolution. Default 5.
	Layers int `json:"layers,omitempty"`

	// Features is h, the number of features of a pixel in every layer. Default 32.
	Features int `json:"features,omitempty"`

	// Heads of SelfAttention; divides Features. Default 4.
	Heads int `json:"heads,omitempty"`

	// Classes makes the model conditional on a label of the image: at least 2, labels are 0 to Classes-1.
	// The label moves the input of every gate (van den Oord et al. 2016b, equation 4), LSTM or block. The
	// default, 0, is a model without labels.
	Classes int `json:"classes,omitempty"`

	// Binarize draws each element of an example, a probability, anew as 0 or 1 every time that a likelihood
	// is computed (stochastic binarisation). It needs Levels 2.
	Binarize bool `json:"binarize,omitempty"`

	// Seed decides the initial weights.
	Seed uint64 `json:"seed"`
}

// complete returns c with the defaults in place.
func (c Config) complete() Config {
	for field, value := range map[*int]int{&c.Levels: 2, &c.Layers: 5, &c.Features: 32, &c.Heads: 4} {
		if *field == 0 {
			*field = value
		}
	}
	return c
}

// height and width are those of an image.
func (c Config) height() int { return c.Shape[len(c.Shape)-2] }
func (c Config) width() int  { return c.Shape[len(c.Shape)-1] }

// pixels is d, the number of pixels.
func (c Config) pixels() int { return c.height() * c.width() }

// outputs is the number of logits of a pixel.
func (c Config) outputs() int {
	if c.Levels == 2 {
		return 1
	}
	return c.Levels
}
