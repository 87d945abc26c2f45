package lm

import (
	"context"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
)

// A Model is a language model: a train.Objective and a train.Evaluator in training, and afterwards safe for
// concurrent use. There is no token that marks the beginning of a text: its first token is given.
type Model struct {
	cfg    Config
	params *graph.Params

	// Inputs are those of newNetwork, without the past, then the targets (n, t).
	gradient *graph.Function // and weights (n, t) -> loss
	nll      *graph.Function // -> -log p of each target (n, t)

	// Inputs are those of newNetwork.
	step  *graph.Function // one token of each text -> logits (n, 1, v), what is to be kept of it
	carry *graph.Function // t tokens, targets before the past -> -log p (1, t), the states; Recurrent alone
	past  [][]int         // shapes of what is kept of one text, (1, ...)
}

// New makes a model with initial weights.
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
		_, nll := cfg.nll(b, n, false)
		return []*graph.Node{op.Scale(op.Sum(op.Mul(nll, b.Input("weights", n, cfg.Context))), 1/float64(n))}
	})
	m.nll = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		_, nll := cfg.nll(b, n, false)
		return []*graph.Node{nll}
	})
	m.carry = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		w, nll := cfg.nll(b, n, true)
		return append([]*graph.Node{nll}, w.next...)
	})
	m.step = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		w, tokens := cfg.newNetwork(b, n, 1, true)
		return append([]*graph.Node{w.logits(tokens)}, w.next...)
	})
	if err := m.step.Prepare(1); err != nil { // creates all parameters, with the smallest graph
		return nil, err
	}
	b := graph.NewBuilder(p, graph.Eval)
	w, tokens := cfg.newNetwork(b, 1, 1, true)
	w.logits(tokens)
	for _, past := range w.past {
		m.past = append(m.past, past.Shape())
	}
	return m, b.Err()
}

// nll adds -log p, in nats, of each target of n sequences, (n, t), to a graph.
func (c Config) nll(b *graph.Builder, n int, goOn bool) (w *network, nll *graph.Node) {
	w, tokens := c.newNetwork(b, n, c.Context, goOn)
	targets := b.IntInput("targets", n, c.Context)
	return w, op.SoftmaxCrossEntropy(w.logits(tokens), targets)
}

// Params returns the model's parameters.
func (m *Model) Params() *graph.Params { return m.params }

// Config returns the model's configuration, with the defaults in place.
func (m *Model) Config() Config { return m.cfg }

// Gradient implements train.Objective. The batch's X is integers (n, t+1), t Context, windows of a text: tokens 1
// to t of each are predicted from those before them in the window. "loss" is -log p in nats per token. Targets
// Y, if there are, are the weights (n, t) of the predictions of a window; else each is 1/t.
func (m *Model) Gradient(key graph.Key, b data.Batch) (train.Metrics, error) {
	weights, err := m.check(b)
	if err != nil {
		return nil, err
	}
	loss, err := graph.First(m.gradient.Run(key, b.N, append(m.inputs(b.X.Int), weights)...))
	if err != nil {
		return nil, err
	}
	return train.Metrics{train.Loss: loss.At(0)}, nil
}

// Evaluate implements train.Evaluator, with the metrics of Gradient, without dropout.
func (m *Model) Evaluate(_ graph.Key, b data.Batch) (train.Metrics, error) {
	weights, err := m.check(b)
	if err != nil {
		return nil, err
	}
	nll, err := m.score(context.Background(), b.X.Int)
	if err != nil {
		return nil, err
	}
	total := 0.0
	for i, v := range nll {
		total += weights.At(i) * v
	}
	return train.Metrics{train.Loss: total / float64(b.N)}, nil
}
