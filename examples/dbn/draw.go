package main

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/view"
	"github.com/latent-go/latent/pretrain"
)

// image views examples as images, and says whether they are any.
func (p *program) image(x graph.Array) (graph.Array, bool) {
	return show.AsImages(x, p.train.Shape())
}

// filters draws what the units of each layer look for: their weights, carried down to the image by those of the layers
// below.
func (p *program) filters() error {
	s := p.train.Shape()
	if _, ok := p.image(p.train.X); !ok || len(s) == 3 && s[0] != 1 {
		return nil
	}
	p.folder.Report.Section("What the units look at")
	var down graph.Array // (pixels, units)
	for i := range p.stack.Len() {
		w := p.stack.RBM(i).Params().Lookup("w").Value()
		if i == 0 {
			down = w
		} else {
			down = product(down, w)
		}
		k := min(48, down.Shape[1])
		shown := columns(down, k)
		if i > 0 {
			centre(shown)
		}
		img, err := view.Filters(shown, view.Layout{Columns: 16, Y: s[len(s)-2], X: s[len(s)-1]})
		caption := fmt.Sprintf("Layer %d: weights of %d units; blue is negative, red positive.", i+1, k)
		if i > 0 {
			caption = fmt.Sprintf("Layer %d: weights of %d units, times those of the layers below, less what all of them have in common.", i+1, k)
		}
		if err := p.folder.Picture(fmt.Sprintf("filters-%d", i+1), caption, img, err); err != nil {
			return err
		}
	}
	return nil
}

// columns are the first k columns of a matrix.
func columns(a graph.Array, k int) graph.Array {
	var cut []float32
	for r := range a.Shape[0] {
		cut = append(cut, a.F32[r*a.Shape[1]:r*a.Shape[1]+k]...)
	}
	return graph.Floats32(cut, a.Shape[0], k)
}

// centre subtracts the mean of each row.
func centre(a graph.Array) {
	k := a.Shape[1]
	for r := range a.Shape[0] {
		row := a.F32[r*k : (r+1)*k]
		mean := float32(0)
		for _, v := range row {
			mean += v / float32(k)
		}
		for i := range row {
			row[i] -= mean
		}
	}
}

// product is a b of matrices.
func product(a, b graph.Array) graph.Array {
	n, inner, m := a.Shape[0], a.Shape[1], b.Shape[1]
	y := make([]float32, n*m)
	for i := range n {
		for k := range inner {
			x := a.F32[i*inner+k]
			for j, v := range b.F32[k*m : (k+1)*m] {
				y[i*m+j] += x * v
			}
		}
	}
	return graph.Floats32(y, n, m)
}

// dreams draws what the net generates, after more and more Gibbs steps in the top machine.
func (p *program) dreams(ctx context.Context, net *pretrain.DBN) error {
	const n = 16
	var rows []view.Row
	start := p.test.X.Rows(0, min(n, p.test.Len()))
	images, ok := p.image(start)
	if !ok {
		return nil
	}
	rows = append(rows, view.Row{Caption: "test images", Images: images})
	for _, steps := range []int{1, 10, 100, p.gibbs} {
		x, _, err := net.Generate(ctx, graph.NewKey(p.seed).Fork("dream"), pretrain.Fantasy{N: start.Shape[0], Steps: steps, Start: start})
		if err != nil {
			return err
		}
		images, _ := p.image(x)
		rows = append(rows, view.Row{Caption: fmt.Sprintf("Gibbs steps: %d", steps), Images: images})
	}
	x, _, err := net.Generate(ctx, graph.NewKey(p.seed).Fork("coins"), pretrain.Fantasy{N: start.Shape[0], Steps: p.gibbs})
	if err != nil {
		return err
	}
	images, _ = p.image(x)
	rows = append(rows, view.Row{Caption: fmt.Sprintf("from coins: %d", p.gibbs), Images: images})
	p.folder.Report.Section("Fantasies")
	img, err := view.Compare(rows, view.Layout{Columns: n})
	return p.folder.Picture("fantasies", "Test images, and where Gibbs sampling in the top machine leads from them; last, from coins.", img, err)
}

// dreamsByLabel draws a row of fantasies for each label.
func (p *program) dreamsByLabel(ctx context.Context, net *pretrain.DBN) error {
	if _, ok := p.image(p.test.X); !ok || p.classes > 40 {
		return nil
	}
	const n = 12
	var labels []int
	for label := range p.classes {
		labels = append(labels, slices.Repeat([]int{label}, n)...)
	}
	x, _, err := net.Generate(ctx, graph.NewKey(p.seed).Fork("labels"), pretrain.Fantasy{N: len(labels), Steps: p.gibbs, Labels: labels})
	if err != nil {
		return err
	}
	images, _ := p.image(x)
	p.folder.Report.Section("Fantasies by label")
	img, err := view.Grid(images, view.Layout{Columns: n})
	return p.folder.Picture("fantasies-by-label", fmt.Sprintf("One row for each label, which is clamped: %d Gibbs steps from coins.", p.gibbs), img, err)
}

// meanAndError is the mean of a's elements, and its standard error.
func meanAndError(a graph.Array) (mean, deviation float64) {
	n := float64(a.Len())
	for i := range a.Len() {
		mean += a.At(i) / n
	}
	for i := range a.Len() {
		d := a.At(i) - mean
		deviation += d * d
	}
	return mean, math.Sqrt(deviation/max(1, n-1)) / math.Sqrt(n)
}

// columnMeans are the means of the columns of a (n, d).
func columnMeans(a graph.Array) []float64 {
	d := a.Shape[1]
	means := make([]float64, d)
	for i := range a.Len() {
		means[i%d] += a.At(i) / float64(a.Shape[0])
	}
	return means
}
