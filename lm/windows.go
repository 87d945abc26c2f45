package lm

import (
	"context"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/pkg/errors"
)

// Windows are t+1 tokens each, one behind the other in one slice.

// check returns the weights (n, t) of the targets of a batch.
func (m *Model) check(b data.Batch) (graph.Array, error) {
	n, t := b.N, m.cfg.Context
	if b.X.Int == nil || !slices.Equal(b.X.Shape, []int{n, t + 1}) {
		return graph.Array{}, errors.Wrapf(graph.ErrShape, "got an array of shape %v, expected tokens (%d, %d), integers: windows of %d and the one before",
			b.X.Shape, n, t+1, t)
	}
	if err := b.X.Check(); err != nil {
		return graph.Array{}, err
	}
	for i, id := range b.X.Int {
		if id < 0 || id >= m.cfg.Vocabulary {
			return graph.Array{}, errors.Wrapf(graph.ErrRange, "token %d of example %d is %d, expected 0 to %d", i%(t+1), i/(t+1), id, m.cfg.Vocabulary-1)
		}
	}
	if b.Y.IsZero() {
		weights := graph.Floats64(make([]float64, n*t), n, t)
		for i := range weights.F64 {
			weights.F64[i] = 1 / float64(t)
		}
		return weights, nil
	}
	if b.Y.Int != nil || !slices.Equal(b.Y.Shape, []int{n, t}) {
		return graph.Array{}, errors.Wrapf(graph.ErrShape, "targets are an array of shape %v, expected weights (%d, %d) of the predictions, or none", b.Y.Shape, n, t)
	}
	return b.Y, b.Y.Check()
}

// inputs returns the inputs of nll for windows.
func (m *Model) inputs(windows []int) []graph.Array {
	t := m.cfg.Context
	n := len(windows) / (t + 1)
	tokens, targets := make([]int, 0, n*t), make([]int, 0, n*t)
	for w := range slices.Chunk(windows, t+1) {
		tokens, targets = append(tokens, w[:t]...), append(targets, w[1:]...)
	}
	in := []graph.Array{graph.Ints(tokens, n, t)}
	if m.cfg.Kind == Transformer {
		at := make([]int, n*t)
		for i := range at {
			at[i] = i % t
		}
		in = append(in, graph.Ints(at, n, t))
	}
	return append(in, graph.Ints(targets, n, t))
}

// chunk is how many windows one run scores at most, so that logits and features have some 16 MB.
func (m *Model) chunk() int {
	return min(256, max(1, (1<<22)/(m.cfg.Context*max(m.cfg.Vocabulary, widening*m.cfg.Units))))
}

// score returns -log p of the t targets of each of any number of windows.
func (m *Model) score(ctx context.Context, windows []int) ([]float64, error) {
	var nll []float64
	for part := range slices.Chunk(windows, m.chunk()*(m.cfg.Context+1)) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out, err := graph.First(m.nll.Run(graph.Key{}, len(part)/(m.cfg.Context+1), m.inputs(part)...))
		if err != nil {
			return nil, err
		}
		for i := range out.Len() {
			nll = append(nll, out.At(i))
		}
	}
	return nll, nil
}
