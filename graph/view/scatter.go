package view

import (
	"image"
	"slices"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/latent-go/latent/graph"
)

var shapes = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.TriangleGlyph{}, draw.SquareGlyph{}}

// Scatter shows a two-dimensional code: points of shape (n, 2), in a colour for each class of labels.
// There may be no labels (nil), or one for each point, of at most 30 classes. Points that are not
// finite are left out; if no others are there, that is an error.
func Scatter(points graph.Array, labels []int, a Axes) (image.Image, error) {
	if err := points.Check(); err != nil {
		return nil, err
	}
	if len(points.Shape) != 2 || points.Shape[1] != 2 {
		return nil, errors.Wrapf(graph.ErrShape, "points of shape %v, want (n, 2)", points.Shape)
	}
	n := points.Shape[0]
	if labels != nil && len(labels) != n {
		return nil, errors.Wrapf(graph.ErrShape, "%d labels for %d points", len(labels), n)
	}
	classes := slices.Compact(slices.Sorted(slices.Values(labels)))
	if most := len(palette) * len(shapes); len(classes) > most {
		return nil, errors.Wrapf(graph.ErrShape, "%d classes, want at most %d", len(classes), most)
	}
	var xys plotter.XYs
	var class []int // of every point that is drawn, as a place in classes
	for i := range n {
		x, y := points.At(2*i), points.At(2*i+1)
		if !drawable(x) || !drawable(y) {
			continue
		}
		k := 0
		if labels != nil {
			k, _ = slices.BinarySearch(classes, labels[i])
		}
		xys, class = append(xys, plotter.XY{X: x, Y: y}), append(class, k)
	}
	if len(xys) == 0 {
		return nil, errors.Wrapf(graph.ErrNotFinite, "none of the %d points is finite", n)
	}
	c := newChart(a, 5.6*vg.Inch, 5.2*vg.Inch)
	s := &plotter.Scatter{XYs: xys}
	// In the order of the data, so that no class covers another.
	s.GlyphStyleFunc = func(i int) draw.GlyphStyle { return glyph(class[i], radius(len(xys))) }
	c.plot.Add(s)
	for k, label := range classes {
		c.name(strconv.Itoa(label), &plotter.Scatter{GlyphStyle: glyph(k, 4)})
	}
	return c.draw()
}

// glyph is how points of class k look.
func glyph(k int, radius vg.Length) draw.GlyphStyle {
	return draw.GlyphStyle{Color: palette[k%len(palette)], Radius: radius, Shape: shapes[k/len(palette)%len(shapes)]}
}

// radius makes n points fill the picture, not more.
func radius(n int) vg.Length {
	switch {
	case n <= 500:
		return 2.5
	case n <= 3000:
		return 1.7
	}
	return 1.1
}
