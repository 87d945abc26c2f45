package vae

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
)

// A Model is a variational autoencoder: a train.Objective and a train.Evaluator in training, and
// afterwards safe for concurrent use.
type Model struct {
	cfg      Config
	params   *graph.Params
	gradient *graph.Function // x -> loss, KL, reconstruction
	evaluate *graph.Function // the same, without what only training has
	score    *graph.Function // x -> negative bound (n)
	binarize *graph.Function // x -> draws
	encode   *graph.Function // x -> mean, log-variance
	decode   *graph.Function // z -> E[x|z]
	weigh    *graph.Function // x, mean, log-variance -> log importance weights (n)
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
	d, l := cfg.Inputs(), cfg.Latent
	m.gradient = graph.NewGradient(p, func(b *graph.Builder, n int) []*graph.Node {
		t := cfg.terms(b, cfg.seen(b.Input("x", n, d)))
		return t.report(cfg.trained(t))
	})
	m.evaluate = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		t := cfg.terms(b, cfg.seen(b.Input("x", n, d)))
		return t.report(t.loss)
	})
	m.score = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{op.Neg(cfg.terms(b, cfg.seen(b.Input("x", n, d))).bound)}
	})
	m.binarize = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{op.Bernoulli(b.Input("x", n, d))}
	})
	m.encode = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		mean, logVar := cfg.posterior(b, b.Input("x", n, d))
		return []*graph.Node{mean, logVar}
	})
	m.decode = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{cfg.mean(cfg.output(b, b.Input("z", n, l)))}
	})
	m.weigh = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		x, mean, logVar := b.Input("x", n, d), b.Input("mean", n, l), b.Input("logvar", n, l)
		z, noise := drawNormal(mean, logVar, 1)
		return []*graph.Node{op.Sub(op.LogPriorRatio(logVar, noise, z), cfg.nll(b, cfg.output(b, z), x))}
	})
	return m, m.gradient.Prepare(1) // creates all parameters
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
// bound, or what Beta and FreeBits make of it; "kl", the divergence of the posterior from the prior;
// "reconstruction", -log p(x|z) averaged over the samples. Targets of the batch are not used.
func (m *Model) Gradient(key graph.Key, b data.Batch) (train.Metrics, error) {
	return m.metrics(m.gradient, key, b)
}

// Evaluate implements train.Evaluator: the metrics of Gradient without dropout, Beta and FreeBits, so
// that "loss" is a negative bound of Samples samples.
func (m *Model) Evaluate(key graph.Key, b data.Batch) (train.Metrics, error) {
	return m.metrics(m.evaluate, key, b)
}

func (m *Model) metrics(f *graph.Function, key graph.Key, b data.Batch) (train.Metrics, error) {
	x, err := m.examples(b.X)
	if err != nil {
		return nil, err
	}
	outs, err := f.Run(key, b.N, x)
	if err != nil {
		return nil, err
	}
	return train.Metrics{"loss": outs[0].At(0), "kl": outs[1].At(0), "reconstruction": outs[2].At(0)}, nil
}
