package view

import (
	"image"
	"image/color"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	plotfont "gonum.org/v1/plot/font"

	_ "gonum.org/v1/plot" // fills the cache of fonts
)

// sans is the typeface of all pictures.
var sans = plotfont.Font{Typeface: "Liberation", Variant: "Sans"}

// ink is the colour of text.
var ink = color.RGBA{0x22, 0x26, 0x2b, 0xff}

// A typesetter writes single lines. It serves one goroutine.
type typesetter struct{ face font.Face }

func newTypesetter() *typesetter {
	const points, dpi = 10.5, 96 // 14 pixels
	face := plotfont.DefaultCache.Lookup(sans, points)
	return &typesetter{face.FontFace(dpi)}
}

// width is the number of pixels that s takes.
func (t *typesetter) width(s string) int { return font.MeasureString(t.face, printable(s)).Ceil() }

// height is the number of pixels of a line.
func (t *typesetter) height() int {
	m := t.face.Metrics()
	return (m.Ascent + m.Descent).Ceil()
}

// draw writes s in a line whose upper left corner is (x, y).
func (t *typesetter) draw(dst *image.RGBA, x, y int, s string) {
	d := font.Drawer{Dst: dst, Src: image.NewUniform(ink), Face: t.face}
	d.Dot = fixed.Point26_6{X: fixed.I(x), Y: fixed.I(y) + t.face.Metrics().Ascent}
	d.DrawString(printable(s))
}

// printable replaces what has no form on one line.
func printable(s string) string {
	r := []rune(s)
	for i, c := range r {
		if !unicode.IsPrint(c) {
			r[i] = ' '
		}
	}
	return string(r)
}
