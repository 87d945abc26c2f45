package lm

import "github.com/latent-go/latent/graph"

// seqLevels is how many lengths graphs are made for: the greatest ones of a model, and equal parts of them. A batch of
// short sequences takes less time.
const seqLevels = 6

// at is c with the lengths of a level, 1 to seqLevels.
func (c SeqConfig) at(level int) SeqConfig {
	part := func(length int) int { return (length*level + seqLevels - 1) / seqLevels }
	c.SourceLength, c.TargetLength = part(c.SourceLength), part(c.TargetLength)
	return c
}

// shortened is p without the padding that all pairs have, and its level.
func (p seqPairs) shortened() (short seqPairs, level int) {
	s, t := 1, 1
	for i := range p.n {
		s = max(s, p.cfg.SourceLength-seqLeading(p.sourceRow(i)))
		t = max(t, min(p.cfg.TargetLength, seqTokensOf(p.targetRow(i))+1))
	}
	for level = 1; p.cfg.at(level).SourceLength < s || p.cfg.at(level).TargetLength < t; {
		level++
	}
	if level == seqLevels {
		return p, level
	}
	short = seqPairs{cfg: p.cfg.at(level), n: p.n}
	for i := range p.n {
		short.source = append(short.source, p.sourceRow(i)[p.cfg.SourceLength-short.cfg.SourceLength:]...)
		short.target = append(short.target, p.targetRow(i)[:short.cfg.TargetLength]...)
	}
	return short, level
}

func (p seqPairs) sourceRow(i int) []int {
	return p.source[i*p.cfg.SourceLength : (i+1)*p.cfg.SourceLength]
}
func (p seqPairs) targetRow(i int) []int {
	return p.target[i*p.cfg.TargetLength : (i+1)*p.cfg.TargetLength]
}

// part is pairs lo to hi-1.
func (p seqPairs) part(lo, hi int) seqPairs {
	q := seqPairs{cfg: p.cfg, n: hi - lo, source: p.source[lo*p.cfg.SourceLength : hi*p.cfg.SourceLength]}
	if p.target != nil {
		q.target = p.target[lo*p.cfg.TargetLength : hi*p.cfg.TargetLength]
	}
	return q
}

// pieces calls f for consecutive pairs from lo on, as many as one run computes at most: logits and gates of a layer then
// have some 64 MB.
func (p seqPairs) pieces(f func(q seqPairs, lo int) error) error {
	size := min(256, max(1, (1<<24)/p.cfg.numbers()))
	for lo := 0; lo < p.n; lo += size {
		if err := f(p.part(lo, min(lo+size, p.n)), lo); err != nil {
			return err
		}
	}
	return nil
}

// inputs are those of nll.
func (p seqPairs) inputs() []graph.Array {
	t := p.cfg.TargetLength
	labels, mask := make([]int, p.n*t), make([]float32, p.n*t)
	for i, id := range p.target {
		if id != SeqPad {
			labels[i], mask[i] = id-SeqEnd, 1
		}
	}
	return append(p.inputsBefore(), graph.Ints(labels, p.n*t), graph.Floats32(mask, p.n, t))
}

// inputsBefore are those of attend: of the source, and the token before each of the target.
func (p seqPairs) inputsBefore() []graph.Array {
	t := p.cfg.TargetLength
	previous := make([]int, p.n*t)
	for i := range p.n {
		previous[i*t] = SeqBegin
		copy(previous[i*t+1:(i+1)*t], p.targetRow(i))
	}
	return append(p.sourceInputs(), graph.Ints(previous, p.n, t))
}

// sourceInputs are those of encode.
func (p seqPairs) sourceInputs() []graph.Array {
	n, s := p.n, p.cfg.SourceLength
	reversed, reverse, skip := make([]int, n*s), make([]int, n*s), make([]int, n)
	for i := range skip {
		skip[i] = seqLeading(p.sourceRow(i))
		for at := i * s; at < (i+1)*s; at++ {
			reverse[at] = at
			if at >= i*s+skip[i] {
				reverse[at] = 2*i*s + skip[i] + s - 1 - at
			}
			reversed[at] = p.source[reverse[at]]
		}
	}
	padding := make([]float32, p.cfg.Source)
	padding[SeqPad] = 1
	return []graph.Array{graph.Ints(p.source, n, s), graph.Ints(reversed, n, s), graph.Ints(reverse, n, s),
		graph.Floats32(padding, len(padding), 1), graph.Ints(skip, n)}
}
