package lm

import (
	"context"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// seqRows is how many hypotheses one run takes a step on at most.
const seqRows = 256

// A seqChoice goes on with the hypotheses of some sources, those from first on, whose next outputs have
// log-probabilities logp (n w, outputs).
type seqChoice func(step, first int, beams [][]seqHypothesis, logp graph.Array)

// search finds a target for each source, with w hypotheses: the first that choose leaves.
func (m *SeqModel) search(ctx context.Context, sources [][]int, w int, choose seqChoice) ([]SeqTranslation, error) {
	p, err := m.cfg.sources(sources)
	if err != nil {
		return nil, err
	}
	found := make([]SeqTranslation, 0, p.n)
	size := max(1, seqRows/w)
	for lo := 0; lo < p.n; lo += size {
		beams, err := m.searchSome(ctx, p.part(lo, min(lo+size, p.n)), lo, w, choose)
		if err != nil {
			return nil, err
		}
		for _, b := range beams {
			found = append(found, SeqTranslation{Tokens: b[0].tokens, LogProb: b[0].logp})
		}
	}
	return found, nil
}

// searchSome is search for sources from lo on: the encoder runs once, the decoder for every step.
func (m *SeqModel) searchSome(ctx context.Context, p seqPairs, lo, w int, choose seqChoice) ([][]seqHypothesis, error) {
	n, in := p.n, p.sourceInputs()
	outs, err := m.encode.Run(graph.Key{}, n, in...)
	if err != nil {
		return nil, err
	}
	memory, states := []graph.Array{outs[0], outs[1], in[len(in)-1]}, outs[2:]
	beams := make([][]seqHypothesis, n)
	previous, from := make([]int, n*w), make([]int, n*w)
	for i := range beams {
		beams[i] = []seqHypothesis{{}}
		for row := i * w; row < (i+1)*w; row++ {
			previous[row], from[row] = SeqBegin, i
		}
	}
	for step := 0; slices.ContainsFunc(beams, func(b []seqHypothesis) bool { return !seqOver(b) }); step++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		in := append(slices.Clone(memory), graph.Ints(previous, n*w, 1))
		for _, s := range states {
			in = append(in, seqRowsAt(s, from))
		}
		if outs, err = m.step(w).Run(graph.Key{}, n, in...); err != nil {
			return nil, err
		}
		if err := outs[0].CheckFinite(); err != nil {
			return nil, errors.WithMessage(err, "lm: log-probabilities of hypotheses")
		}
		states = outs[1:]
		choose(step, lo, beams, outs[0])
		for i, b := range beams {
			for j, h := range b {
				if !h.done {
					previous[i*w+j], from[i*w+j] = h.tokens[len(h.tokens)-1], i*w+h.from
				}
			}
		}
	}
	return beams, nil
}

// seqOver reports whether nothing can become as probable as the first hypothesis.
func seqOver(beam []seqHypothesis) bool { return beam[0].done }

// seqRowsAt is the given rows of states x (..., 2h).
func seqRowsAt(x graph.Array, rows []int) graph.Array {
	if x.F64 != nil {
		return graph.Floats64(seqGather(x.F64, rows, x.Shape[1]), len(rows), x.Shape[1])
	}
	return graph.Floats32(seqGather(x.F32, rows, x.Shape[1]), len(rows), x.Shape[1])
}

func seqGather[T graph.Float](x []T, rows []int, d int) []T {
	y := make([]T, 0, len(rows)*d)
	for _, r := range rows {
		y = append(y, x[r*d:(r+1)*d]...)
	}
	return y
}
