package rbm

import (
	"context"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// A feature, here, is what a conditional likelihood p(v_i | all others) is about: a Bernoulli unit, or
// a group of softmax units.

// features is the number of features, and alternatives how many values beside its own each can take;
// 0 if the conditional has no closed form.
func (c Config) features() (count, alternatives int) {
	switch {
	case c.HiddenUnits == Rectified || c.VisibleUnits == Gaussian:
		return 0, 0
	case c.VisibleUnits == Softmax:
		return c.Visible / c.Categories, c.Categories - 1
	}
	return c.Visible, 1
}

// conditional is -log p(v_i | the others) (n), from v (n, d) and others (n alternatives, d), in which
// every example has feature i at its other values.
func (m *Model) conditional(w Weights, v, others *graph.Node) *graph.Node {
	n := v.Dim(0)
	gap := op.Sub(op.Reshape(w.FreeEnergy(v), n, 1), op.Reshape(w.FreeEnergy(others), n, -1))
	return op.Softplus(op.LogSumExp(gap))
}

func (m *Model) conditionals(b *graph.Builder, n int) []*graph.Node {
	_, alternatives := m.cfg.features()
	return []*graph.Node{m.conditional(m.Bind(b), b.Input("v", n, m.cfg.Visible), b.Input("others", n*alternatives, m.cfg.Visible))}
}

// scores is the graph of Evaluate.
func (m *Model) scores(b *graph.Builder, n int) []*graph.Node {
	w := m.Bind(b)
	v := b.Input("v", n, m.cfg.Visible)
	outs := []*graph.Node{op.Mean(op.SquaredError(w.reconstruction(v), v))}
	count, alternatives := m.cfg.features()
	if count > 0 {
		others := b.Input("others", n*alternatives, m.cfg.Visible)
		outs = append(outs, op.Scale(op.Mean(m.conditional(w, v, others)), float64(count)))
	}
	if m.cfg.HiddenUnits != Rectified {
		outs = append(outs, op.Mean(w.FreeEnergy(v)))
	}
	return outs
}

// Evaluate implements train.Evaluator. "error" is the squared error of Reconstruct, summed over an
// example. "free-energy" is the mean of F(v), if there is one: held-out data that has a higher one than
// training data shows overfitting (Hinton 2010, section 6). "loss" is, for binary data and for softmax
// groups, an unbiased estimate of the negative pseudo-log-likelihood, -sum log p(v_i | the others), in
// nats: that of one unit or group, drawn for each example, times their number. For Gaussian visible and
// for rectified hidden units, which have none in closed form, "loss" is "error".
func (m *Model) Evaluate(key graph.Key, b data.Batch) (train.Metrics, error) {
	v, err := m.examples(b.X)
	if err != nil {
		return nil, err
	}
	in := []graph.Array{v}
	count, alternatives := m.cfg.features()
	if count > 0 {
		at := make([]float64, b.N)
		graph.Uniform(key.Fork("flip"), at)
		in = append(in, m.others(v, alternatives, func(r int) int { return min(int(at[r]*float64(count)), count-1) }))
	}
	outs, err := m.score.Run(key, b.N, in...)
	if err != nil {
		return nil, err
	}
	metrics := train.Metrics{train.Loss: outs[0].At(0), "error": outs[0].At(0)}
	if count > 0 {
		metrics[train.Loss] = outs[1].At(0)
	}
	if m.cfg.HiddenUnits != Rectified {
		metrics["free-energy"] = outs[len(outs)-1].At(0)
	}
	return metrics, nil
}

// others returns, for every row of v (n, d), copies with feature(row) at each of its other values: x
// becomes 1-x, and the category moves on.
func (m *Model) others(v graph.Array, alternatives int, feature func(row int) int) graph.Array {
	n, d := v.Shape[0], v.Shape[1]
	rows := make([]float64, 0, n*alternatives*d)
	for r := range n {
		for a := range alternatives {
			row := rows[len(rows) : len(rows)+d]
			rows = rows[:len(rows)+d]
			for i := range row {
				row[i] = v.At(r*d + i)
			}
			i := feature(r)
			if m.cfg.VisibleUnits == Bernoulli {
				row[i] = 1 - row[i]
				continue
			}
			c := m.cfg.Categories
			for j := range c {
				row[i*c+(j+a+1)%c] = v.At(r*d + i*c + j)
			}
		}
	}
	return graph.Floats64(rows, n*alternatives, d)
}

// PseudoLikelihood returns, for every Bernoulli visible unit or softmax group i, the mean over the
// examples (n, ...) of log p(v_i | all others), in nats (Besag 1975): their sum is the
// pseudo-log-likelihood of an example. The data should be binary. It takes as many passes over the
// examples as there are units, or softmax units.
func (m *Model) PseudoLikelihood(ctx context.Context, v graph.Array) ([]float64, error) {
	count, alternatives := m.cfg.features()
	if count == 0 {
		return nil, errors.Wrapf(ErrConfig, "pseudo-likelihood of %v visible and %v hidden units has no closed form", m.cfg.VisibleUnits, m.cfg.HiddenUnits)
	}
	v, err := m.examples(v)
	if err != nil {
		return nil, err
	}
	total := v.Shape[0]
	mean := make([]float64, count)
	for lo := 0; lo < total; lo += chunk {
		part := v.Rows(lo, min(lo+chunk, total))
		for i := range mean {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			outs, err := m.pseudo.Run(graph.Key{}, part.Shape[0], part, m.others(part, alternatives, func(int) int { return i }))
			if err != nil {
				return nil, err
			}
			for r := range part.Shape[0] {
				mean[i] -= outs[0].At(r) / float64(total)
			}
		}
	}
	return mean, nil
}
