package lm

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/pkg/errors"
)

// SeqPairs makes the examples of a model of cfg from sources and as many targets, whose tokens are ids from SeqFirst
// on. A source has 1 to SourceLength tokens, a target 0 to TargetLength. The set's inputs are (n, SourceLength)
// integers, padded on the left; its targets are (n, TargetLength), with SeqEnd after the last token unless there is
// no place for it, and padding on the right.
func SeqPairs(cfg SeqConfig, source, target [][]int) (*data.Set, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	p, err := cfg.pairs(source, target)
	if err != nil {
		return nil, err
	}
	return data.NewSet(graph.Ints(p.source, p.n, cfg.SourceLength), graph.Ints(p.target, p.n, cfg.TargetLength))
}

// seqPairs are n valid pairs as SeqPairs lays them out, or, with target nil, sources.
type seqPairs struct {
	cfg            SeqConfig
	n              int
	source, target []int // (n, SourceLength) and (n, TargetLength)
}

func (c SeqConfig) pairs(source, target [][]int) (seqPairs, error) {
	p, err := c.sources(source)
	switch {
	case err != nil:
		return p, err
	case len(target) != len(source):
		return p, errors.Wrapf(graph.ErrShape, "lm: %d sources, but %d targets", len(source), len(target))
	}
	p.target = make([]int, p.n*c.TargetLength)
	for i, tokens := range target {
		if err := seqCheckTokens(tokens, 0, c.TargetLength, c.Target); err != nil {
			return p, errors.WithMessagef(err, "lm: target %d", i)
		}
		row := p.target[i*c.TargetLength : (i+1)*c.TargetLength]
		if n := copy(row, tokens); n < len(row) {
			row[n] = SeqEnd
		}
	}
	return p, nil
}

// sources are pairs without targets.
func (c SeqConfig) sources(source [][]int) (seqPairs, error) {
	p := seqPairs{cfg: c, n: len(source), source: make([]int, len(source)*c.SourceLength)}
	if p.n == 0 {
		return p, errors.Wrap(graph.ErrShape, "lm: no source")
	}
	for i, tokens := range source {
		if err := seqCheckTokens(tokens, 1, c.SourceLength, c.Source); err != nil {
			return p, errors.WithMessagef(err, "lm: source %d", i)
		}
		copy(p.source[(i+1)*c.SourceLength-len(tokens):], tokens)
	}
	return p, nil
}

// seqCheckTokens says what is wrong with a sequence of least to most tokens of a vocabulary.
func seqCheckTokens(tokens []int, least, most, vocabulary int) error {
	if len(tokens) < least || len(tokens) > most {
		return errors.Wrapf(graph.ErrShape, "it has %d tokens, expected %d to %d", len(tokens), least, most)
	}
	for i, id := range tokens {
		if id < SeqFirst || id >= vocabulary {
			return errors.Wrapf(graph.ErrRange, "token %d is %d, expected %d to %d", i, id, SeqFirst, vocabulary-1)
		}
	}
	return nil
}

// batch checks that a batch is laid out as SeqPairs has it.
func (c SeqConfig) batch(b data.Batch) (seqPairs, error) {
	p := seqPairs{cfg: c, n: b.N, source: b.X.Int, target: b.Y.Int}
	for _, part := range []struct {
		name   string
		a      graph.Array
		length int
	}{{"inputs", b.X, c.SourceLength}, {"targets", b.Y, c.TargetLength}} {
		if a := part.a; len(a.Shape) != 2 || a.Shape[0] != b.N || a.Shape[1] != part.length || len(a.Int) != b.N*part.length || b.N < 1 {
			return p, errors.Wrapf(graph.ErrShape, "%s are an array of shape %v, expected integers (%d, %d) as SeqPairs makes them", part.name, a.Shape, b.N, part.length)
		}
	}
	for i := range b.N {
		row := b.X.Int[i*c.SourceLength : (i+1)*c.SourceLength]
		if err := seqCheckTokens(row[seqLeading(row):], 1, c.SourceLength, c.Source); err != nil {
			return p, errors.WithMessagef(err, "source %d, after its padding", i)
		}
		row = b.Y.Int[i*c.TargetLength : (i+1)*c.TargetLength]
		n := seqTokensOf(row)
		if err := seqCheckTokens(row[:n], 0, c.TargetLength, c.Target); err != nil {
			return p, errors.WithMessagef(err, "target %d", i)
		}
		for at := n + 1; at < len(row); at++ {
			if row[at] != SeqPad {
				return p, errors.Wrapf(graph.ErrRange, "target %d has %d at place %d, after its end, expected padding, %d", i, row[at], at, SeqPad)
			}
		}
	}
	return p, nil
}

// seqLeading is the number of places of padding at the start of a source.
func seqLeading(row []int) int {
	for i, id := range row {
		if id != SeqPad {
			return i
		}
	}
	return len(row)
}

// seqTokensOf is the number of tokens of a target.
func seqTokensOf(row []int) int {
	for i, id := range row {
		if id == SeqEnd {
			return i
		}
	}
	return len(row)
}
