package main

import (
	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
)

// draw makes all pictures.
func draw(folder *show.Folder, model, flat *ae.Model, pca *ae.PCA, test *data.Set, history *train.History) error {
	folder.Report.Section("Reconstructions of test digits")
	folder.Report.Text("A fifth of the pixels is masked; the autoencoder was trained to fill them in. PCA, with as long a code, sees the same damaged digits.")
	if err := reconstructions(folder, model, pca, test); err != nil {
		return err
	}
	folder.Report.Section("Training")
	img, err := show.Curves(history, "loss", view.Axes{Title: "Squared error per digit", X: "step", Y: "loss", LogY: true})
	if err := folder.Picture("curves", "Training loss, on masked digits, and loss on whole test digits.", img, err); err != nil {
		return err
	}
	if err := history.SaveCSV(folder.File("history.csv")); err != nil {
		return err
	}
	folder.Report.Section("What the units look at")
	w := model.Params().Lookup("enc/0/w").Value()
	img, err = view.Filters(firstColumns(w, 60), view.Layout{Columns: 15})
	if err := folder.Picture("filters", "Weights of 60 units of the first layer: blue is negative, red positive.", img, err); err != nil {
		return err
	}
	folder.Report.Section("A code of two numbers")
	codes, err := flat.Encode(test.X)
	if err != nil {
		return err
	}
	img, err = view.Scatter(codes, test.Y.Int, view.Axes{Title: "Test digits by their two-unit code", X: "unit 1", Y: "unit 2"})
	return folder.Picture("code2d", "Each point is a test digit, its colour the digit, which the model was never told.", img, err)
}

func reconstructions(folder *show.Folder, model *ae.Model, pca *ae.PCA, test *data.Set) error {
	const n = 12
	clean := test.X.Rows(0, n)
	damaged := graph.Floats32(make([]float32, clean.Len()), clean.Shape...)
	noise, err := data.ParseCorruption(model.Config().Corruption)
	if err != nil {
		return err
	}
	if err := noise.Corrupt(graph.NewKey(5), damaged, clean); err != nil {
		return err
	}
	ours, err := model.Reconstruct(damaged)
	if err != nil {
		return err
	}
	linear, err := pca.Reconstruct(damaged)
	if err != nil {
		return err
	}
	img, err := view.Compare([]view.Row{
		{Caption: "original", Images: clean},
		{Caption: "masked", Images: damaged},
		{Caption: "autoencoder", Images: ours},
		{Caption: "PCA", Images: linear},
	}, view.Layout{Columns: n})
	return folder.Picture("reconstructions", "Test digits, masked, and reconstructed from codes of 30 numbers.", img, err)
}

// firstColumns is (d, k), the first k columns of w (d, h).
func firstColumns(w graph.Array, k int) graph.Array {
	d, h := w.Shape[0], w.Shape[1]
	k = min(k, h)
	cut := make([]float32, 0, d*k)
	for i := range d {
		cut = append(cut, w.F32[i*h:i*h+k]...)
	}
	return graph.Floats32(cut, d, k)
}
