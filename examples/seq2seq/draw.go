package main

import (
	"fmt"
	"strings"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
)

const heatMaps = 4

// draw draws where the model looks, and its training.
func (p *pictures) draw(h *train.History) error {
	p.folder.Report.Section("Attention")
	for i := range min(heatMaps, len(p.found)) {
		if err := p.attention(i); err != nil {
			return err
		}
	}
	p.folder.Report.Section("Training")
	img, err := show.Curves(h, train.Loss, view.Axes{Title: "-log p(target | source)", X: "step", Y: "nats a sequence"})
	if err := p.folder.Picture("curves", "Negative log-likelihood of the training and of the held-out pairs.", img, err); err != nil {
		return err
	}
	return h.SaveCSV(p.folder.File("history.csv"))
}

// attention draws the weights by which the model looks at test source i for each token that it writes.
func (p *pictures) attention(i int) error {
	source, target := p.task.source.of(p.task.test[i]), p.found[i].Tokens
	maps, err := p.model.Attention([][]int{source}, [][]int{target})
	if err != nil {
		return err
	}
	t, s := maps[0].Shape[0], maps[0].Shape[1]
	written := append(texts(p.task.target, target), "end")
	var rows []view.Row
	for at := range t {
		cells := graph.Floats64(make([]float64, s), s, 1, 1)
		for j := range s {
			cells.F64[j] = 1 - maps[0].F64[at*s+j]
		}
		rows = append(rows, view.Row{Caption: written[at], Images: cells})
	}
	img, err := view.Compare(rows, view.Layout{Columns: s, Scale: 16, Labels: texts(p.task.source, source)})
	caption := fmt.Sprintf("%q is translated to %q: a row for each token that is written, dark where the model looks.",
		p.task.test[i], p.task.target.text(target))
	return p.folder.Picture(fmt.Sprintf("attention-%d", i+1), caption, img, err)
}

// texts are tokens to be read one by one.
func texts(v vocabulary, tokens []int) []string {
	words := make([]string, len(tokens))
	for i, id := range tokens {
		words[i] = strings.ReplaceAll(v.tokens[id], " ", "_")
	}
	return words
}
