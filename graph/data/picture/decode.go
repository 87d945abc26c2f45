package picture

import (
	"image"
	"io"
	"slices"

	"github.com/pkg/errors"
	"golang.org/x/image/draw"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// Decode reads one PNG, JPEG or GIF image as an array (1, c, y, x), with values as Load has them. What
// is no image, or too large, is data.ErrFormat.
func Decode(r io.ReadSeeker, cfg Config) (graph.Array, error) {
	if err := cfg.validate(); err != nil {
		return graph.Array{}, err
	}
	m, err := unpack(r, cfg)
	if err != nil {
		return graph.Array{}, errors.WithMessage(err, "picture")
	}
	size := m.Bounds().Size()
	if cfg.Height == 0 {
		cfg.Height, cfg.Width = size.Y, size.X
	} else if size != image.Pt(cfg.Width, cfg.Height) {
		m = scaled(m, cfg.Width, cfg.Height)
	}
	return graph.Floats32(appendPixels(nil, m, cfg), 1, cfg.channels(), cfg.Height, cfg.Width), nil
}

// unpack reads an image, after a look at the size that its header claims.
func unpack(r io.ReadSeeker, cfg Config) (image.RGBA64Image, error) {
	head, kind, err := image.DecodeConfig(r)
	if err != nil {
		return nil, errors.Wrapf(data.ErrFormat, "%v", err)
	}
	if most := cfg.maxPixels(); head.Width < 1 || head.Height < 1 || head.Width > most/head.Height {
		return nil, errors.Wrapf(data.ErrFormat, "%s of %d x %d pixels, expected 1 to %d in all", kind, head.Height, head.Width, most)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	m, _, err := image.Decode(r)
	if err != nil {
		return nil, errors.Wrapf(data.ErrFormat, "%v", err)
	}
	return m.(image.RGBA64Image), nil // as all images of the standard library are
}

// scaled resizes an image, with as wide a filter as it takes when it becomes smaller.
func scaled(m image.Image, width, height int) *image.RGBA64 {
	out := image.NewRGBA64(image.Rect(0, 0, width, height))
	draw.BiLinear.Scale(out, out.Bounds(), m, m.Bounds(), draw.Src, nil)
	return out
}

// appendPixels appends the (c, y, x) values of an image of cfg's size.
func appendPixels(x []float32, m image.RGBA64Image, cfg Config) []float32 {
	plane, start := cfg.Height*cfg.Width, len(x)
	x = slices.Grow(x, cfg.channels()*plane)[:start+cfg.channels()*plane]
	out, at := x[start:], m.Bounds().Min
	for i := range plane {
		p := m.RGBA64At(at.X+i%cfg.Width, at.Y+i/cfg.Width)
		if cfg.Gray {
			// Luminance by ITU-R BT.601, as Go's color.GrayModel has it.
			out[i] = (0.299*float32(p.R) + 0.587*float32(p.G) + 0.114*float32(p.B)) / 0xffff
			continue
		}
		out[i], out[plane+i], out[2*plane+i] = float32(p.R)/0xffff, float32(p.G)/0xffff, float32(p.B)/0xffff
	}
	return x
}
