package vae

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// A Model is a variational autoencoder: a train.Objective and a train.Evaluator in training, and
// afterwards safe for concurrent use.
type Model struct {
	cfg    Config
	params *graph.Params

	// x are examples (n, d), z latent units (n, l). Labels one-hot (n, Classes) follow x or z if there are any.
	gradient *graph.Function // x, warm-up if there is one -> loss, KL, reconstruction
	evaluate *graph.Function // x -> the same, without what only training has
	score    *graph.Function // x -> negative bound (n)
	binarize *graph.Function // x without labels -> draws
	encode   *graph.Function // x -> mean, log-variance
	decode   *graph.Function // z -> E[x|z]
	weigh    weigher
}

// New makes a variational autoencoder with initial weights.
func New(cfg Config) (*Model, error) { return newModel(cfg, graph.Float32) }

func newModel(cfg Config, dtype graph.DType) (*Model, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return build(cfg, graph.NewParams(dtype, graph.NewKey(cfg.Seed)))
}

// build makes the model of a valid configuration over p.
func build(cfg Config, p *graph.Params) (*Model, error) {
	m := &Model{cfg: cfg, params: p}
	m.gradient = graph.NewGradient(p, func(b *graph.Builder, n int) []*graph.Node {
		t := cfg.boundOf(b, n)
		return t.report(cfg.trained(b, t))
	})
	m.evaluate = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		t := cfg.boundOf(b, n)
		return t.report(t.loss)
	})
	m.score = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{op.Neg(cfg.boundOf(b, n).bound)}
	})
	m.binarize = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{op.Bernoulli(b.Input("x", n, cfg.Inputs()))}
	})
	m.encode = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		x, y := cfg.inputs(b, n)
		mean, logVar := cfg.posterior(b, x, y)
		return []*graph.Node{mean, logVar}
	})
	m.decode = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		z := b.Input("z", n, cfg.Latent)
		return []*graph.Node{cfg.mean(cfg.output(b, z, cfg.labelInput(b, n)))}
	})
	return m, m.gradient.Prepare(1) // creates all parameters
}

// boundOf adds the bound of n examples, with their inputs, to a graph.
func (c Config) boundOf(b *graph.Builder, n int) terms {
	x, y := c.inputs(b, n)
	return c.terms(b, c.seen(x), y)
}

// report lists the outputs of which metrics are made, the loss first.
func (t terms) report(loss *graph.Node) []*graph.Node {
	return []*graph.Node{loss, perExample(t.kl), t.reconstruction}
}

// Params returns the model's parameters.
func (m *Model) Params() *graph.Params { return m.params }

// Config returns the model's configuration.
func (m *Model) Config() Config { return m.cfg }

// Gradient implements train.Objective. The metrics are per example in nats: "loss", the negative
// bound, or what Beta, FreeBits and WarmUp make of it; "kl", the divergence of the posterior from the
// prior; "reconstruction", -log p(x|z) averaged over the samples. key.Step is the training step, for WarmUp.
// A conditional model needs the labels as the batch's targets, integers (n); others do not use targets.
func (m *Model) Gradient(key graph.Key, b data.Batch) (train.Metrics, error) {
	in, err := m.batch(b)
	if err != nil {
		return nil, err
	}
	if m.cfg.WarmUp > 0 {
		in = append(in, graph.Floats64([]float64{m.cfg.warmth(key.Step)}, 1))
	}
	return metrics(m.gradient.Run(key, b.N, in...))
}

// Evaluate implements train.Evaluator: the metrics of Gradient without dropout, Beta, FreeBits and WarmUp,
// so that "loss" is a negative bound of Samples samples.
func (m *Model) Evaluate(key graph.Key, b data.Batch) (train.Metrics, error) {
	in, err := m.batch(b)
	if err != nil {
		return nil, err
	}
	return metrics(m.evaluate.Run(key, b.N, in...))
}

// batch returns the inputs of the graphs for a batch.
func (m *Model) batch(b data.Batch) ([]graph.Array, error) {
	x, err := m.examples(b.X)
	if err != nil {
		return nil, err
	}
	if m.cfg.Classes == 0 {
		return []graph.Array{x}, nil
	}
	if len(b.Y.Shape) != 1 || b.Y.Int == nil {
		return nil, errors.Wrapf(graph.ErrShape, "targets are an array of shape %v, expected integer labels (n) for a model with %d classes", b.Y.Shape, m.cfg.Classes)
	}
	return m.with(b.N, b.Y.Int, x)
}

func metrics(outs []graph.Array, err error) (train.Metrics, error) {
	if err != nil {
		return nil, err
	}
	return train.Metrics{"loss": outs[0].At(0), "kl": outs[1].At(0), "reconstruction": outs[2].At(0)}, nil
}
