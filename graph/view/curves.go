package view

import (
	"image"
	"math"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/latent-go/latent/graph"
)

// A Series is one curve: Y[i] at X[i].
type Series struct {
	Name string
	X, Y []float64
	// Spread, if set, draws a vertical bar from Y[i]-Spread[i] to Y[i]+Spread[i], as for a standard
	// deviation. A bar without an end on the axis is left out.
	Spread []float64
}

// Curves draws curves over common axes. Points that have no place there - NaN, infinite, or not
// positive on a logarithmic axis - leave a gap; a series of no other points is an error.
func Curves(series []Series, a Axes) (image.Image, error) {
	if len(series) == 0 {
		return nil, errors.Wrap(graph.ErrShape, "there is no series to draw")
	}
	c := newChart(a, 6.5*vg.Inch, 4*vg.Inch)
	c.plot.X.Tick.Marker = xTicks(series)
	if a.LogY {
		c.plot.Y.Tick.Marker = logTicks{}
	}
	for i, s := range series {
		if err := c.curve(s, i, a.LogY); err != nil {
			return nil, errors.Wrapf(err, "series %q", s.Name)
		}
	}
	return c.draw()
}

// xTicks marks whole numbers alone where the series have no others.
func xTicks(series []Series) linearTicks {
	return linearTicks{whole: !slices.ContainsFunc(series, Series.fractional)}
}

// fractional tells whether some x is not a whole number.
func (s Series) fractional() bool {
	return slices.ContainsFunc(s.X, func(x float64) bool { return drawable(x) && x != math.Trunc(x) })
}

// curve adds series number i.
func (c *chart) curve(s Series, i int, logY bool) error {
	pieces, err := s.pieces(logY)
	if err != nil {
		return err
	}
	style := draw.LineStyle{Color: palette[i%len(palette)], Width: 1.6}
	if dashes := i / len(palette); dashes > 0 {
		style.Dashes = []vg.Length{vg.Length(4 * dashes), 3}
	}
	for _, p := range pieces {
		if len(p) == 1 { // a line of one point would not be seen
			point := &plotter.Scatter{XYs: p}
			point.GlyphStyle = draw.GlyphStyle{Color: style.Color, Radius: 2, Shape: draw.CircleGlyph{}}
			c.plot.Add(point)
			continue
		}
		c.plot.Add(&plotter.Line{XYs: p, LineStyle: style})
	}
	if err := c.bars(s, style, logY); err != nil {
		return err
	}
	if s.Name != "" {
		c.name(s.Name, &plotter.Line{LineStyle: style})
	}
	return nil
}

// bars adds the bars of a series' spread.
func (c *chart) bars(s Series, style draw.LineStyle, logY bool) error {
	if s.Spread == nil {
		return nil
	}
	if len(s.Spread) != len(s.Y) {
		return errors.Wrapf(graph.ErrShape, "%d values of y and %d of its spread", len(s.Y), len(s.Spread))
	}
	style.Dashes = nil
	for i, spread := range s.Spread {
		lo, hi := s.Y[i]-spread, s.Y[i]+spread
		if logY {
			lo, hi = math.Log10(lo), math.Log10(hi)
		}
		if !drawable(s.X[i]) || !drawable(lo) || !drawable(hi) {
			continue
		}
		y := (lo + hi) / 2
		bar := &plotter.YErrorBars{XYs: plotter.XYs{{X: s.X[i], Y: y}}, LineStyle: style, CapWidth: 6}
		bar.YErrors = plotter.YErrors{{Low: y - lo, High: hi - y}}
		c.plot.Add(bar)
	}
	return nil
}

// pieces cuts the series where a point cannot be drawn.
func (s Series) pieces(logY bool) (pieces []plotter.XYs, err error) {
	if len(s.X) != len(s.Y) {
		return nil, errors.Wrapf(graph.ErrShape, "%d values of x and %d of y", len(s.X), len(s.Y))
	}
	var piece plotter.XYs
	for i, x := range s.X {
		y := s.Y[i]
		if logY {
			y = math.Log10(y)
		}
		if drawable(x) && drawable(y) {
			piece = append(piece, plotter.XY{X: x, Y: y})
		}
		if last := i == len(s.X)-1; len(piece) > 0 && (last || !drawable(x) || !drawable(y)) {
			pieces = append(pieces, piece)
			piece = nil
		}
	}
	if len(pieces) == 0 {
		return nil, errors.Wrapf(graph.ErrNotFinite, "none of its %d points can be drawn", len(s.X))
	}
	return pieces, nil
}
