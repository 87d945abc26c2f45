package view

import (
	"image"
	"image/color"
	"math"
	"strings"

	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Axes names what a chart shows. Empty texts are left out.
type Axes struct {
	Title, X, Y string
	LogY        bool // Curves: logarithmic y axis
}

// A chart is a plot with its legend beside it, where it hides nothing.
type chart struct {
	plot   *plot.Plot
	legend plot.Legend
	names  int // in the legend
	w, h   vg.Length
}

func newChart(a Axes, w, h vg.Length) *chart {
	c := &chart{plot: plot.New(), legend: plot.NewLegend(), w: w, h: h}
	p := c.plot
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = oneLine(a.Title), oneLine(a.X), oneLine(a.Y)
	p.Title.TextStyle.Font = plotfont.From(sans, 13)
	p.Title.TextStyle.Color = ink
	p.Title.Padding = 10
	c.legend.TextStyle.Font = plotfont.From(sans, 10)
	c.legend.TextStyle.Color = ink
	c.legend.Top, c.legend.Left, c.legend.Padding = true, true, 4
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font = plotfont.From(sans, 11)
		axis.Label.TextStyle.Color = ink
		axis.Label.Padding = 5
		axis.Tick.Label.Font = plotfont.From(sans, 10)
		axis.Tick.Label.Color = ink
		axis.Tick.Marker = linearTicks{}
		axis.Tick.Color, axis.LineStyle.Color = rule, rule
		axis.Padding = 0
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = faint, faint
	p.Add(grid)
	return c
}

var (
	rule  = color.RGBA{0x8a, 0x91, 0x99, 0xff} // axes
	faint = color.RGBA{0xe6, 0xe8, 0xeb, 0xff} // grid lines
)

// name adds a line to the legend.
func (c *chart) name(s string, thumbnail plot.Thumbnailer) {
	c.legend.Add(oneLine(s), thumbnail)
	c.names++
}

// draw makes the picture.
func (c *chart) draw() (_ image.Image, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.Errorf("the chart cannot be drawn: %v", r)
		}
	}()
	const margin, dpi = 12, 144
	widen(&c.plot.X)
	widen(&c.plot.Y)
	legend := c.legend.Rectangle(draw.Canvas{}).Size()
	w, h := c.w, c.h
	if c.names > 0 {
		w += legend.X + margin
		h = max(h, legend.Y+4*margin)
	}
	canvas := vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi))
	all := draw.New(canvas)
	inner := draw.Crop(all, margin, -margin, margin, -margin)
	if c.names > 0 {
		right := inner
		right.Min.X = inner.Max.X - legend.X
		right.Max.Y -= 2 * margin // below the title
		c.legend.Draw(right)
		inner.Max.X -= legend.X + margin
	}
	c.plot.BackgroundColor = nil
	c.plot.Draw(inner)
	return canvas.Image(), nil
}

// widen gives an axis some room at its ends, and a range that ticks and pixels can divide.
func widen(a *plot.Axis) {
	room := 0.03 * (a.Max - a.Min)
	if magnitude := max(math.Abs(a.Min), math.Abs(a.Max)); room < 1e-7*magnitude {
		room = 0.1 * magnitude
	}
	if room == 0 {
		room = 1
	}
	a.Min, a.Max = a.Min-room, a.Max+room
}

// largest bounds what can be drawn: differences of such numbers are finite.
const largest = 1e300

// drawable reports whether v has a place on an axis.
func drawable(v float64) bool { return math.Abs(v) <= largest }

// oneLine makes s fit one line of a chart.
func oneLine(s string) string {
	const most = 60
	r := []rune(printable(strings.TrimSpace(s)))
	if len(r) > most {
		r = append(r[:most-1], '…')
	}
	return string(r)
}

// palette holds colours that are told apart on white, also by most of the colour-blind.
var palette = []color.RGBA{
	{0x1f, 0x6f, 0xb4, 0xff}, // blue
	{0xe6, 0x7e, 0x22, 0xff}, // orange
	{0x2a, 0x96, 0x4b, 0xff}, // green
	{0xc8, 0x2f, 0x36, 0xff}, // red
	{0x8b, 0x5f, 0xc0, 0xff}, // violet
	{0x7d, 0x52, 0x43, 0xff}, // brown
	{0xe8, 0x74, 0xbc, 0xff}, // pink
	{0x6b, 0x72, 0x78, 0xff}, // grey
	{0xb2, 0xae, 0x1c, 0xff}, // olive
	{0x17, 0xb4, 0xc6, 0xff}, // cyan
}
