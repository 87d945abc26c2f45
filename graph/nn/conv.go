package nn

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

// A Conv layer is a convolution act(x * w + b) of Units filters of Size by Size places, padded by zeros. It
// is a description, and part of model files.
type Conv struct {
	Units      int           `json:"units"`            // channels of the result, 1 to MaxUnits
	Size       int           `json:"size"`             // of a filter, in places; odd, 1 to MaxSize
	Stride     int           `json:"stride,omitempty"` // every how many places, in both directions, up to MaxSize; 0 means 1
	Activation op.Activation `json:"activation"`       // default linear
	Init       Init          `json:"init,omitempty"`   // of the weights; biases start at 0
}

// MaxSize is the most that a Conv may ask for.
const MaxSize = 255

// Validate says what is wrong with the layer, if anything.
func (l Conv) Validate() error {
	switch {
	case l.Size < 1 || l.Size > MaxSize || l.Size%2 == 0:
		return errors.Errorf("filters of size %d, expected an odd number from 1 to %d", l.Size, MaxSize)
	case l.Stride < 0 || l.Stride > MaxSize:
		return errors.Errorf("stride %d is outside [0, %d]", l.Stride, MaxSize)
	}
	return Dense{Units: l.Units, Activation: l.Activation, Init: l.Init}.Validate()
}

// Apply adds the layer to the graph: x (n, y, x, c), result (n, y/Stride, x/Stride, Units), rounded up. Its
// parameters are w (Size Size c, Units), as op.Conv has them, and b (Units) in b's scope.
func (l Conv) Apply(b *graph.Builder, x *graph.Node) *graph.Node {
	win := l.window()
	w := b.Param("w", l.Init.of(l.Activation), len(win.Taps)*channels(x), l.Units)
	return op.Conv(x, w, b.Param("b", graph.Zeros, l.Units), l.Activation, win)
}

// ApplyTranspose adds the layer with the adjoint in place of the convolution, which makes images larger: x
// (n, y/Stride, x/Stride, h), rounded up, result (n, y, x, Units). Its parameters are w (Size Size Units, h), as
// op.ConvTranspose has them, and b (Units) in b's scope.
func (l Conv) ApplyTranspose(b *graph.Builder, x *graph.Node, height, width int) *graph.Node {
	win, h, stride := l.window(), channels(x), max(1, l.Stride)
	init := func(key graph.Key, _ []int, w []float64) {
		// Of all the taps, a place of the result is seen by one in Stride x Stride.
		l.Init.of(l.Activation)(key, []int{max(1, len(win.Taps)*h/(stride*stride)), l.Units}, w)
	}
	w := b.Param("w", init, len(win.Taps)*l.Units, h)
	return op.ConvTranspose(x, w, b.Param("b", graph.Zeros, l.Units), l.Activation, win, height, width)
}

func (l Conv) window() op.Window {
	win := op.SquareWindow(l.Size)
	win.Stride = l.Stride
	return win
}

// channels is that of images x, or 1 if they are none, which the operation will say.
func channels(x *graph.Node) int {
	if len(x.Shape()) == 4 {
		return x.Dim(3)
	}
	return 1
}
