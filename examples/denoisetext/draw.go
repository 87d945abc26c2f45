package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
)

const heatMaps = 2

// draw draws where the model looks, and its training.
func (p *program) draw() error {
	p.folder.Report.Section("Attention")
	right := p.hardest()
	for i, piece := range right[:min(heatMaps, len(right))] {
		if err := p.attention(fmt.Sprintf("attention-%d", i+1), piece); err != nil {
			return err
		}
	}
	p.folder.Report.Section("Training")
	img, err := show.Curves(p.history, train.Loss, view.Axes{Title: "-log p(clean | noisy)", X: "step", Y: "nats a piece", LogY: true})
	if err := p.folder.Picture("curves", "Negative log-likelihood of clean pieces given noisy ones.", img, err); err != nil {
		return err
	}
	return p.history.SaveCSV(p.folder.File("history.csv"))
}

// hardest are the test pieces that came out right, from those with most errors before on.
func (p *program) hardest() []int {
	var right []int
	for i, piece := range p.test {
		if p.found[i] == piece {
			right = append(right, i)
		}
	}
	errors := func(i int) int { return show.EditDistance([]rune(p.noisy[i]), []rune(p.test[i])) }
	slices.SortStableFunc(right, func(a, b int) int { return errors(b) - errors(a) })
	return right
}

// attention draws the weights by which the model looks at test piece i for each character that it writes.
func (p *program) attention(name string, i int) error {
	source, target := p.encode(p.noisy[i]), p.encode(p.found[i])
	maps, err := p.model.Attention([][]int{source}, [][]int{target})
	if err != nil {
		return err
	}
	t, s := maps[0].Shape[0], maps[0].Shape[1]
	written := append(letters(p.found[i]), "end")
	var rows []view.Row
	for at := range t {
		cells := graph.Floats64(make([]float64, s), s, 1, 1)
		for j := range s {
			cells.F64[j] = 1 - maps[0].F64[at*s+j]
		}
		rows = append(rows, view.Row{Caption: written[at], Images: cells})
	}
	img, err := view.Compare(rows, view.Layout{Columns: s, Scale: 16, Labels: letters(p.noisy[i])})
	caption := fmt.Sprintf("%q becomes %q: a row for each character that is written, dark where the model looks.", p.noisy[i], p.found[i])
	return p.folder.Picture(name, caption, img, err)
}

// letters are the characters of a text to be read one by one.
func letters(piece string) []string {
	return strings.Split(strings.ReplaceAll(piece, " ", "_"), "")
}
