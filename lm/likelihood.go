package lm

import (
	"context"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// LogLikelihood returns log p, in nats, of the tokens of each sequence but its first, which is given. Sequences
// have 2 to Context+1 tokens. Longer texts have a Surprisal and a Perplexity.
func (m *Model) LogLikelihood(sequences [][]int) ([]float64, error) {
	t := m.cfg.Context
	windows := make([]int, len(sequences)*(t+1)) // what comes after the end of a sequence does not matter
	for i, s := range sequences {
		if len(s) < 2 || len(s) > t+1 {
			return nil, errors.Wrapf(graph.ErrShape, "sequence %d has %d tokens, expected 2 to %d", i, len(s), t+1)
		}
		if err := m.checkTokens(s); err != nil {
			return nil, errors.WithMessagef(err, "sequence %d", i)
		}
		copy(windows[i*(t+1):], s)
	}
	nll, err := m.score(context.Background(), windows)
	if err != nil {
		return nil, err
	}
	logp := make([]float64, len(sequences))
	for i, s := range sequences {
		for _, v := range nll[i*t : i*t+len(s)-1] {
			logp[i] -= v
		}
	}
	return logp, nil
}

func (m *Model) checkTokens(ids []int) error {
	for i, id := range ids {
		if id < 0 || id >= m.cfg.Vocabulary {
			return errors.Wrapf(graph.ErrRange, "token %d is %d, expected 0 to %d", i, id, m.cfg.Vocabulary-1)
		}
	}
	return nil
}

// Surprisal returns -log p, in nats, of each token of a text but the first, which is given. Recurrent carries its state
// through the whole text. The other kinds see it in overlapping windows of Context tokens, so that at least the
// last half of what they can see is before each prediction, but for those at the beginning.
func (m *Model) Surprisal(ctx context.Context, ids []int) ([]float64, error) {
	if len(ids) < 2 {
		return nil, errors.Wrapf(graph.ErrShape, "a text of %d tokens, expected at least 2", len(ids))
	}
	if err := m.checkTokens(ids); err != nil {
		return nil, err
	}
	if m.cfg.Kind == Recurrent {
		return m.carryOn(ctx, ids)
	}
	return m.slide(ctx, ids)
}

// Perplexity is e to the power of the mean of a text's Surprisal.
func (m *Model) Perplexity(ctx context.Context, ids []int) (float64, error) {
	surprisal, err := m.Surprisal(ctx, ids)
	if err != nil {
		return 0, err
	}
	total := 0.0
	for _, v := range surprisal {
		total += v
	}
	return math.Exp(total / float64(len(surprisal))), nil
}

// slide returns -log p of ids[1:] in windows, each of which scores what the one before has not.
func (m *Model) slide(ctx context.Context, ids []int) ([]float64, error) {
	t, targets := m.cfg.Context, len(ids)-1
	step := max(1, t/2)
	var windows, skips []int // skips counts the targets of each that have been scored already
	for scored := 0; scored < targets; {
		at := 0
		if scored > 0 {
			at = min(scored-t+step, max(0, targets-t))
		}
		windows = append(windows, ids[at:min(at+t+1, len(ids))]...)
		skips = append(skips, scored-at)
		scored = min(at+t, targets)
	}
	windows = append(windows, make([]int, len(skips)*(t+1)-len(windows))...) // if the text is shorter than a window
	nll, err := m.score(ctx, windows)
	if err != nil {
		return nil, err
	}
	surprisal := make([]float64, 0, targets)
	for i, skip := range skips {
		surprisal = append(surprisal, nll[i*t+skip:i*t+min(t, targets)]...)
	}
	return surprisal, nil
}

// carryOn returns -log p of ids[1:], by a state that goes through the text.
func (m *Model) carryOn(ctx context.Context, ids []int) ([]float64, error) {
	t := m.cfg.Context
	past := m.nothing(1)
	surprisal := make([]float64, 0, len(ids)-1)
	for at := 0; at < len(ids)-1; at += t {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		window := make([]int, t+1)
		n := copy(window, ids[at:]) - 1
		out, err := m.carry.Run(graph.Key{}, 1, append(m.inputs(window), past...)...)
		if err != nil {
			return nil, err
		}
		for i := range n {
			surprisal = append(surprisal, out[0].At(i))
		}
		past = out[1:]
	}
	return surprisal, nil
}

// nothing is what is kept of no token of n texts.
func (m *Model) nothing(n int) []graph.Array {
	past := make([]graph.Array, len(m.past))
	for i, one := range m.past {
		shape := append([]int{n}, one[1:]...)
		size := 1
		for _, s := range shape {
			size *= s
		}
		past[i] = graph.Floats64(make([]float64, size), shape...)
		if m.params.DType() == graph.Float32 {
			past[i] = graph.Floats32(make([]float32, size), shape...)
		}
	}
	return past
}
