package main

import (
	"context"
	"fmt"
	"image"
	"slices"
	"sort"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
	"github.com/latent-go/latent/vae"
)

// pictures draws what a trained model does.
type pictures struct {
	folder  *show.Folder
	model   *vae.Model
	flat    *vae.Model // with two latent units, or nil
	test    *data.Set
	units   vae.Units
	history *train.History
}

func (p *pictures) draw(ctx context.Context) error {
	steps := []func() error{p.bars}
	if p.areImages() {
		steps = []func() error{p.samples, p.byLabel, p.reconstructions, p.manifold, p.interpolations, p.traversals, p.bars, func() error { return p.anomalies(ctx) }}
	}
	for _, f := range append(steps, p.codes, p.curves) {
		if err := f(); err != nil {
			return err
		}
	}
	return p.history.SaveCSV(p.folder.File("history.csv"))
}

// areImages reports whether examples can be drawn: planes of one or three channels.
func (p *pictures) areImages() bool {
	_, ok := show.AsImages(p.test.X, p.test.Shape())
	return ok
}

// images are examples, or what a model makes of them, as pixels in [0, 1].
func (p *pictures) images(x graph.Array, err error) (graph.Array, error) {
	if err != nil {
		return x, err
	}
	raw, err := show.Denormalized(x.Reshape(x.Shape[0], x.Len()/x.Shape[0]), p.model.Config().Normalizer)
	if err != nil {
		return raw, err
	}
	y, _ := show.AsImages(raw, p.test.Shape())
	return y, nil
}

// grid draws images of a model row by row.
func (p *pictures) grid(name, caption string, columns int, x graph.Array, err error) error {
	y, err := p.images(x, err)
	if err != nil {
		return err
	}
	img, err := view.Grid(y, view.Layout{Columns: columns})
	return p.folder.Picture(name, caption, img, err)
}

// compare draws rows of images below one another.
func (p *pictures) compare(name, caption string, rows []view.Row) error {
	img, err := view.Compare(rows, view.Layout{Columns: 15})
	return p.folder.Picture(name, caption, img, err)
}

func (p *pictures) samples() error {
	p.folder.Report.Section("What the model dreams")
	var labels []int
	for i := range 100 * min(1, p.model.Config().Classes) {
		labels = append(labels, i%p.model.Config().Classes)
	}
	x, err := p.model.Sample(graph.NewKey(11), 100, labels...)
	return p.grid("samples", "Expected pixels of 100 codes drawn from the prior: nothing of them was ever seen.", 10, x, err)
}

// byLabel draws the same codes under every label of a conditional model.
func (p *pictures) byLabel() error {
	const styles = 15
	c := p.model.Config()
	if c.Classes == 0 {
		return nil
	}
	z := make([]float64, styles*c.Latent)
	graph.Normal(graph.NewKey(12), z)
	var rows []view.Row
	for label := range min(c.Classes, 30) {
		labels := make([]int, styles)
		for i := range labels {
			labels[i] = label
		}
		y, err := p.images(p.model.Decode(graph.Floats64(z, styles, c.Latent), labels...))
		if err != nil {
			return err
		}
		rows = append(rows, view.Row{Caption: fmt.Sprint(label), Images: y})
	}
	p.folder.Report.Section("To order")
	return p.compare("labels", "A row for each label, a column for each code: the label says what, the code says how.", rows)
}

func (p *pictures) reconstructions() error {
	n := min(15, p.test.Len())
	some, err := p.test.Subset(first(n))
	if err != nil {
		return err
	}
	original, err := p.images(some.X, nil)
	if err != nil {
		return err
	}
	again, err := p.images(p.model.Reconstruct(some.X, labelsOf(p.model, some)...))
	if err != nil {
		return err
	}
	p.folder.Report.Section("Reconstructions")
	return p.compare("reconstructions", "Test examples, and what the model makes of the means of their codes.", []view.Row{
		{Caption: "original", Images: original}, {Caption: "reconstruction", Images: again},
	})
}

// manifold draws all that the flat model knows, and where it puts the test examples.
func (p *pictures) manifold() error {
	if p.flat == nil {
		return nil
	}
	p.folder.Report.Section("Two latent units")
	y, err := p.flat.Manifold(20)
	if err := p.grid("manifold", "A second model with two latent units, which grow to the right and downwards: each cell is as probable as another.", 20, y, err); err != nil {
		return err
	}
	codes, _, err := p.flat.Encode(p.test.X)
	if err != nil {
		return err
	}
	img, err := view.Scatter(codes, p.test.Y.Int, view.Axes{Title: "Codes of test examples", X: "unit 0", Y: "unit 1"})
	return p.folder.Picture("codes2", "The means of the test examples' codes in the second model; colours are labels, which it was never told.", img, err)
}

