package main

import (
	"context"
	"fmt"
	"os"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/text"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
)

var shakespeare = experiment{
	name:  "shakespeare",
	about: "Transformer of 0.8 million weights on the characters of tiny Shakespeare, 2,000 steps",
	paper: "Karpathy, nanoGPT (github.com/karpathy/nanoGPT), README",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		path, err := dataFile("tiny-shakespeare", "input.txt.gz", "tiny Shakespeare")
		if err != nil {
			return nil, err
		}
		works, err := text.Read(path)
		if err != nil {
			return nil, err
		}
		return measureText(ctx, s, lm.NanoGPT(), works)
	},
}

// measureText trains on the first nine tenths of the characters of a text and scores the rest in windows of the
// context, as the README does.
func measureText(ctx context.Context, s setting, recipe lm.Recipe, works string) ([]figure, error) {
	tokens, err := text.Characters(works)
	if err != nil {
		return nil, err
	}
	ids := tokens.Encode(works)
	recipe.Model.Tokens, recipe.Model.Seed = tokens, s.seed
	m, err := lm.New(recipe.Model)
	if err != nil {
		return nil, err
	}
	training, err := text.Windows(ids[:len(ids)*9/10], recipe.Model.Context)
	if err != nil {
		return nil, err
	}
	heldOut, err := text.HeldOut(ids[len(ids)*9/10:], recipe.Model.Context)
	if err != nil {
		return nil, err
	}
	if s.passes > 0 {
		recipe.Train.Epochs, recipe.Train.Steps = s.passes, 0
	}
	if err := s.train(ctx, "shakespeare", m, m.Config(), training, recipe.Train); err != nil {
		return nil, err
	}
	scores, err := train.Evaluate(ctx, m, graph.Key{}, heldOut, 100)
	if err != nil {
		return nil, err
	}
	sample, err := m.Generate(ctx, graph.NewKey(s.seed).Fork("sample"), [][]int{tokens.Encode("\n")}, 300, 0.8)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "%s\n", tokens.Decode(sample[0]))
	return []figure{near("held-out nats a character", 1.88, scores[train.Loss], 0.06)}, nil
}
