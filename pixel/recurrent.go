package pixel

import (
	"fmt"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// recurrent is the Row LSTM up to its last features (van den Oord et al. 2016a, sections 3.1 and 3.3): x
// (n, y, x, 1), labels y (n, Classes) or nil, result (n, y, x, h).
func (c *canvas) recurrent(x, y *graph.Node) *graph.Node {
	x = c.conv(c.b.Scope("in"), x, c.cfg.Features, before(firstReach), op.Identity)
	for i := range c.cfg.Layers {
		b := c.b.Scope(fmt.Sprint(i))
		gates := c.withLabel(b, c.conv(b.Scope("input"), x, 4*c.cfg.Features, upToHere(), op.Identity), y)
		x = op.Add(x, c.conv(b.Scope("mix"), c.lstm(b, gates), c.cfg.Features, here(), op.Identity))
	}
	return c.conv(c.b.Scope("out/0"), op.ReLU(x), c.cfg.Features, here(), op.ReLUActivation)
}

// lstm runs from row to row over the input's part of the gates (n, y, x, 4h).
func (c *canvas) lstm(b *graph.Builder, gates *graph.Node) *graph.Node {
	h := c.cfg.Features
	weights := b.Param("state/w", graph.Glorot, (2*rowReach+1)*h, 4*h)
	if !c.row {
		y, _ := op.RowLSTM(gates, weights, nil, rowReach)
		return y
	}
	y, state := op.RowLSTM(gates, weights, c.kept(c.n, gates.Dim(2), 2*h), rowReach)
	c.next = append(c.next, state)
	return y
}
