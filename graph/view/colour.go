package view

import (
	"image/color"
	"math"
)

// notANumber is the colour of NaN: magenta, which no map below uses.
var notANumber = color.RGBA{0xff, 0x00, 0xff, 0xff}

// level maps [0, 1] to 0 to 255, and what lies outside to the nearer end.
func level(v float64) uint8 { return uint8(255*min(max(v, 0), 1) + 0.5) }

// grey maps 0 to black and 1 to white.
func grey(v float64) color.RGBA {
	if math.IsNaN(v) {
		return notANumber
	}
	l := level(v)
	return color.RGBA{l, l, l, 0xff}
}

// diverging maps -1 to blue, 0 to white and 1 to red, with the lightness falling alike on both
// sides.
func diverging(v float64) color.RGBA {
	if math.IsNaN(v) {
		return notANumber
	}
	end := [3]float64{0.70, 0.03, 0.15}
	if v < 0 {
		end = [3]float64{0.05, 0.25, 0.65}
	}
	a := min(math.Abs(v), 1)
	var c [3]uint8
	for i, e := range end {
		c[i] = level(1 + a*(e-1))
	}
	return color.RGBA{c[0], c[1], c[2], 0xff}
}
