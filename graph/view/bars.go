package view

import (
	"image"

	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/latent-go/latent/graph"
)

// Bars draws a bar from 0 for each value: the first, value 0, on the left. names, if not nil, stand
// below them, one for each.
func Bars(values []float64, names []string, a Axes) (image.Image, error) {
	switch {
	case len(values) == 0:
		return nil, errors.Wrap(graph.ErrShape, "there is no bar to draw")
	case names != nil && len(names) != len(values):
		return nil, errors.Wrapf(graph.ErrShape, "%d names for %d bars", len(names), len(values))
	}
	c := newChart(a, 6.5*vg.Inch, 4*vg.Inch)
	for i, v := range values {
		if !drawable(v) {
			return nil, errors.Wrapf(graph.ErrNotFinite, "bar %d is %v", i, v)
		}
		lo, hi := float64(i)-0.4, float64(i)+0.4
		bar := &plotter.Polygon{XYs: []plotter.XYs{{{X: lo}, {X: lo, Y: v}, {X: hi, Y: v}, {X: hi}}}}
		bar.Color, bar.LineStyle = palette[0], draw.LineStyle{}
		c.plot.Add(bar)
	}
	if names != nil {
		ticks := make([]plot.Tick, len(names))
		for i, name := range names {
			ticks[i] = plot.Tick{Value: float64(i), Label: oneLine(name)}
		}
		c.plot.X.Tick.Marker = plot.ConstantTicks(ticks)
	}
	return c.draw()
}
