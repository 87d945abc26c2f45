package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
	"github.com/latent-go/latent/pixel"
)

// pictures draws what a trained model does.
type pictures struct {
	folder  *show.Folder
	model   *pixel.Model
	test    *data.Set
	samples int
	key     graph.Key
}

const columns = 12 // of images in a picture

func (p *pictures) draw(ctx context.Context, h *train.History) error {
	for _, f := range []func(context.Context) error{p.dreams, p.completions, p.predictions, p.surprises} {
		if err := f(ctx); err != nil {
			return err
		}
	}
	p.folder.Report.Section("Training")
	img, err := show.Curves(h, train.Loss, view.Axes{Title: "-log p(x)", X: "step", Y: "nats an image"})
	if err := p.folder.Picture("curves", "Negative log-likelihood: exact, no bound.", img, err); err != nil {
		return err
	}
	return h.SaveCSV(p.folder.File("history.csv"))
}

// images views rows (n, d) as images.
func (p *pictures) images(x graph.Array) graph.Array {
	s := p.model.Config().Shape
	return x.Reshape(x.Shape[0], 1, s[len(s)-2], s[len(s)-1])
}

// dreams draws new images: of a conditional model, a row for each label.
func (p *pictures) dreams(ctx context.Context) error {
	p.folder.Report.Section("Samples")
	fmt.Fprintf(os.Stderr, "drawing %d images\n", p.samples)
	c := p.model.Config()
	if c.Classes == 0 {
		x, err := p.model.Sample(ctx, p.key.Fork("samples"), p.samples)
		if err != nil {
			return err
		}
		img, err := view.Grid(p.images(x), view.Layout{Columns: columns})
		return p.folder.Picture("samples", "Images drawn pixel by pixel, each given those before it.", img, err)
	}
	var rows []view.Row
	each := max(1, min(columns, p.samples/c.Classes))
	for label := range min(c.Classes, 30) {
		labels := make([]int, each)
		for i := range labels {
			labels[i] = label
		}
		x, err := p.model.Sample(ctx, p.key.Fork("samples").ForkN(label), each, labels...)
		if err != nil {
			return err
		}
		rows = append(rows, view.Row{Caption: fmt.Sprint(label), Images: p.images(x)})
	}
	img, err := view.Compare(rows, view.Layout{Columns: columns})
	return p.folder.Picture("samples", "Images drawn to order: a row for each label.", img, err)
}

// completions draws the lower half of test images anew.
func (p *pictures) completions(ctx context.Context) error {
	x, labels := p.first(columns)
	s := p.model.Config().Shape
	d := x.Len() / x.Shape[0]
	known := s[len(s)-2] / 2 * s[len(s)-1]
	given := graph.Floats32(make([]float32, x.Len()), x.Shape...)
	for i := range given.F32 {
		given.F32[i] = 0.3 // not known
		if i%d < known {
			given.F32[i] = float32(x.At(i))
		}
	}
	rows := []view.Row{{Caption: "test image", Images: p.images(x)}, {Caption: "given", Images: p.images(given)}}
	for i := range 3 {
		y, err := p.model.Complete(ctx, p.key.Fork("complete").ForkN(i), x, known, labels...)
		if err != nil {
			return err
		}
		rows = append(rows, view.Row{Caption: fmt.Sprintf("completion %d", i+1), Images: p.images(y)})
	}
	p.folder.Report.Section("Completions")
	img, err := view.Compare(rows, view.Layout{Columns: columns})
	return p.folder.Picture("completions", "The upper half is given, the lower one is drawn, three times.", img, err)
}

// predictions draws what each pixel is expected to be, given those before it.
func (p *pictures) predictions(context.Context) error {
	x, labels := p.first(columns)
	q, err := p.model.Predict(x, labels...)
	if err != nil {
		return err
	}
	v := p.model.Config().Levels
	mean := graph.Floats32(make([]float32, x.Len()), x.Shape[0], x.Len()/x.Shape[0])
	for i := range mean.F32 {
		for l := range v {
			mean.F32[i] += float32(q.At(i*v+l) * float64(l) / float64(v-1))
		}
	}
	p.folder.Report.Section("Predictions")
	img, err := view.Compare([]view.Row{{Caption: "test image", Images: p.images(x)}, {Caption: "expected", Images: p.images(mean)}}, view.Layout{Columns: columns})
	return p.folder.Picture("predictions", "The expected value of each pixel, given those above it and to its left.", img, err)
}

// surprises draws the test images that the model finds most and least likely.
func (p *pictures) surprises(context.Context) error {
	x, labels := p.first(min(500, p.test.Len()))
	logp, err := p.model.LogLikelihood(p.key.Fork("surprise"), x, labels...)
	if err != nil {
		return err
	}
	order := byValue(logp)
	n := min(columns, len(order))
	rows := []view.Row{{Caption: "least likely"}, {Caption: "most likely"}}
	for i, indices := range [][]int{order[:n], order[len(order)-n:]} {
		some, err := p.test.Subset(indices)
		if err != nil {
			return err
		}
		rows[i].Images = p.images(some.X)
	}
	p.folder.Report.Section("Surprises")
	img, err := view.Compare(rows, view.Layout{Columns: columns})
	return p.folder.Picture("surprises", fmt.Sprintf("Of %d test images, those with the lowest and the highest p(x).", len(order)), img, err)
}

// first is the first n test images, or all, with their labels if the model takes any.
func (p *pictures) first(n int) (graph.Array, []int) {
	n = min(n, p.test.Len())
	x := p.test.X.Rows(0, n)
	if p.model.Config().Classes == 0 {
		return x, nil
	}
	return x, p.test.Y.Int[:n]
}

// byValue are the indices of values from the smallest to the largest.
func byValue(values graph.Array) []int {
	order := make([]int, values.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values.At(a), values.At(b)) })
	return order
}
