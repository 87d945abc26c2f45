package lm_test

import (
	"context"
	"fmt"
	"log"

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
