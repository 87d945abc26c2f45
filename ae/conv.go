package ae

import (
	"fmt"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

// maxFeatures is the most numbers that all convolutions make of one example: 64 MiB. Few weights may ask for any.
const maxFeatures = 1 << 24

// An image is the size of what a convolution takes or makes.
type image struct{ y, x, channels int }

func (i image) size() int { return i.y * i.x * i.channels }

// images are what each of Conv takes, and what the last one makes; none without Conv.
func (c Config) images() []image {
	if len(c.Conv) == 0 {
		return nil
	}
	i := image{c.Shape[len(c.Shape)-2], c.Shape[len(c.Shape)-1], 1}
	if len(c.Shape) == 3 {
		i.channels = c.Shape[0]
	}
	images := []image{i}
	for _, l := range c.Conv {
		stride := max(1, l.Stride)
		i = image{(i.y-1)/stride + 1, (i.x-1)/stride + 1, l.Units}
		images = append(images, i)
	}
	return images
}

// features is the number of features of the last of Conv.
func (c Config) features() int { return c.images()[len(c.Conv)].size() }

// checkConv says what is wrong with Conv, if anything.
func (c Config) checkConv() error {
	switch {
	case len(c.Conv) == 0:
		return nil
	case len(c.Shape) != 2 && len(c.Shape) != 3:
		return errors.Errorf("Conv needs images, Shape %v is not (y, x) or (c, y, x)", c.Shape)
	case c.Tied:
		return errors.New("tied weights do not go with Conv")
	case c.Contractive > 0:
		return errors.New("the contractive penalty does not go with Conv")
	}
	for i, l := range c.Conv {
		if err := l.Validate(); err != nil {
			return errors.WithMessagef(err, "conv layer %d", i)
		}
	}
	total := 0.0
	for i, m := range c.images()[1:] {
		if total += float64(m.y*m.x) * float64(m.channels); total > maxFeatures {
			return errors.Errorf("conv layers 0 to %d make %.0f features of an example, at most %d are possible", i, total, maxFeatures)
		}
	}
	return nil
}

// convolve applies Conv: x (n, d), result (n, features), or x if there is none.
func (c Config) convolve(b *graph.Builder, x *graph.Node) *graph.Node {
	if len(c.Conv) == 0 {
		return x
	}
	x = c.channelsLast(x)
	for i, l := range c.Conv {
		x = l.Apply(b.Scope(fmt.Sprint(i)), x)
	}
	return flat(x)
}

// deconvolve applies the adjoints of Conv, the last first: x (n, features), result (n, d), or x if there is none.
func (c Config) deconvolve(b *graph.Builder, x *graph.Node) *graph.Node {
	if len(c.Conv) == 0 {
		return x
	}
	images := c.images()
	from := images[len(c.Conv)]
	x = op.Reshape(x, -1, from.y, from.x, from.channels)
	for i, l := range slices.Backward(c.Conv) {
		to := c.output()
		l.Activation, l.Init = to.Activation, to.Init
		if i > 0 {
			l.Activation, l.Init = c.Conv[i-1].Activation, c.Conv[i-1].Init
		}
		l.Units = images[i].channels
		x = l.ApplyTranspose(b.Scope(fmt.Sprint(len(c.Conv)-1-i)), x, images[i].y, images[i].x)
	}
	if images[0].channels > 1 {
		x = op.Transpose(x, 0, 3, 1, 2)
	}
	return flat(x)
}

// channelsLast makes images (n, y, x, c) of examples (n, d), which lie as (n, c, y, x).
func (c Config) channelsLast(x *graph.Node) *graph.Node {
	i := c.images()[0]
	if i.channels == 1 {
		return op.Reshape(x, -1, i.y, i.x, 1)
	}
	return op.Transpose(op.Reshape(x, -1, i.channels, i.y, i.x), 0, 2, 3, 1)
}

// flat is x (n, ...) as (n, d).
func flat(x *graph.Node) *graph.Node { return op.Reshape(x, max(1, x.Dim(0)), -1) }
