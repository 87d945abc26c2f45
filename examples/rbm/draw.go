package main

import (
	"context"
	"fmt"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
	"github.com/latent-go/latent/rbm"
	"github.com/pkg/errors"
)

const columns = 14 // of images in a picture

// images brings examples (n, ...), which are drawable, to pixels.
func (p *program) images(x graph.Array) (graph.Array, error) {
	raw, err := show.Denormalized(x.Reshape(append([]int{x.Shape[0]}, p.training.Shape()...)...), p.normalizer)
	if err != nil {
		return x, err
	}
	pixels := make([]float32, raw.Len())
	for i := range pixels {
		pixels[i] = float32(min(max(raw.At(i), 0), 1))
	}
	x, _ = show.AsImages(graph.Floats32(pixels, raw.Shape...), p.training.Shape())
	return x, nil
}

// drawable reports whether examples can be drawn.
func (p *program) drawable() bool {
	_, ok := show.AsImages(p.training.X, p.training.Shape())
	return ok && p.model.VisibleUnits != rbm.Softmax
}

// rows draws rows of images, one below the other.
func (p *program) rows(name, caption string, titles []string, xs []graph.Array) error {
	var rows []view.Row
	for i, x := range xs {
		images, err := p.images(x)
		if err != nil {
			return err
		}
		rows = append(rows, view.Row{Caption: titles[i], Images: images})
	}
	img, err := view.Compare(rows, view.Layout{Columns: columns})
	return p.folder.Picture(name, caption, img, err)
}

func (p *program) filters(context.Context) error {
	s := p.training.Shape()
	if !p.drawable() || len(s) == 3 && s[0] != 1 {
		return nil // a filter over three channels has no one picture
	}
	w := p.machine.Params().Lookup("w").Value()
	d, h := w.Shape[0], w.Shape[1]
	k := min(96, h)
	cut := make([]float32, 0, d*k)
	for i := range d {
		cut = append(cut, w.F32[i*h:i*h+k]...)
	}
	p.folder.Report.Section("What the hidden units look at")
	img, err := view.Filters(graph.Floats32(cut, d, k), view.Layout{Columns: 16, Y: s[len(s)-2], X: s[len(s)-1]})
	return p.folder.Picture("filters", fmt.Sprintf("Weights of %d hidden units: blue is negative, red positive.", k), img, err)
}

func (p *program) reconstructions(context.Context) error {
	if !p.drawable() {
		return nil
	}
	x := p.test.X.Rows(0, min(columns, p.test.Len()))
	y, err := p.machine.Reconstruct(x)
	if err != nil {
		return err
	}
	p.folder.Report.Section("Reconstructions")
	return p.rows("reconstructions", "Test examples, and the means of the data's units given the hidden units' means.",
		[]string{"test example", "reconstruction"}, []graph.Array{x, y})
}

// fantasies draws what Gibbs sampling gives from independent units, after more and more steps.
func (p *program) fantasies(ctx context.Context) error {
	if !p.drawable() {
		return nil
	}
	var titles []string
	var xs []graph.Array
	for _, steps := range []int{1, 10, 100, p.gibbs} {
		x, err := p.machine.Sample(ctx, graph.NewKey(p.model.Seed).Fork("fantasies"), columns, steps, 1)
		if errors.Is(err, graph.ErrNotFinite) {
			return p.diverges("fantasies")
		}
		if err != nil {
			return err
		}
		mean, err := p.machine.Reconstruct(x)
		if err != nil {
			return err
		}
		titles, xs = append(titles, fmt.Sprintf("Gibbs steps: %d", steps)), append(xs, mean)
	}
	p.folder.Report.Section("Fantasies")
	return p.rows("fantasies", "What the machine believes in: the same chains, from independent pixels, after more and more steps. Shown are means, not draws.", titles, xs)
}

// diverges tells that long chains leave all bounds, as units without a limit allow.
func (p *program) diverges(what string) error {
	text := fmt.Sprintf("No %s: Gibbs sampling grows without bound. The weights of these units are too large for the machine to be a distribution; a lower -rate or more -decay keeps them small.", what)
	fmt.Println(text)
	p.folder.Report.Text(text)
	return nil
}

