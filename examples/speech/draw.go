package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/latent-go/latent/examples/internal/voices"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/audio"
	"github.com/latent-go/latent/graph/view"
	"github.com/latent-go/latent/pretrain"
)

// posterior is the probabilities of the states (t, states) at the frames of a recording.
func (p *program) posterior(net *pretrain.Network, of *part, clip int) (graph.Array, error) {
	x, err := audio.Context(of.clips[clip], p.context)
	if err != nil {
		return x, err
	}
	return net.Predict(x)
}

// summary prints and reports the errors of all models.
func (p *program) summary() error {
	fmt.Printf("\n%-36s%16s%16s\n", "test error in %", "frames", "words")
	for _, r := range p.results {
		fmt.Printf("%-36s%16s%16s\n", r[0], r[1], r[2])
	}
	p.folder.Report.Section("Errors")
	p.folder.Report.Table("Test error in %: of frames, against the states that the Gaussians align with the known word, each frame by itself; of words, by the best sequence of states.",
		[]string{"model", "frames", "words"}, p.results)
	return nil
}

// utterances draws recordings of the test, one after the other, above what the network makes of them.
func (p *program) utterances() error {
	const most = 6
	states := len(p.labels) * p.states
	var logs, posteriors, ways []float32
	var said, heard []string
	for clip, word := range p.tests.words {
		if slices.Contains(said, p.labels[word]) || len(said) == most {
			continue
		}
		posterior, err := p.posterior(p.net, &p.tests, clip)
		if err != nil {
			return err
		}
		loglik, err := p.scaled(p.net)(&p.tests, clip)
		if err != nil {
			return err
		}
		best, path := recognise(loglik, p.states)
		said, heard = append(said, p.labels[word]), append(heard, p.labels[best])
		logs, posteriors = append(logs, p.tests.clips[clip].F32...), append(posteriors, posterior.F32...)
		for _, s := range path {
			way := make([]float32, states)
			way[s] = 1
			ways = append(ways, way...)
		}
	}
	frames, height := len(logs)/p.bands, max(2*p.bands, states)
	mel := graph.Floats32(logs, frames, p.bands)
	img, err := view.Compare([]view.Row{
		{Caption: "log mel energies", Images: voices.Image(mel, height, -2, 3)}, // of mean 0 and variance 1
		{Caption: "posteriors of states", Images: voices.Image(graph.Floats32(posteriors, frames, states), height, 0, 1)},
		{Caption: "best sequences", Images: voices.Image(graph.Floats32(ways, frames, states), height, 0, 1)},
	}, view.Layout{Scale: max(1, min(4, 900/frames))})
	p.folder.Report.Section("What the network hears")
	caption := fmt.Sprintf("%s; heard as %s. Time from left to right; low frequencies, and the states of the first word, at the bottom.",
		strings.Join(said, ", "), strings.Join(heard, ", "))
	return p.folder.Picture("utterances", caption, img, err)
}

// filters draws the weights of units of the lowest machine.
func (p *program) filters() error {
	w := p.stack.RBM(0).Params().Lookup("w").Value()
	units, width := w.Shape[1], 2*p.context+1
	k := min(48, units)
	shown := make([]float32, width*p.bands*k)
	for i := range shown {
		y, x, unit := i/k/width, i/k%width, i%k
		shown[i] = w.F32[(x*p.bands+p.bands-1-y)*units+unit]
	}
	p.folder.Report.Section("What the units look at")
	img, err := view.Filters(graph.Floats32(shown, width*p.bands, k), view.Layout{Columns: 16, Y: p.bands, X: width, Scale: 3})
	return p.folder.Picture("filters", fmt.Sprintf("Weights of %d units of the lowest machine: time from left to right, low frequencies at the bottom; blue is negative, red positive.", k), img, err)
}
