package pixel

import (
	"fmt"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// convolutional is the gated PixelCNN up to its last features (van den Oord et al. 2016b, figure 2). x
// (n, y, x, 1), labels y (n, Classes) or nil, result (n, y, x, h).
//
// The vertical stack has, at each pixel, what can be known of the rows above, and the horizontal one adds the
// pixel's own row. One stack of masked convolutions would not see a part of the upper right (section 2.2).
func (c *canvas) convolutional(x, y *graph.Node) *graph.Node {
	vertical, horizontal := c.gated(c.b.Scope("in"), x, x, y, aboveRow(firstReach), left(firstReach))
	for i := range c.cfg.Layers {
		var step *graph.Node
		vertical, step = c.gated(c.b.Scope(fmt.Sprint(i)), vertical, horizontal, y, upToRow(), upToHere())
		horizontal = op.Add(horizontal, step)
	}
	return c.conv(c.b.Scope("out/0"), op.ReLU(horizontal), c.cfg.Features, here(), op.ReLUActivation)
}

// gated is a layer of both stacks; what it returns for the horizontal one is without the connection past it.
func (c *canvas) gated(b *graph.Builder, vertical, horizontal, label *graph.Node, up, along op.Window) (v, h *graph.Node) {
	features := c.cfg.Features
	v = c.conv(b.Scope("vertical"), vertical, 2*features, up, op.Identity)
	h = op.Add(c.conv(b.Scope("horizontal"), horizontal, 2*features, along, op.Identity),
		c.conv(b.Scope("down"), v, 2*features, here(), op.Identity))
	v = op.Gate(c.withLabel(b.Scope("vertical"), v, label))
	h = op.Gate(c.withLabel(b.Scope("horizontal"), h, label))
	return v, c.conv(b.Scope("mix"), h, features, here(), op.Identity)
}
