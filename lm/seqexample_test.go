package lm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/latent-go/latent/graph/data/text"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
)

// A model learns to say of two tokens 3 to 5 the larger one, twice.
func ExampleSeqModel() {
	var source, target [][]int
	for a := lm.SeqFirst; a < 6; a++ {
		for b := lm.SeqFirst; b < 6; b++ {
			source, target = append(source, []int{a, b}), append(target, []int{max(a, b), max(a, b)})
		}
	}
	cfg := lm.SeqConfig{Source: 6, Target: 6, SourceLength: 2, TargetLength: 4, Units: 16, Embedding: 8}
	model, err := lm.NewSeq(cfg)
	if err != nil {
		log.Fatal(err)
	}
	pairs, err := lm.SeqPairs(cfg, source, target)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	_, err = train.Run(ctx, model, lm.SeqByLength(pairs), train.Config{Steps: 200, BatchSize: 9, Optim: optim.Config{Rate: 0.01}})
	if err != nil {
		log.Fatal(err)
	}
	found, err := model.Translate(ctx, [][]int{{4, 3}, {5, 5}}, 3)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found[0].Tokens, found[1].Tokens)
	// Output: [4 4] [5 5]
}

// A model learns to take noise away from sequences that count up: to put back what is missing, and in order what is not.
func ExampleSeqDenoising() {
	var clean [][]int
	for first := lm.SeqFirst; first < 9; first++ {
		clean = append(clean, []int{first, first + 1, first + 2, first + 3, first + 4})
	}
	cfg := lm.SeqConfig{Source: 13, Target: 13, SourceLength: 5, TargetLength: 5, Units: 16, Embedding: 8}
	model, err := lm.NewSeq(cfg)
	if err != nil {
		log.Fatal(err)
	}
	noise, err := text.ParseCorruption("deletion:0.1,swap:0.1", text.IDs{First: lm.SeqFirst, End: cfg.Target})
	if err != nil {
		log.Fatal(err)
	}
	pairs, err := lm.SeqDenoising(cfg, clean, noise)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if _, err = train.Run(ctx, model, pairs, train.Config{Epochs: 300, BatchSize: 6, Optim: optim.Config{Rate: 0.01}}); err != nil {
		log.Fatal(err)
	}
	found, err := model.Translate(ctx, [][]int{{4, 6, 5, 7, 8}, {6, 8, 9, 10}}, 3)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found[0].Tokens, found[1].Tokens)
	// Output: [4 5 6 7 8] [6 7 8 9 10]
}
