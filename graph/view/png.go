package view

import (
	"image"
	"image/png"
	"io"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/atomicfile"
)

// SavePNG writes img to a file, whole or not at all.
func SavePNG(path string, img image.Image) error {
	if img == nil || img.Bounds().Empty() {
		return errors.Wrapf(graph.ErrShape, "write %q: the picture is empty", path)
	}
	return atomicfile.Write(path, func(w io.Writer) error { return png.Encode(w, img) })
}
