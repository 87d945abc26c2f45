package lm

import (
	"context"
	"math"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// Next returns the distribution (v) of the token that follows the given ones, of which there is at least one.
// FeedForward and Transformer see the last Context of them.
func (m *Model) Next(ctx context.Context, given []int) ([]float64, error) {
	if err := m.checkGiven(given); err != nil {
		return nil, err
	}
	r := m.read(given)
	for len(r.texts[0].waiting) > 0 {
		if err := r.step(ctx); err != nil {
			return nil, err
		}
	}
	return r.distribution(0, 1), nil
}

// together is how many prompts go through the network at once.
const together = 16

// Generate draws the n tokens that follow each prompt, which has at least one token. The temperature divides the logits:
// 1 draws from the model, less makes likely tokens likelier, and 0 takes the most likely token always. What follows
// prompt i depends on key, i and that prompt alone, to the bit; several prompts in one call take less time than one
// after the other.
//
// Every token takes one step of the network: Recurrent goes on from its state, Transformer from the keys and values of
// the tokens before, FeedForward from their embeddings. When a Transformer has seen Context tokens, it goes on
// from the last half of them.
func (m *Model) Generate(ctx context.Context, key graph.Key, prompts [][]int, n int, temperature float64) ([][]int, error) {
	switch {
	case n < 1:
		return nil, errors.Wrapf(ErrConfig, "%d tokens, expected at least 1", n)
	case !(temperature >= 0) || math.IsInf(temperature, 1):
		return nil, errors.Wrapf(ErrConfig, "temperature %g, expected a number of 0 or more", temperature)
	}
	for i, prompt := range prompts {
		if err := m.checkGiven(prompt); err != nil {
			return nil, errors.WithMessagef(err, "prompt %d", i)
		}
	}
	var more [][]int
	for some := range slices.Chunk(prompts, together) {
		next, err := m.generate(ctx, key, len(more), some, n, temperature)
		if err != nil {
			return nil, err
		}
		more = append(more, next...)
	}
	return more, nil
}

// generate is Generate for the prompts from number first on. A text that has its n tokens goes on until all have.
func (m *Model) generate(ctx context.Context, key graph.Key, first int, prompts [][]int, n int, temperature float64) ([][]int, error) {
	r := m.read(prompts...)
	more := make([][]int, len(prompts))
	u := make([]float64, first+len(prompts))
	for slices.ContainsFunc(more, func(ids []int) bool { return len(ids) < n }) {
		if err := r.step(ctx); err != nil {
			return nil, err
		}
		for i := range more {
			if len(r.texts[i].waiting) > 0 {
				continue
			}
			graph.Uniform(key.ForkN(len(more[i])), u[:first+i+1])
			id := pick(r.distribution(i, temperature), u[first+i])
			more[i], r.texts[i].waiting = append(more[i], id), []int{id}
		}
	}
	for i := range more {
		more[i] = more[i][:n]
	}
	return more, nil
}

// checkGiven says what is wrong with tokens that others are to follow.
func (m *Model) checkGiven(ids []int) error {
	if len(ids) < 1 {
		return errors.Wrap(graph.ErrShape, "no token is given, expected at least 1: a model has no idea of the beginning of a text")
	}
	return m.checkTokens(ids)
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

// A reader is a place in each of n texts: what a model keeps of the tokens before it, and what it expects next.
type reader struct {
	m      *Model
	texts  []reading
	past   []graph.Array // (n, ...)
	logits graph.Array   // (n, 1, v)
}

// A reading is a place in one text.
type reading struct {
	waiting []int // the tokens to be read
	seen    []int // those whose keys and values are kept; Transformer alone
}

// read makes a reader at the beginning of texts, or of what matters of them.
func (m *Model) read(texts ...[]int) *reader {
	r := &reader{m: m, past: m.nothing(len(texts))}
	for _, ids := range texts {
		if m.cfg.Kind != Recurrent {
			ids = ids[max(0, len(ids)-m.cfg.Context):]
		}
		r.texts = append(r.texts, reading{waiting: ids})
	}
	return r
}

// step reads the next token of each text, all of which have one waiting. Texts whose context is full start anew: all at
// once, since as many tokens of each have been read.
func (r *reader) step(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	n, t := len(r.texts), r.m.cfg.Context
	ids, place := make([]int, n), 0
	for i := range r.texts {
		text := &r.texts[i]
		if len(text.seen) == t {
			text.waiting, text.seen = slices.Concat(text.seen[t-t/2:], text.waiting), nil
		}
		ids[i], place = text.waiting[0], len(text.seen)
		text.waiting = text.waiting[1:]
		if r.m.cfg.Kind == Transformer {
			text.seen = append(text.seen, ids[i])
		}
	}
	free := t - 1 - place // rows for keys or values
	in := []graph.Array{graph.Ints(ids, n, 1)}
	if r.m.cfg.Kind == Transformer {
		in = append(in, graph.Ints(slices.Repeat([]int{place}, n), n, 1), graph.Ints(slices.Repeat([]int{free}, n), n))
	}
	out, err := r.m.step.Run(graph.Key{}, n, append(in, r.past...)...)
	if err != nil {
		return err
	}
	r.logits = out[0]
	for p, rows := range out[1:] {
		past := r.past[p]
		if r.m.cfg.Kind == Recurrent {
			r.past[p] = rows
			continue
		}
		for i := range n {
			past, row := past.Rows(i, i+1), rows.Rows(i, i+1)
			switch {
			case r.m.cfg.Kind == FeedForward:
				push(past.F32, row.F32)
				push(past.F64, row.F64)
			case free > 0: // from the last row to the first: attention does not mind
				set(past.F32, free-1, row.F32)
				set(past.F64, free-1, row.F64)
			}
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

// distribution is softmax(logits / temperature) of what comes next in a text, or 1 at the largest logit.
func (r *reader) distribution(text int, temperature float64) []float64 {
	logits := r.logits.Rows(text, text+1)
	p := make([]float64, logits.Len())
	best := 0
	for i := range p {
		if logits.At(i) > logits.At(best) {
			best = i
		}
	}
	if temperature == 0 {
		p[best] = 1
		return p
	}
	total := 0.0
	for i := range p {
		p[i] = math.Exp((logits.At(i) - logits.At(best)) / temperature)
		total += p[i]
	}
	for i := range p {
		p[i] /= total
	}
	return p
}
