package view

import (
	"image"
	"image/color"
	"math"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// Grid shows images of shape (n, d), (n, y, x) or (n, c, y, x), with 1 channel in grey or 3 in red,
// green and blue. Values of [0, 1] go from dark to light; others are clamped, and NaN is magenta.
// In (n, d) an image is y rows of x, or three such planes, after l.
func Grid(images graph.Array, l Layout) (image.Image, error) {
	p, n, l, err := pictures(images, l)
	if err != nil {
		return nil, err
	}
	return l.sheet(n, paper, p)
}

// pictures interprets an array as n images, and completes the size in l.
func pictures(a graph.Array, l Layout) (p paint, n int, _ Layout, err error) {
	if err := a.Check(); err != nil {
		return nil, 0, l, err
	}
	channels := 1
	switch len(a.Shape) {
	case 2:
		l, channels, err = l.divide(a.Shape[1])
	case 3:
		l, err = l.agree(a.Shape[1], a.Shape[2])
	case 4:
		channels = a.Shape[1]
		l, err = l.agree(a.Shape[2], a.Shape[3])
	default:
		err = errors.Wrapf(graph.ErrShape, "images of shape %v, want (n, d), (n, y, x) or (n, c, y, x)", a.Shape)
	}
	if err != nil {
		return nil, 0, l, err
	}
	plane := l.Y * l.X
	switch channels {
	case 1:
		p = func(i, row, col int) color.RGBA { return grey(a.At(i*plane + row*l.X + col)) }
	case 3:
		p = func(i, row, col int) color.RGBA {
			at := i*3*plane + row*l.X + col
			return rgb(a.At(at), a.At(at+plane), a.At(at+2*plane))
		}
	default:
		return nil, 0, l, errors.Wrapf(graph.ErrShape, "images of shape %v have %d channels, want 1 or 3", a.Shape, channels)
	}
	return p, a.Shape[0], l, nil
}

// divide finds the rows and columns of images of d numbers.
func (l Layout) divide(d int) (_ Layout, channels int, err error) {
	if l.Y == 0 && l.X == 0 {
		for _, channels := range []int{1, 3} {
			side := int(math.Round(math.Sqrt(float64(d / channels))))
			if channels*side*side == d {
				l.Y, l.X = side, side
				return l, channels, nil
			}
		}
		return l, 0, errors.Wrapf(graph.ErrShape, "images of %d numbers are not square: Y and X must be given", d)
	}
	if l.Y > 0 && l.X > 0 {
		for _, channels := range []int{1, 3} {
			if d%channels == 0 && d/channels%l.Y == 0 && d/channels/l.Y == l.X {
				return l, channels, nil
			}
		}
	}
	return l, 0, errors.Wrapf(graph.ErrShape, "images of %d numbers are not %d rows of %d, nor three times as many", d, l.Y, l.X)
}

// agree takes the rows and columns from the shape, with which what l says must agree.
func (l Layout) agree(y, x int) (Layout, error) {
	if l.Y != 0 && l.Y != y || l.X != 0 && l.X != x {
		return l, errors.Wrapf(graph.ErrShape, "images of %d rows of %d, but the layout says %d of %d", y, x, l.Y, l.X)
	}
	l.Y, l.X = y, x
	return l, nil
}

// rgb is the colour of three values of [0, 1].
func rgb(r, g, b float64) color.RGBA {
	if math.IsNaN(r) || math.IsNaN(g) || math.IsNaN(b) {
		return notANumber
	}
	return color.RGBA{level(r), level(g), level(b), 0xff}
}
