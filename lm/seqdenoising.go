package lm

import (
	"iter"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/text"
	"github.com/pkg/errors"
)

// SeqDenoising is a Source of pairs from which a model learns to take noise away (a denoising autoencoder: Hill, Cho &
// Korhonen 2016, "Learning distributed representations of sentences from unlabelled data", section 3.1; Lewis et al.
// 2020, "BART"). Targets are the clean sequences, whose tokens are ids from SeqFirst on that both vocabularies have;
// sources are the same, damaged by noise anew in every epoch. What happens to sequence i depends on the epoch's key and
// on i alone, not on the size of batches.
//
// A clean sequence has 1 token to as many as both SourceLength and TargetLength allow. Of a damaged one of more than
// SourceLength the rest is left out, so noise that inserts needs some room there. Batches are those of SeqByLength.
// The clean sequences are kept.
func SeqDenoising(cfg SeqConfig, clean [][]int, noise text.Corruption) (data.Source, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	s := &seqDenoising{cfg, clean, noise}
	if _, err := cfg.pairs(clean, clean); err != nil {
		return nil, errors.WithMessage(err, "clean sequences")
	}
	if _, err := s.damaged(graph.Key{}); err != nil {
		return nil, err
	}
	return s, nil
}

type seqDenoising struct {
	cfg   SeqConfig
	clean [][]int
	noise text.Corruption
}

func (s *seqDenoising) Len() int { return len(s.clean) }

func (s *seqDenoising) Shape() []int { return []int{s.cfg.SourceLength} }

// Batches implements data.Source.
func (s *seqDenoising) Batches(key graph.Key, size int) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		set, err := s.damaged(key.Fork("noise"))
		if err != nil {
			yield(data.Batch{}, err)
			return
		}
		for b, err := range SeqByLength(set).Batches(key, size) {
			if !yield(b, err) {
				return
			}
		}
	}
}

// damaged is the pairs of an epoch.
func (s *seqDenoising) damaged(key graph.Key) (*data.Set, error) {
	sources := make([][]int, len(s.clean))
	for i, tokens := range s.clean {
		damaged, err := s.noise.Corrupt(key.ForkN(i), tokens)
		if err != nil {
			return nil, errors.WithMessagef(err, "lm: noise %s of sequence %d", s.noise, i)
		}
		sources[i] = damaged[:min(len(damaged), s.cfg.SourceLength)]
	}
	set, err := SeqPairs(s.cfg, sources, s.clean)
	return set, errors.WithMessagef(err, "noise %s", s.noise)
}
