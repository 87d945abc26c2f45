package view

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// A Layout says how images are laid out on a sheet. The zero value chooses everything.
type Layout struct {
	Y, X    int      // rows and columns of one image; 0 takes them from the shape, or a square
	Columns int      // images side by side; 0 makes the sheet about a square
	Scale   int      // pixels of the sheet per pixel of an image; 0 makes images easy to see
	Labels  []string // a word below each image; nil for none
}

const (
	gap       = 2       // pixels between images
	maxPixels = 1 << 26 // of a sheet: 256 MB in memory
)

// Colours of what lies between images.
var (
	paper = color.RGBA{0xff, 0xff, 0xff, 0xff}
	frame = color.RGBA{0xc4, 0xc9, 0xce, 0xff} // for images that are white where they are empty
)

// A paint gives the colour of a pixel of image i.
type paint func(i, row, col int) color.RGBA

// complete checks l for a sheet of n images and fills in what it leaves open.
func (l Layout) complete(n, columns int) (Layout, error) {
	switch {
	case n < 1:
		return l, errors.Wrap(graph.ErrShape, "there is no image to show")
	case l.Y < 1 || l.X < 1 || l.Y > maxPixels/l.X:
		return l, errors.Wrapf(graph.ErrShape, "images of %d x %d pixels, want at least 1 x 1 and at most %d pixels", l.Y, l.X, maxPixels)
	case l.Columns < 0 || l.Scale < 0 || l.Scale > maxPixels/max(l.Y, l.X):
		return l, errors.Errorf("layout with %d columns and scale %d, want 0 or more and a picture of at most %d pixels", l.Columns, l.Scale, maxPixels)
	case l.Labels != nil && len(l.Labels) != n:
		return l, errors.Wrapf(graph.ErrShape, "%d labels for %d images", len(l.Labels), n)
	}
	if l.Columns == 0 {
		l.Columns = columns
	}
	l.Columns = min(l.Columns, n)
	if l.Scale == 0 {
		const sheet, most = 900, 84 // pixels: a page's width, and an image's
		l.Scale = max(1, min(most, sheet/l.Columns)/max(l.Y, l.X))
	}
	return l, nil
}

// square is the number of columns that makes a sheet of n images about a square.
func square(n int) int { return int(math.Ceil(math.Sqrt(float64(n)))) }

// A cell is the place of one image and its label on a sheet.
type cell struct{ w, h, label int } // label is the height below the image

// cell measures a place large enough for an image and the longest label.
func (l Layout) cell(t *typesetter) cell {
	c := cell{w: l.X * l.Scale, h: l.Y * l.Scale}
	for _, s := range l.Labels {
		c.w = max(c.w, t.width(s)+4)
		c.label = t.height()
	}
	return c
}

// newSheet makes a picture of one colour, if it is not too large.
func newSheet(w, h int, ground color.RGBA) (*image.RGBA, error) {
	if w < 1 || h < 1 || w > maxPixels/h {
		return nil, errors.Wrapf(graph.ErrShape, "the picture would have %d x %d pixels, want at most %d in all: show fewer images, or smaller", w, h, maxPixels)
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	return img, nil
}

// draw puts image i, and its label, in the cell at (x, y).
func (l Layout) draw(dst *image.RGBA, t *typesetter, c cell, x, y, i int, p paint) {
	left := x + (c.w-l.X*l.Scale)/2
	for row := range l.Y {
		for col := range l.X {
			colour := p(i, row, col)
			for j := range l.Scale * l.Scale {
				dst.SetRGBA(left+col*l.Scale+j%l.Scale, y+row*l.Scale+j/l.Scale, colour)
			}
		}
	}
	if l.Labels != nil {
		t.draw(dst, x+(c.w-t.width(l.Labels[i]))/2, y+c.h, l.Labels[i])
	}
}

// sheet draws n images in rows on a ground of one colour.
func (l Layout) sheet(n int, ground color.RGBA, p paint) (image.Image, error) {
	l, err := l.complete(n, square(n))
	if err != nil {
		return nil, err
	}
	t := newTypesetter()
	c := l.cell(t)
	rows := (n + l.Columns - 1) / l.Columns
	dst, err := newSheet(l.Columns*(c.w+gap)+gap, rows*(c.h+c.label+gap)+gap, ground)
	if err != nil {
		return nil, err
	}
	for i := range n {
		l.draw(dst, t, c, gap+i%l.Columns*(c.w+gap), gap+i/l.Columns*(c.h+c.label+gap), i, p)
	}
	return dst, nil
}
