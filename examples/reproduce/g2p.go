package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
	"github.com/pkg/errors"
)

var g2p = experiment{
	name:  "g2p",
	about: "letters to phonemes with attention on CMUdict: errors on the test set; one layer of 256 units and 10 epochs",
	paper: "Yao & Zweig 2015, Sequence-to-sequence neural net models for grapheme-to-phoneme conversion: encoder-decoder LSTM of two layers; " +
		"5.45 and 23.55 % are their best, a bidirectional LSTM over alignments (all quoted from memory)",
	run: func(ctx context.Context, s setting) ([]figure, error) {
		sets, err := loadCMUdict()
		if err != nil {
			return nil, err
		}
		phonemes, words, err := measureG2P(ctx, s, lm.SeqConfig{Units: 256, Embedding: 64, Dropout: 0.2}, s.epochs(10), sets)
		return []figure{
			near("phoneme error rate in %", 7.63, phonemes, 1),
			near("word error rate in %", 28.61, words, 2),
		}, err
	},
}

// measureG2P trains on the first of three dictionaries, keeps the weights that are best on the second, and returns
// the error rates on the third, in percent. The model's lengths are those of the longest words.
func measureG2P(ctx context.Context, s setting, cfg lm.SeqConfig, epochs int, sets [3]dictionary) (phonemes, words float64, err error) {
	cfg.Seed = s.seed
	letters, sounds := map[string]int{}, map[string]int{}
	var pairs [3]struct{ source, target [][]int }
	for i, d := range sets {
		p := &pairs[i]
		if p.source, err = ids(letters, d.letters, i == 0); err != nil {
			return 0, 0, err
		}
		if p.target, err = ids(sounds, d.phonemes, i == 0); err != nil {
			return 0, 0, err
		}
		cfg.SourceLength, cfg.TargetLength = max(cfg.SourceLength, longest(p.source)), max(cfg.TargetLength, longest(p.target))
	}
	cfg.Source, cfg.Target = lm.SeqFirst+len(letters), lm.SeqFirst+len(sounds)
	m, err := lm.NewSeq(cfg)
	if err != nil {
		return 0, 0, err
	}
	var examples [2]*data.Set
	for i := range examples {
		if examples[i], err = lm.SeqPairs(cfg, pairs[i].source, pairs[i].target); err != nil {
			return 0, 0, err
		}
	}
	const size = 128
	t := train.Config{Epochs: epochs, BatchSize: min(size, examples[0].Len()), Valid: examples[1], Stop: train.EarlyStop{Restore: true}}
	steps := epochs * ((examples[0].Len() + t.BatchSize - 1) / t.BatchSize)
	t.Optim = optim.Config{Rate: 2e-3, ClipNorm: 5, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: steps, Final: 0.02}}
	if err := s.train(ctx, "g2p", m, m.Config(), lm.SeqByLength(examples[0]), t); err != nil {
		return 0, 0, err
	}
	return pronunciationErrors(ctx, m, pairs[2].source, pairs[2].target)
}

// pronunciationErrors has a model pronounce every word once, and counts wrong phonemes in parts of the reference and
// wrong words, both in percent. Of several references of a word, consecutive or not, the nearest counts.
func pronunciationErrors(ctx context.Context, m *lm.SeqModel, words, references [][]int) (phonemes, wrong float64, err error) {
	var distinct [][]int
	of := map[string][][]int{}
	for i, w := range words {
		name := fmt.Sprint(w)
		if of[name] == nil {
			distinct = append(distinct, w)
		}
		of[name] = append(of[name], references[i])
	}
	const beam = 5
	fmt.Fprintf(os.Stderr, "pronouncing %d words\n", len(distinct))
	found, err := m.Translate(ctx, distinct, beam)
	if err != nil {
		return 0, 0, err
	}
	edits, length := 0, 0
	for i, w := range distinct {
		best, of := 0, of[fmt.Sprint(w)]
		for j, r := range of {
			if show.EditDistance(found[i].Tokens, r) < show.EditDistance(found[i].Tokens, of[best]) {
				best = j
			}
		}
		edits, length = edits+show.EditDistance(found[i].Tokens, of[best]), length+len(of[best])
		if !slices.Equal(found[i].Tokens, of[best]) {
			wrong++
		}
	}
	return 100 * float64(edits) / float64(length), 100 * wrong / float64(len(distinct)), nil
}

// ids are the tokens of sequences as a model's ids; those that are not known are added to the vocabulary, if it may
// grow, and are else an error.
func ids(vocabulary map[string]int, sequences [][]string, grow bool) ([][]int, error) {
	all := make([][]int, len(sequences))
	for i, tokens := range sequences {
		for _, token := range tokens {
			id, known := vocabulary[token]
			if !known && !grow {
				return nil, errors.Errorf("token %q of sequence %d is not in the training data", token, i)
			}
			if !known {
				id = lm.SeqFirst + len(vocabulary)
				vocabulary[token] = id
			}
			all[i] = append(all[i], id)
		}
	}
	return all, nil
}

func longest(sequences [][]int) int {
	most := 0
	for _, s := range sequences {
		most = max(most, len(s))
	}
	return most
}