func (p *pictures) interpolations() error {
	const steps = 15
	var rows []view.Row
	for i := range min(5, p.test.Len()/2) {
		// With labels the first's: only two examples of one label lie on a line then.
		from, to := 2*i, p.partner(2*i)
		y, err := p.images(p.model.Interpolate(p.test.X.Rows(from, from+1), p.test.X.Rows(to, to+1), steps, p.label(from)...))
		if err != nil {
			return err
		}
		rows = append(rows, view.Row{Images: y})
	}
	if len(rows) == 0 {
		return nil
	}
	p.folder.Report.Section("Between two examples")
	return p.compare("interpolations", "From a test example on the left to another on the right, along a straight line between their codes.", rows)
}

// label is the label of test example i, if the model takes one.
func (p *pictures) label(i int) []int {
	if p.model.Config().Classes == 0 {
		return nil
	}
	return p.test.Y.Int[i : i+1]
}

// partner is a test example to go to from example i: of the same label, if the model takes one.
func (p *pictures) partner(i int) int {
	for j := i + 1; j < p.test.Len(); j++ {
		if p.model.Config().Classes == 0 || p.test.Y.Int[j] == p.test.Y.Int[i] {
			return j
		}
	}
	return i
}

// traversals draws what the units with the largest KL divergence stand for.
func (p *pictures) traversals() error {
	var values []float64
	for i := range 15 {
		values = append(values, -3+6*float64(i)/14)
	}
	var rows []view.Row
	for _, unit := range p.byKL()[:min(10, len(p.units.KL))] {
		y, err := p.images(p.model.Traverse(p.test.X.Rows(0, 1), unit, values, p.label(0)...))
		if err != nil {
			return err
		}
		rows = append(rows, view.Row{Caption: fmt.Sprintf("unit %d", unit), Images: y})
	}
	p.folder.Report.Section("What the units stand for")
	return p.compare("traversals", "The first test example with one unit of its code moved from -3 to 3, the others left: the units that tell the most.", rows)
}

// byKL lists the latent units, that of the largest divergence first.
func (p *pictures) byKL() []int {
	order := first(len(p.units.KL))
	sort.SliceStable(order, func(a, b int) bool { return p.units.KL[order[a]] > p.units.KL[order[b]] })
	return order
}

// bars draws how much each unit tells.
func (p *pictures) bars() error {
	var values []float64
	for _, unit := range p.byKL() {
		values = append(values, p.units.KL[unit])
	}
	axes := view.Axes{Title: fmt.Sprintf("%d of %d units in use", p.units.Active, len(values)), X: "latent unit, sorted", Y: "KL divergence in nats"}
	img, err := view.Bars(values, nil, axes)
	return p.folder.Picture("units", "Nats that each unit tells of an example, on average; units of none have collapsed to the prior. "+
		"A unit is in use if the variance of its mean over the test examples is above 0.01.", img, err)
}

// anomalies draws the test examples that the latent units describe worst.
func (p *pictures) anomalies(ctx context.Context) error {
	scores, err := p.model.ReconstructionProbability(ctx, graph.NewKey(13), p.test.X, 10, labelsOf(p.model, p.test)...)
	if err != nil {
		return err
	}
	order := first(p.test.Len())
	slices.SortStableFunc(order, func(a, b int) int {
		switch sa, sb := scores.At(a), scores.At(b); {
		case sa < sb:
			return -1
		case sa > sb:
			return 1
		}
		return 0
	})
	fmt.Printf("most unusual test example: number %d, log p(x|z) %.1f; median %.1f\n", order[0], scores.At(order[0]), scores.At(order[len(order)/2]))
	odd, err := p.test.Subset(order[:min(15, len(order))])
	if err != nil {
		return err
	}
	original, err := p.images(odd.X, nil)
	if err != nil {
		return err
	}
	again, err := p.images(p.model.Reconstruct(odd.X, labelsOf(p.model, odd)...))
	if err != nil {
		return err
	}
	p.folder.Report.Section("The most unusual test examples")
	return p.compare("anomalies", "Test examples of the lowest reconstruction probability.", []view.Row{
		{Caption: "original", Images: original}, {Caption: "reconstruction", Images: again},
	})
}

// codes draws the codes of a model with two units; others have the second model for it.
func (p *pictures) codes() error {
	if p.model.Config().Latent != 2 {
		return nil
	}
	codes, _, err := p.model.Encode(p.test.X, labelsOf(p.model, p.test)...)
	if err != nil {
		return err
	}
	p.folder.Report.Section("The code")
	img, err := view.Scatter(codes, p.test.Y.Int, view.Axes{Title: "Codes of test examples", X: "unit 0", Y: "unit 1"})
	return p.folder.Picture("codes", "The means of the test examples' codes; colours are labels.", img, err)
}

func (p *pictures) curves() error {
	p.folder.Report.Section("Training")
	for _, c := range []struct{ name, metric, caption string }{
		{"curves", train.Loss, "Negative bound of the training and of the held-out examples, in nats; in training with what beta, free bits and warm-up make of it."},
		{"curves-kl", "kl", "KL divergence of the posterior from the prior, in nats: what the code tells of an example. At 0 it has collapsed."},
	} {
		var img image.Image
		img, err := show.Curves(p.history, c.metric, view.Axes{Title: c.metric, X: "step", Y: "nats"})
		if err := p.folder.Picture(c.name, c.caption, img, err); err != nil {
			return err
		}
	}
	return nil
}
