package view

import (
	"image"
	"image/color"
	"math"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// Filters shows weights of shape (d, h): one image for each of the h units, of what it is connected to.
// Every image has its own scale, up to its largest weight by absolute value: negative weights are
// blue, zero white, positive red; NaN is magenta. With three planes of l.Y rows of l.X to a filter, the
// weights are in red, green and blue about mid grey.
func Filters(w graph.Array, l Layout) (image.Image, error) {
	if err := w.Check(); err != nil {
		return nil, err
	}
	if len(w.Shape) != 2 {
		return nil, errors.Wrapf(graph.ErrShape, "weights of shape %v, want (d, h)", w.Shape)
	}
	d, h := w.Shape[0], w.Shape[1]
	l, channels, err := l.divide(d)
	if err != nil {
		return nil, err
	}
	largest := make([]float64, h)
	for i := range d * h {
		if v := math.Abs(w.At(i)); v > largest[i%h] && !math.IsInf(v, 1) {
			largest[i%h] = v
		}
	}
	weight := func(unit, i int) float64 { // of [-1, 1]
		if v := w.At(i*h + unit); v != 0 {
			return v / largest[unit]
		}
		return 0
	}
	if channels == 1 {
		return l.sheet(h, frame, func(unit, row, col int) color.RGBA { return diverging(weight(unit, row*l.X+col)) })
	}
	plane := l.Y * l.X
	return l.sheet(h, frame, func(unit, row, col int) color.RGBA {
		i := row*l.X + col
		return rgb(0.5+weight(unit, i)/2, 0.5+weight(unit, i+plane)/2, 0.5+weight(unit, i+2*plane)/2)
	})
}
