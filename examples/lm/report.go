package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/view"
	"github.com/latent-go/latent/lm"
	"github.com/pkg/errors"
)

var curveAxes = view.Axes{Title: "-log p", X: "step", Y: "nats a token"}

// report prints what the model is worth on the held-out text, beside tables of counts.
func report(ctx context.Context, folder *show.Folder, m *lm.Model, training, test []int) error {
	perplexity, err := m.Perplexity(ctx, test)
	if err != nil {
		return err
	}
	rows := [][]string{row("the network", perplexity)}
	for i, name := range []string{"unigrams", "bigrams", "trigrams"} {
		rows = append(rows, row(name+", smoothed", newNgram(i+1, m.Config().Vocabulary, training).perplexity(test)))
	}
	folder.Report.Fact("network", fmt.Sprintf("%v, %d weights", m.Config().Kind, m.Params().Count()))
	folder.Report.Fact("perplexity of the held-out text", rows[0][1])
	folder.Report.Section("Held-out text")
	folder.Report.Table("How well the next token is predicted", []string{"", "perplexity", "bits a token"}, rows)
	fmt.Printf("\n%-24s %12s %14s\n", "held-out text", "perplexity", "bits a token")
	for _, r := range rows {
		fmt.Printf("%-24s %12s %14s\n", r[0], r[1], r[2])
	}
	return nil
}

func row(name string, perplexity float64) []string {
	return []string{name, fmt.Sprintf("%.3f", perplexity), fmt.Sprintf("%.3f", math.Log2(perplexity))}
}

// write lets the model go on from the prompt.
func write(ctx context.Context, o options, folder *show.Folder, m *lm.Model) error {
	tokens := m.Config().Tokens
	prompt := tokens.Encode(o.prompt)
	if len(prompt) == 0 {
		prompt = tokens.Encode("\n")
	}
	folder.Report.Section("Samples")
	samples, err := m.Generate(ctx, graph.NewKey(o.model.Seed).Fork("sample"), slices.Repeat([][]int{prompt}, o.samples), o.length, o.temperature)
	if err != nil {
		return errors.WithMessage(err, "samples")
	}
	for i, ids := range samples {
		sample := strings.TrimSpace(tokens.Decode(append(prompt[:len(prompt):len(prompt)], ids...)))
		fmt.Printf("\n--- sample %d\n%s\n", i+1, sample)
		folder.Report.Text(sample)
	}
	return nil
}
