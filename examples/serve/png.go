package main

import (
	"bytes"
	"image/png"
	"net/http"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/picture"
	"github.com/latent-go/latent/graph/view"
	"github.com/pkg/errors"
)

const (
	pngType    = "image/png"
	maxPixels  = 4 << 20 // of an image that is sent
	maxColumns = 16      // of images on a sheet
)

// image is the shape (c, y, x) of an example that is an image, of one or three channels.
func (m *model) image() (shape []int, ok bool) {
	switch s := m.shape; {
	case len(s) == 2:
		return []int{1, s[0], s[1]}, true
	case len(s) == 3 && (s[0] == 1 || s[0] == 3):
		return s, true
	}
	return nil, false
}

// decodePNG reads an image as one example (1, d), in units of the data.
func (s *server) decodePNG(body []byte, resize bool) (graph.Array, error) {
	shape, _ := s.model.image()
	cfg := picture.Config{Gray: shape[0] == 1, MaxPixels: maxPixels}
	if resize {
		cfg.Height, cfg.Width = shape[1], shape[2]
	}
	x, err := picture.Decode(bytes.NewReader(body), cfg)
	if err != nil {
		return x, errors.WithMessage(err, "the body is no image that can be used")
	}
	if got := x.Shape; !slices.Equal(got[1:], shape) {
		return x, refuse(http.StatusUnprocessableEntity, "an image of %d x %d pixels, expected %d x %d; resize=true makes it fit", got[2], got[3], shape[1], shape[2])
	}
	for i := range x.F32 {
		x.F32[i] *= float32(s.white)
	}
	return x.Reshape(1, product(shape)), nil
}

// drawPNG draws examples (n, d) on a sheet, each below its original (n, d) if there are originals.
func (s *server) drawPNG(x, originals graph.Array) ([]byte, error) {
	img, err := view.Grid(s.pixels(x), view.Layout{})
	if !originals.IsZero() {
		rows := []view.Row{{Caption: "original", Images: s.pixels(originals)}, {Caption: "reconstruction", Images: s.pixels(x)}}
		img, err = view.Compare(rows, view.Layout{Columns: min(maxColumns, x.Shape[0])})
	}
	if err != nil {
		return nil, err
	}
	var sheet bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&sheet, img)
	return sheet.Bytes(), err
}

// pixels views examples in units of the data as images (n, c, y, x) in [0, 1].
func (s *server) pixels(x graph.Array) graph.Array {
	shape, _ := s.model.image()
	v := make([]float32, x.Len())
	for i := range v {
		v[i] = float32(x.At(i) / s.white)
	}
	return graph.Floats32(v, append([]int{x.Shape[0]}, shape...)...)
}
