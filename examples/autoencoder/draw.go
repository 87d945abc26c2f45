package main

import (
	"fmt"
	"slices"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
)

// pictures draws what a trained model does.
type pictures struct {
	folder  *show.Folder
	model   *ae.Model
	pca     *ae.PCA
	test    *data.Set
	history *train.History
}

func (p pictures) draw() error {
	if p.areImages() {
		for _, f := range []func() error{p.reconstructions, p.filters, p.anomalies} {
			if err := f(); err != nil {
				return err
			}
		}
	}
	if err := p.code(); err != nil {
		return err
	}
	p.folder.Report.Section("Training")
	img, err := show.Curves(p.history, train.Loss, view.Axes{Title: "Loss", X: "step", Y: "loss"})
	if err := p.folder.Picture("curves", "Loss of the training and of the held-out examples.", img, err); err != nil {
		return err
	}
	return p.history.SaveCSV(p.folder.File("history.csv"))
}

// areImages reports whether examples can be drawn: planes of one or three channels.
func (p pictures) areImages() bool {
	s := p.test.Shape()
	return len(s) == 2 || len(s) == 3 && (s[0] == 1 || s[0] == 3)
}

// drawable brings examples (n, ...) to pixels in [0, 1]: it undoes the normalisation, and the range of
// the test examples, if it is another, becomes [0, 1].
func (p pictures) drawable(x graph.Array) (graph.Array, error) {
	y, err := p.raw(x)
	if err != nil {
		return y, err
	}
	all, err := p.raw(p.test.X)
	if err != nil {
		return y, err
	}
	low, high := min(0, slices.Min(all.F32)), max(1, slices.Max(all.F32))
	for i := range y.F32 {
		y.F32[i] = (y.F32[i] - low) / (high - low)
	}
	return y, nil
}

// raw is a copy of examples (n, ...) in the units that they had before normalisation.
func (p pictures) raw(x graph.Array) (graph.Array, error) {
	x = x.Reshape(append([]int{x.Shape[0]}, p.test.Shape()...)...)
	y := graph.Floats32(slices.Clone(x.F32), x.Shape...)
	if z := p.model.Config().Normalizer; z != nil {
		return y, z.Invert(y, x)
	}
	return y, nil
}

// rows draws examples above their reconstructions.
func (p pictures) rows(name, caption string, x graph.Array) error {
	seen := x
	var rows []view.Row
	add := func(title string, a graph.Array) error {
		d, err := p.drawable(a)
		rows = append(rows, view.Row{Caption: title, Images: d})
		return err
	}
	if err := add("original", x); err != nil {
		return err
	}
	if text := p.model.Config().Corruption; text != "" && name == "reconstructions" {
		noise, err := data.ParseCorruption(text)
		if err != nil {
			return err
		}
		seen = graph.Floats32(make([]float32, x.Len()), x.Shape...)
		if err := noise.Corrupt(graph.NewKey(5), seen, x); err != nil {
			return err
		}
		if err := add("corrupted", seen); err != nil {
			return err
		}
	}
	for _, m := range []struct {
		title string
		f     func(graph.Array) (graph.Array, error)
	}{{"autoencoder", p.model.Reconstruct}, {"PCA", p.pca.Reconstruct}} {
		y, err := m.f(seen)
		if err != nil {
			return err
		}
		if err := add(m.title, y); err != nil {
			return err
		}
	}
	img, err := view.Compare(rows, view.Layout{Columns: 12})
	return p.folder.Picture(name, caption, img, err)
}

func (p pictures) reconstructions() error {
	p.folder.Report.Section("Reconstructions")
	return p.rows("reconstructions", "Test examples and their reconstructions.", p.test.X.Rows(0, min(12, p.test.Len())))
}

// anomalies draws the test examples of the highest score.
func (p pictures) anomalies() error {
	scores, err := p.model.Score(p.test.X)
	if err != nil {
		return err
	}
	order := make([]int, p.test.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch sa, sb := scores.At(a), scores.At(b); {
		case sa > sb:
			return -1
		case sa < sb:
			return 1
		}
		return 0
	})
	worst, err := p.test.Subset(order[:min(12, len(order))])
	if err != nil {
		return err
	}
	fmt.Printf("most unusual test example: number %d, score %.3f; median score %.3f\n", order[0], scores.At(order[0]), scores.At(order[len(order)/2]))
	p.folder.Report.Section("The most unusual test examples")
	return p.rows("anomalies", "Test examples of the highest anomaly score: what reconstructs worst.", worst.X)
}

func (p pictures) filters() error {
	s := p.test.Shape()
	if len(s) == 3 && s[0] != 1 {
		return nil // a filter over three channels has no one picture
	}
	name, height, width := "enc/0/w", s[len(s)-2], s[len(s)-1]
	if conv := p.model.Config().Conv; len(conv) > 0 {
		name, height, width = "enc/conv/0/w", conv[0].Size, conv[0].Size
	}
	w := p.model.Params().Lookup(name).Value()
	d, h := w.Shape[0], w.Shape[1]
	k := min(60, h)
	cut := make([]float32, 0, d*k)
	for i := range d {
		cut = append(cut, w.F32[i*h:i*h+k]...)
	}
	p.folder.Report.Section("What the units look at")
	img, err := view.Filters(graph.Floats32(cut, d, k), view.Layout{Columns: 15, Y: height, X: width})
	return p.folder.Picture("filters", fmt.Sprintf("Weights of %d units of the first layer: blue is negative, red positive.", k), img, err)
}

// code draws the codes, by their two leading principal components if they have more numbers.
func (p pictures) code() error {
	codes, err := p.model.Encode(p.test.X)
	if err != nil {
		return err
	}
	axes := view.Axes{Title: "Codes of test examples", X: "unit 1", Y: "unit 2"}
	switch l := codes.Shape[1]; {
	case l < 2 || codes.Shape[0] < 2:
		return nil
	case l > 2:
		axes.X, axes.Y = "principal component 1", "principal component 2"
		two, err := ae.FitPCA(codes, 2)
		if err != nil {
			return err
		}
		if codes, err = two.Encode(codes); err != nil {
			return err
		}
	}
	p.folder.Report.Section("The code")
	img, err := view.Scatter(codes, p.test.Y.Int, axes)
	return p.folder.Picture("codes", "Each point is a test example; colours are labels, which the model was never told.", img, err)
}