// completions lets the machine fill in the lower half of test images.
func (p *program) completions(ctx context.Context) error {
	if !p.drawable() {
		return nil
	}
	s := p.training.Shape()
	height, width := s[len(s)-2], s[len(s)-1]
	x := p.test.X.Rows(0, min(columns, p.test.Len()))
	known := make([]float32, p.model.Visible)
	given := make([]float32, x.Len())
	for i := range known {
		if i/width%height < height/2 {
			known[i] = 1
		}
	}
	empty := p.machine.Params().Lookup("b").Value()
	for i := range given {
		switch j := i % len(known); {
		case known[j] == 1:
			given[i] = float32(x.At(i))
		case p.model.VisibleUnits == rbm.Gaussian:
			given[i] = float32(empty.At(j))
		default:
			given[i] = 0.3
		}
	}
	titles := []string{"test example", "given"}
	xs := []graph.Array{x, graph.Floats32(given, x.Shape...)}
	for i := range 3 {
		_, mean, err := p.machine.Complete(ctx, graph.NewKey(p.model.Seed).Fork("complete").ForkN(i), x, graph.Floats32(known, len(known)), p.gibbs)
		if errors.Is(err, graph.ErrNotFinite) {
			return p.diverges("completions")
		}
		if err != nil {
			return err
		}
		titles, xs = append(titles, fmt.Sprintf("completion %d", i+1)), append(xs, mean)
	}
	p.folder.Report.Section("Completions")
	return p.rows("completions", fmt.Sprintf("The upper half is given; %d Gibbs steps fill in the lower one, three times.", p.gibbs), titles, xs)
}

// uncertainty draws how well each pixel is predicted by all others.
func (p *program) uncertainty(context.Context) error {
	if s := p.training.Shape(); !p.drawable() || p.nats == nil || len(s) == 3 && s[0] != 1 {
		return nil
	}
	most := 1e-9
	for _, v := range p.nats {
		most = max(most, -v)
	}
	pixels := make([]float32, len(p.nats))
	for i, v := range p.nats {
		pixels[i] = float32(-v / most)
	}
	images, _ := show.AsImages(graph.Floats32(pixels, 1, len(pixels)), p.training.Shape())
	p.folder.Report.Section("Pixels given all others")
	img, err := view.Grid(images, view.Layout{Scale: 8})
	return p.folder.Picture("uncertainty", fmt.Sprintf("-log p(pixel | all others), the mean over test examples: black is 0, white %.2f nats.", most), img, err)
}

// curves draws how the training went.
func (p *program) curves(h *train.History) error {
	p.folder.Report.Section("Training")
	steps, values := h.Curve(train.Valid, train.Loss)
	axes := view.Axes{Title: "Negative pseudo-log-likelihood of held-out data", X: "step", Y: "nats an example"}
	if p.model.VisibleUnits == rbm.Gaussian || p.model.HiddenUnits == rbm.Rectified {
		axes.Title, axes.Y = "Reconstruction of held-out data", "squared error"
	}
	img, err := view.Curves([]view.Series{series("held out", steps, values)}, axes)
	if err := p.folder.Picture("curves", axes.Title+".", img, err); err != nil {
		return err
	}
	if p.model.HiddenUnits == rbm.Rectified {
		return nil
	}
	img, err = show.Curves(h, "free-energy", view.Axes{Title: "Free energy", X: "step", Y: "nats"})
	if err := p.folder.Picture("free-energy", "Mean free energy: only the difference of the curves means something.", img, err); err != nil {
		return err
	}
	steps, values = h.Curve(train.Valid, "gap")
	img, err = view.Curves([]view.Series{series("held out - training", steps, values)}, view.Axes{Title: "Free-energy gap", X: "step", Y: "nats"})
	return p.folder.Picture("gap", "Free energy of held-out data less that of as many training examples: where it grows, the machine overfits.", img, err)
}

func series(name string, steps []int, values []float64) view.Series {
	s := view.Series{Name: name, Y: values}
	for _, step := range steps {
		s.X = append(s.X, float64(step))
	}
	return s
}
