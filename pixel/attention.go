package pixel

import (
	"fmt"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

// selfAttention are blocks of attention and a map of each pixel, up to the last features: x (n, y, x, 1),
// labels y (n, Classes) or nil, result (n, y, x, h). The first convolution hides the pixel itself, so that
// attention may look at the pixel's own features.
func (c *canvas) selfAttention(x, y *graph.Node) *graph.Node {
	h := c.cfg.Features
	last := c.conv(c.b.Scope("last"), c.previous(x), h, here(), op.Identity)
	x = op.Add(op.Add(c.conv(c.b.Scope("in"), x, h, before(firstReach), op.Identity), last), c.positions())
	for i := range c.cfg.Layers {
		b := c.b.Scope(fmt.Sprint(i))
		x = c.withLabel(b, x, y)
		x = op.Add(x, c.attend(b.Scope("attention"), nn.LayerNorm(b.Scope("norm0"), x)))
		wide := c.conv(b.Scope("wide"), nn.LayerNorm(b.Scope("norm1"), x), widening*h, here(), op.GELUActivation)
		x = op.Add(x, c.conv(b.Scope("narrow"), wide, h, here(), op.Identity))
	}
	return nn.LayerNorm(c.b.Scope("out/norm"), x)
}

// previous is, at each pixel, the one before it in raster order of x (n, y, x, 1): 0 at the first. For all that
// comes after a pixel there must be a place not after it whose features tell it, and its window may have none:
// that of the last pixel of a row, the next row begins.
func (c *canvas) previous(x *graph.Node) *graph.Node {
	rows, width := c.rows(), c.cfg.width()
	padded := c.above(x, 1)
	if !c.row {
		padded = op.Concat(1, op.Scale(op.Slice(x, 1, 0, 1), 0), x)
	}
	sequence := op.Reshape(padded, c.n, (rows+1)*width, 1)
	return op.Reshape(op.Slice(sequence, 1, width-1, (rows+1)*width-1), c.n, rows, width, 1)
}

// attend lets every pixel of x (n, y, x, h) look at itself and those before it.
func (c *canvas) attend(b *graph.Builder, x *graph.Node) *graph.Node {
	h, width := c.cfg.Features, c.cfg.width()
	sequence := func(x *graph.Node) *graph.Node { return op.Reshape(x, c.n, x.Dim(1)*width, h) }
	query := c.conv(b.Scope("query"), x, h, here(), op.Identity)
	key := c.above(c.conv(b.Scope("key"), x, h, here(), op.Identity), c.cfg.height()-1)
	value := c.above(c.conv(b.Scope("value"), x, h, here(), op.Identity), c.cfg.height()-1)
	y := op.Attention(sequence(query), sequence(key), sequence(value), c.cfg.Heads, true, c.skip)
	return c.conv(b.Scope("mix"), op.Reshape(y, c.n, c.rows(), width, h), h, here(), op.Identity)
}

// positions is a learnt vector for each pixel (y, x, h).
func (c *canvas) positions() *graph.Node {
	height, width, h := c.cfg.height(), c.cfg.width(), c.cfg.Features
	table := c.b.Param("position", graph.NormalWith(0.1), height, width*h)
	if !c.row {
		return op.Reshape(table, height, width, h)
	}
	return op.Reshape(op.Embedding(c.at, table), 1, width, h)
}
