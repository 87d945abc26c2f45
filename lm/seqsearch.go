package lm

import (
	"context"
	"math"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// A SeqTranslation is a target that a model has found or drawn.
type SeqTranslation struct {
	Tokens  []int   // without SeqEnd
	LogProb float64 // log p(Tokens | source), in nats
}

const maxSeqBeam = 1000

// Translate searches for the most probable target of each source by beam search: after every step it keeps, of all
// targets that have begun or ended, as many as beam says, 1 to 1000. 1 is the greedy search. Probabilities are compared
// as they are, without regard to length. A translation does not depend on the other sources.
func (m *SeqModel) Translate(ctx context.Context, sources [][]int, beam int) ([]SeqTranslation, error) {
	if beam < 1 || beam > maxSeqBeam {
		return nil, errors.Wrapf(ErrConfig, "a beam of %d, expected 1 to %d", beam, maxSeqBeam)
	}
	v := m.cfg.outputs()
	return m.search(ctx, sources, beam, func(_, _ int, beams [][]seqHypothesis, logp graph.Array) {
		for i, old := range beams {
			if !seqOver(old) {
				beams[i] = m.cfg.extend(old, beam, func(h, output int) float64 { return logp.At((i*beam+h)*v + output) })
			}
		}
	})
}

// Sample draws a target for each source from the model. The one of source i depends on key, i and that source alone.
func (m *SeqModel) Sample(ctx context.Context, key graph.Key, sources [][]int) ([]SeqTranslation, error) {
	v := m.cfg.outputs()
	draws := make([]float64, len(sources))
	return m.search(ctx, sources, 1, func(step, first int, beams [][]seqHypothesis, logp graph.Array) {
		graph.Uniform(key.ForkN(step), draws[:first+len(beams)])
		for i, b := range beams {
			if seqOver(b) {
				continue
			}
			output, passed := 0, math.Exp(logp.At(i*v))
			for passed <= draws[first+i] && output < v-1 {
				output++
				passed += math.Exp(logp.At(i*v + output))
			}
			beams[i] = []seqHypothesis{m.cfg.grow(b[0], 0, output, b[0].logp+logp.At(i*v+output))}
		}
	})
}

// A seqHypothesis is a target as far as it has been found. It lies in that row of its source's w.
type seqHypothesis struct {
	tokens []int
	logp   float64
	done   bool
	from   int // the row in which it, without its last token, lay before
}

// A seqCandidate is hypothesis h with another output, or, if that is -1, as it is, done.
type seqCandidate struct {
	h, output int
	logp      float64
}

// extend returns the most probable hypotheses of those that are done and of all that go on by an output of
// log-probability logp, the most probable first; of equal ones the first. There are at most w.
func (c SeqConfig) extend(old []seqHypothesis, w int, logp func(h, output int) float64) []seqHypothesis {
	best := make([]seqCandidate, 0, w+1)
	offer := func(n seqCandidate) {
		if len(best) == w && !(n.logp > best[w-1].logp) {
			return
		}
		at := len(best)
		for at > 0 && n.logp > best[at-1].logp {
			at--
		}
		best = slices.Insert(best, at, n)[:min(w, len(best)+1)]
	}
	for h, hyp := range old {
		if hyp.done {
			offer(seqCandidate{h, -1, hyp.logp})
			continue
		}
		for output := range c.outputs() {
			offer(seqCandidate{h, output, hyp.logp + logp(h, output)})
		}
	}
	next := make([]seqHypothesis, len(best))
	for i, n := range best {
		next[i] = old[n.h]
		if n.output >= 0 {
			next[i] = c.grow(old[n.h], n.h, n.output, n.logp)
		}
	}
	return next
}

// grow is a hypothesis of a row with another output.
func (c SeqConfig) grow(h seqHypothesis, row, output int, logp float64) seqHypothesis {
	g := seqHypothesis{tokens: h.tokens, logp: logp, done: output == 0, from: row}
	if !g.done {
		g.tokens = append(slices.Clone(h.tokens), output+SeqEnd)
		g.done = len(g.tokens) == c.TargetLength
	}
	return g
}
