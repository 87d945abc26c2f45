package lm_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/text"
	"github.com/latent-go/latent/graph/optim"
	loop "github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
)

// A Transformer of the characters of a text file, its perplexity on the last tenth, and a text of its own.
func Example() {
	novel, err := text.Read("novel.txt.gz")
	if err != nil {
		log.Fatal(err)
	}
	tokens, err := text.Characters(novel)
	if err != nil {
		log.Fatal(err)
	}
	ids := tokens.Encode(novel)
	cut := len(ids) * 9 / 10
	model, err := lm.New(lm.Config{Kind: lm.Transformer, Context: 64, Tied: true, Tokens: tokens})
	if err != nil {
		log.Fatal(err)
	}
	windows, err := text.Windows(ids[:cut], 64)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	_, err = loop.Run(ctx, model, windows, loop.Config{Steps: 2000, BatchSize: 12, Optim: optim.Config{Method: optim.AdamW}, Progress: os.Stderr})
	if err != nil {
		log.Fatal(err)
	}
	perplexity, err := model.Perplexity(ctx, ids[cut:])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("perplexity %.2f\n", perplexity)
	more, err := model.Generate(ctx, graph.NewKey(1), [][]int{tokens.Encode("It was ")}, 200, 0.8)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tokens.Decode(more[0]))
}
