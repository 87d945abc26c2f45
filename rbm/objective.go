package rbm

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// Gradient implements train.Objective. It is the symbolic gradient of mean F(v0) - mean F(vk), v0 the
// batch and vk the ends of the Gibbs chains, held fixed: the positive minus the negative statistics
// (Hinton 2002, equation 5), with Centring turned into the direction of the centred machine. The metric "loss" is that difference, no likelihood; with contrastive
// divergence there is "error", the squared error of the first step's reconstruction, summed over an
// example. Values of the batch outside [0, 1] are an error; those between are used as they are.
func (m *Model) Gradient(key graph.Key, b data.Batch) (train.Metrics, error) {
	v, err := m.examples(b.X)
	if err != nil {
		return nil, err
	}
	outs, err := m.gradient.Run(key, b.N, v)
	if err != nil {
		return nil, err
	}
	if m.cfg.Centring > 0 {
		if m.params.DType() == graph.Float64 {
			centre[float64](m.params)
		} else {
			centre[float32](m.params)
		}
	}
	metrics := train.Metrics{"loss": outs[0].At(0)}
	if len(outs) > 1 {
		metrics["error"] = outs[1].At(0)
	}
	return metrics, nil
}

// scores is the graph of Evaluate.
func (m *Model) scores(b *graph.Builder, n int) []*graph.Node {
	w := m.bind(b)
	v := b.Input("v", n, m.cfg.Visible)
	flipped := b.Input("flipped", n, m.cfg.Visible)
	fv, ff := FreeEnergy(v, w.w, w.b, w.c), FreeEnergy(flipped, w.w, w.b, w.c)
	loss := op.Scale(op.Mean(op.Softplus(op.Sub(fv, ff))), float64(m.cfg.Visible))
	return []*graph.Node{loss, op.Mean(op.SquaredError(w.visible(w.hidden(v)), v)), op.Mean(fv)}
}

// Evaluate implements train.Evaluator. "loss" is an unbiased estimate of the negative
// pseudo-log-likelihood, -sum log p(v_i | the others), in nats: d times that of one unit, drawn for
// each example (it is meant for binary data). "error" is the squared error of Reconstruct, summed over
// an example. "free-energy" is the mean of F(v): held-out data that has a higher one than training data
// shows overfitting (Hinton 2010, section 6).
func (m *Model) Evaluate(key graph.Key, b data.Batch) (train.Metrics, error) {
	v, err := m.examples(b.X)
	if err != nil {
		return nil, err
	}
	outs, err := m.evaluate.Run(key, b.N, v, flipOne(key.Fork("flip"), v))
	if err != nil {
		return nil, err
	}
	return train.Metrics{"loss": outs[0].At(0), "error": outs[1].At(0), "free-energy": outs[2].At(0)}, nil
}

// flipOne returns a copy of v (n, d) with one element of each row, drawn uniformly, turned from x to 1-x.
func flipOne(key graph.Key, v graph.Array) graph.Array {
	n, d := v.Shape[0], v.Shape[1]
	at := make([]float64, n)
	graph.Uniform(key, at)
	flipped := make([]float64, v.Len())
	for i := range flipped {
		flipped[i] = v.At(i)
	}
	for i, u := range at {
		j := i*d + min(int(u*float64(d)), d-1)
		flipped[j] = 1 - flipped[j]
	}
	return graph.Floats64(flipped, n, d)
}

// examples views x (n, ...) as (n, d) and checks that it is in [0, 1].
func (m *Model) examples(x graph.Array) (graph.Array, error) {
	if err := x.Check(); err != nil {
		return x, err
	}
	if len(x.Shape) < 2 || x.Shape[0] == 0 || x.Len()/x.Shape[0] != m.cfg.Visible || x.Int != nil {
		return x, errors.Wrapf(graph.ErrShape, "got an array of shape %v, expected floats (n, %d)", x.Shape, m.cfg.Visible)
	}
	return x.Reshape(x.Shape[0], m.cfg.Visible), x.CheckRange(0, 1)
}
