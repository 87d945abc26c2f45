package rbm

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

// A Model is a restricted Boltzmann machine: a train.Objective and a train.Evaluator in training, and
// afterwards safe for concurrent use.
type Model struct {
	cfg         Config
	params      *graph.Params
	gradient    *graph.Function
	evaluate    *graph.Function
	energy      *graph.Function
	transform   *graph.Function
	reconstruct *graph.Function
	step        *graph.Function
	anneal      *graph.Function
}

// New makes a machine with initial weights, and biases of 0. See InitVisible.
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
	m.gradient = graph.NewGradient(p, m.objective)
	m.evaluate = graph.NewFunction(p, m.scores)
	m.anneal = graph.NewFunction(p, m.annealing)
	m.energy = m.function(func(w weights, v *graph.Node) *graph.Node { return FreeEnergy(v, w.w, w.b, w.c) })
	m.transform = m.function(weights.hidden)
	m.reconstruct = m.function(func(w weights, v *graph.Node) *graph.Node { return w.visible(w.hidden(v)) })
	m.step = m.function(func(w weights, v *graph.Node) *graph.Node { return w.gibbs(v, 1) })
	return m, m.gradient.Prepare(1) // creates all parameters
}

// function is a Function of visible units (n, d).
func (m *Model) function(f func(w weights, v *graph.Node) *graph.Node) *graph.Function {
	return graph.NewFunction(m.params, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{f(m.bind(b), b.Input("v", n, m.cfg.Visible))}
	})
}

// objective is the training graph; see Gradient.
func (m *Model) objective(b *graph.Builder, n int) []*graph.Node {
	w := m.bind(b)
	v0 := b.Input("v", n, m.cfg.Visible)
	logits := w.hiddenLogits(v0)
	chain := w.frozen()
	var outs []*graph.Node
	var vk *graph.Node
	if m.cfg.Chains > 0 {
		chains := b.Buffer("chains", coins, m.cfg.Chains, m.cfg.Visible)
		vk = op.StopGradient(chain.gibbs(chains, m.cfg.Steps))
		b.Update(chains, vk)
	} else {
		h0 := op.Bernoulli(op.Sigmoid(op.StopGradient(logits))) // the first step shares v0's logits
		mean := chain.visible(h0)
		vk = op.StopGradient(chain.gibbs(op.Bernoulli(mean), m.cfg.Steps-1))
		outs = []*graph.Node{op.Mean(op.SquaredError(mean, v0))}
	}
	if m.cfg.Centring > 0 {
		m.offsets(b, v0, op.Sigmoid(logits))
	}
	loss := op.Sub(op.Mean(freeEnergy(v0, w.b, logits)), op.Mean(FreeEnergy(vk, w.w, w.b, w.c)))
	return append([]*graph.Node{loss}, outs...)
}

// coins draws the initial state of chains: every unit 1 with probability 1/2.
func coins(key graph.Key, _ []int, v []float64) {
	for i := range v {
		v[i] = 0.5
	}
	graph.Bernoulli(key, v, v)
}

// Params returns the model's parameters: "w" (d, h), "b" (d), "c" (h), with persistent chains the
// buffer "chains" (Chains, d), and with centring "offset/visible" (d) and "offset/hidden" (h).
func (m *Model) Params() *graph.Params { return m.params }

// Config returns the model's configuration.
func (m *Model) Config() Config { return m.cfg }

// InitVisible sets the visible biases to the log-odds of mean (d), the mean of the training data in
// [0, 1], persistent chains to draws from it, and the visible offsets of centring to it. It is for the
// time before training and spares it the learning of the units' means (Hinton 2010, section 8.1). For
// the biases, means are kept 0.001 from 0 and 1.
func (m *Model) InitVisible(mean []float64) error {
	if err := checkMean(mean, m.cfg.Visible); err != nil {
		return err
	}
	b := make([]float64, len(mean))
	for i, p := range mean {
		b[i] = logit(p)
	}
	if offset := m.params.Lookup("offset/visible"); offset != nil {
		if err := offset.Set(graph.Floats64(mean, len(mean))); err != nil {
			return err
		}
	}
	if err := m.params.Lookup("b").Set(graph.Floats64(b, len(b))); err != nil {
		return err
	}
	chains := m.params.Lookup("chains")
	if chains == nil {
		return nil
	}
	v := make([]float64, 0, chains.Size)
	for range m.cfg.Chains {
		v = append(v, mean...)
	}
	graph.Bernoulli(graph.NewKey(m.cfg.Seed).Fork("chains/init"), v, v)
	return chains.Set(graph.Floats64(v, chains.Shape...))
}

func checkMean(mean []float64, d int) error {
	if len(mean) != d {
		return errors.Wrapf(graph.ErrShape, "a mean of %d units for %d visible units", len(mean), d)
	}
	return graph.Floats64(mean, d).CheckRange(0, 1)
}

// logit is the log-odds of p, kept off 0 and 1.
func logit(p float64) float64 {
	p = min(max(p, 1e-3), 1-1e-3)
	return math.Log(p / (1 - p))
}
