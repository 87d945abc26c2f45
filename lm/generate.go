package lm

import (
	"context"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// Next returns the distribution (v) of the token that follows the given ones, of which there is at least one.
// FeedForward and Transformer see the last Context of them.
func (m *Model) Next(ctx context.Context, given []int) ([]float64, error) {
	r, err := m.read(ctx, given)
	if err != nil {
		return nil, err
	}
	return r.distribution(1), nil
}

// Generate draws the n tokens that follow a prompt of at least one token. The temperature divides the logits:
// 1 draws from the model, less makes likely tokens likelier, and 0 takes the most likely token always. Every
// token takes one step of the network: Recurrent goes on from its state, Transformer from the keys and values of
// the tokens before, FeedForward from their embeddings. When a Transformer has seen Context tokens, it goes on
// from the last half of them.
func (m *Model) Generate(ctx context.Context, key graph.Key, prompt []int, n int, temperature float64) ([]int, error) {
	switch {
	case n < 1:
		return nil, errors.Wrapf(ErrConfig, "%d tokens, expected at least 1", n)
	case !(temperature >= 0) || math.IsInf(temperature, 1):
		return nil, errors.Wrapf(ErrConfig, "temperature %g, expected a number of 0 or more", temperature)
	}
	r, err := m.read(ctx, prompt)
	if err != nil {
		return nil, err
	}
	var ids []int
	var u [1]float64
	for i := range n {
		if i > 0 {
			if err := r.add(ctx, ids[i-1]); err != nil {
				return nil, err
			}
		}
		graph.Uniform(key.ForkN(i), u[:])
		ids = append(ids, pick(r.distribution(temperature), u[0]))
	}
	return ids, nil
}

// pick is the token at which u of [0, 1) is passed by a distribution.
func pick(p []float64, u float64) int {
	token, passed := 0, p[0]
	for passed <= u && token < len(p)-1 {
		token++
		passed += p[token]
	}
	return token
}

// A reader is a place in a text: what a model keeps of the tokens before it, and what it expects next.
type reader struct {
	m      *Model
	seen   []int // the tokens whose keys and values are kept; Transformer alone
	past   []graph.Array
	logits graph.Array // (1, 1, v)
}

// read makes a reader that has read the given tokens, or those that matter.
func (m *Model) read(ctx context.Context, given []int) (*reader, error) {
	if len(given) < 1 {
		return nil, errors.Wrap(graph.ErrShape, "no token is given, expected at least 1: a model has no idea of the beginning of a text")
	}
	if err := m.checkTokens(given); err != nil {
		return nil, err
	}
	if m.cfg.Kind != Recurrent {
		given = given[max(0, len(given)-m.cfg.Context):]
	}
	r := &reader{m: m, past: m.nothing()}
	for _, id := range given {
		if err := r.add(ctx, id); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// add reads one token, after a new start if the context is full.
func (r *reader) add(ctx context.Context, id int) error {
	if t := r.m.cfg.Context; len(r.seen) == t {
		again := r.seen[t-t/2:]
		r.seen = nil
		for _, id := range again {
			if err := r.step(ctx, id); err != nil {
				return err
			}
		}
	}
	return r.step(ctx, id)
}

func (r *reader) step(ctx context.Context, id int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	in := []graph.Array{graph.Ints([]int{id}, 1, 1)}
	free := r.m.cfg.Context - 1 - len(r.seen) // rows for keys or values
	if r.m.cfg.Kind == Transformer {
		in = append(in, graph.Ints([]int{len(r.seen)}, 1, 1), graph.Ints([]int{max(0, free)}, 1))
		r.seen = append(r.seen, id)
	}
	out, err := r.m.step.Run(graph.Key{}, 1, append(in, r.past...)...)
	if err != nil {
		return err
	}
	r.logits = out[0]
	for i, row := range out[1:] {
		past := r.past[i]
		switch {
		case r.m.cfg.Kind == Recurrent:
			r.past[i] = row
		case r.m.cfg.Kind == FeedForward:
			push(past.F32, row.F32)
			push(past.F64, row.F64)
		case free > 0: // from the last row to the first: attention does not mind
			set(past.F32, free-1, row.F32)
			set(past.F64, free-1, row.F64)
		}
	}
	return nil
}

// push puts a row behind the others, and the first one out.
func push[T graph.Float](rows, row []T) {
	copy(rows, rows[len(row):])
	copy(rows[len(rows)-len(row):], row)
}

// set makes a row the one at place i.
func set[T graph.Float](rows []T, i int, row []T) { copy(rows[i*len(row):], row) }

// distribution is softmax(logits / temperature), or 1 at the largest logit.
func (r *reader) distribution(temperature float64) []float64 {
	p := make([]float64, r.logits.Len())
	best := 0
	for i := range p {
		if r.logits.At(i) > r.logits.At(best) {
			best = i
		}
	}
	if temperature == 0 {
		p[best] = 1
		return p
	}
	total := 0.0
	for i := range p {
		p[i] = math.Exp((r.logits.At(i) - r.logits.At(best)) / temperature)
		total += p[i]
	}
	for i := range p {
		p[i] /= total
	}
	return p
}
