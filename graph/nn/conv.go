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
	win := op.SquareWindow(l.Size)
	win.Stride = l.Stride
	c := 1
	if len(x.Shape()) == 4 {
		c = x.Dim(3)
	}
	w := b.Param("w", l.Init.of(l.Activation), len(win.Taps)*c, l.Units)
	return op.Conv(x, w, b.Param("b", graph.Zeros, l.Units), l.Activation, win)
}
