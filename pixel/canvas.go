package pixel

import (
	"fmt"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// A canvas is what a network is drawn on: n whole images at once, for likelihoods, or, for sampling, the next
// row of each with what the network has kept of the rows above it. Features are (n, y, x, h), with y the
// height or 1.
type canvas struct {
	cfg Config
	b   *graph.Builder
	n   int
	row bool // one row alone

	past []*graph.Node // inputs of a row: what has been kept of the rows above, 0 above the image
	next []*graph.Node // what is past for the row below
	at   *graph.Node   // integer (1), the row's index
	skip *graph.Node   // integer (n), how many of the pixels of past rows lie above the image
}

// rows is the number of rows on the canvas.
func (c *canvas) rows() int {
	if c.row {
		return 1
	}
	return c.cfg.height()
}

// above adds to features x (n, y, x, h) what they are in the given number of rows above the canvas: of a row
// that is the past, and of a whole image nothing, since there is only the outside.
func (c *canvas) above(x *graph.Node, rows int) *graph.Node {
	if !c.row || rows == 0 {
		return x
	}
	all := op.Concat(1, c.kept(c.n, rows, x.Dim(2), x.Dim(3)), x)
	c.next = append(c.next, op.Slice(all, 1, 1, rows+1))
	return all
}

// kept declares the input of something that is kept from row to row; c.next must be given its next value.
func (c *canvas) kept(shape ...int) *graph.Node {
	x := c.b.Input(fmt.Sprintf("past%d", len(c.past)), shape...)
	c.past = append(c.past, x)
	return x
}

// conv is act(convolution + bias) of x (n, y, x, h) with units features, which sees no row below.
func (c *canvas) conv(b *graph.Builder, x *graph.Node, units int, w op.Window, act op.Activation) *graph.Node {
	rows := 0
	for _, t := range w.Taps {
		rows = max(rows, -t[0])
	}
	weights := b.Param("w", initial(act), max(1, len(w.Taps)*x.Dim(-1)), units)
	y := op.Conv(c.above(x, rows), weights, b.Param("b", graph.Zeros, units), act, w)
	if c.row && rows > 0 {
		y = op.Slice(y, 1, rows, rows+1)
	}
	return y
}

// initial is how the weights before an activation start.
func initial(act op.Activation) graph.Init {
	if act == op.ReLUActivation || act == op.GELUActivation {
		return graph.He
	}
	return graph.Glorot
}

// withLabel adds a linear function of the labels y (n, Classes), one-hot, to every pixel of x (n, y, x, h). y
// may be nil.
func (c *canvas) withLabel(b *graph.Builder, x, y *graph.Node) *graph.Node {
	if y == nil {
		return x
	}
	shift := op.Affine(y, b.Param("label", graph.Glorot, c.cfg.Classes, x.Dim(-1)), nil, op.Identity)
	return op.Add(x, op.Reshape(shift, c.n, 1, 1, x.Dim(-1)))
}
