package rbm

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// A Model is a restricted Boltzmann machine: a train.Objective and a train.Evaluator in training, and
// afterwards safe for concurrent use.
type Model struct {
	cfg      Config
	params   *graph.Params
	gradient *graph.Function

	// Programs of use, of examples v (n, d) or hidden states h (n, h).
	score       *graph.Function // v, others: metrics of Evaluate
	pseudo      *graph.Function // v, others: negative pseudo-log-likelihood of one feature (n)
	joint       *graph.Function // v, h: energy (n)
	free        *graph.Function // v: free energy (n)
	transform   *graph.Function // v: features (n, h)
	hiddenMean  *graph.Function
	hiddenDraw  *graph.Function
	visibleMean *graph.Function
	visibleDraw *graph.Function
	reconstruct *graph.Function // v: (n, d)
	step        *graph.Function // v: (n, d) after a Gibbs step
	clamped     *graph.Function // see clamping
	anneal      *graph.Function // see annealing
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
	m.score = graph.NewFunction(p, m.scores)
	m.pseudo = graph.NewFunction(p, m.conditionals)
	m.anneal = graph.NewFunction(p, m.annealing)
	m.clamped = graph.NewFunction(p, m.clamping)
	m.joint = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{m.Bind(b).Energy(b.Input("v", n, cfg.Visible), b.Input("h", n, cfg.Hidden))}
	})
	m.free = m.function(cfg.Visible, Weights.FreeEnergy)
	m.transform = m.function(cfg.Visible, Weights.Features)
	m.hiddenMean = m.function(cfg.Visible, Weights.HiddenMean)
	m.hiddenDraw = m.function(cfg.Visible, Weights.HiddenSample)
	m.visibleMean = m.function(cfg.Hidden, Weights.VisibleMean)
	m.visibleDraw = m.function(cfg.Hidden, Weights.VisibleSample)
	m.reconstruct = m.function(cfg.Visible, Weights.reconstruction)
	m.step = m.function(cfg.Visible, func(w Weights, v *graph.Node) *graph.Node { return w.Gibbs(v, 1) })
	return m, m.gradient.Prepare(1) // creates all parameters
}

// function is a Function of states (n, units) of one side.
func (m *Model) function(units int, f func(w Weights, x *graph.Node) *graph.Node) *graph.Function {
	return graph.NewFunction(m.params, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{f(m.Bind(b), b.Input("x", n, units))}
	})
}

// objective is the training graph; see Gradient.
func (m *Model) objective(b *graph.Builder, n int) []*graph.Node {
	w := m.Bind(b)
	v0 := b.Input("v", n, m.cfg.Visible)
	logits := w.HiddenLogits(v0)
	vk, outs := m.negative(b, w.forChain(m.cfg.Steps), v0, logits)
	if m.cfg.Centring > 0 {
		m.offsets(b, v0, op.Sigmoid(logits))
	}
	data, model := w.contrast(v0, logits, vk, w.HiddenLogits(vk))
	loss := op.Sub(data, model)
	if m.cfg.SparsityTarget > 0 {
		loss = op.Add(loss, m.sparsity(b, w, v0, logits))
	}
	return append([]*graph.Node{loss, data}, outs...)
}

// negative is the end of the Gibbs chains (n or Chains, d), from the batch v0 with its hidden logits or
// from the persistent chains. With contrastive divergence there is another result: the squared error of
// the first step's mean.
func (m *Model) negative(b *graph.Builder, w Weights, v0, logits *graph.Node) (vk *graph.Node, outs []*graph.Node) {
	if m.cfg.Chains > 0 {
		c := &m.cfg
		chains := b.Buffer("chains", m.startChains, c.Chains*max(1, c.Temperatures), c.Visible)
		if c.Temperatures == 0 {
			vk = m.stopped(m.chain(w, chains, c.Steps))
			b.Update(chains, vk)
			return vk, nil
		}
		all := ladder{c.Temperatures, c.Chains}.step(w, chains, c.Steps)
		b.Update(chains, all)
		return op.Slice(all, 0, 0, c.Chains), nil
	}
	mean := w.VisibleMean(w.hiddenSample(logits)) // the first step shares v0's logits
	v := mean
	if !m.cfg.VisibleMeans {
		v = w.visibleDraw(mean)
	}
	return m.stopped(m.chain(w, v, m.cfg.Steps-1)), []*graph.Node{op.Mean(op.SquaredError(mean, v0))}
}

// stopped lets no gradient pass to the chain that ends in v; through draws of zeros and ones none does.
func (m *Model) stopped(v *graph.Node) *graph.Node {
	if m.cfg.VisibleUnits != Gaussian && !m.cfg.VisibleMeans {
		return v
	}
	return op.StopGradient(v)
}

// chain is k steps of training's Gibbs sampling.
func (m *Model) chain(w Weights, v *graph.Node, k int) *graph.Node {
	if !m.cfg.VisibleMeans {
		return w.Gibbs(v, k)
	}
	for range k {
		v = w.VisibleMean(w.HiddenSample(v))
	}
	return v
}

// Params returns the model's parameters: "w" (d, h), "b" (d), "c" (h); "logvar" (d), log sigma^2 of
// Gaussian visible units, a parameter if learnt, a buffer if fixed at another value than 0; with
// persistent chains the buffer "chains" (Chains, d), with parallel tempering (Temperatures Chains, d), those
// at temperature 1 first; with a sparsity target "activity" (h), and with centring "offset/visible" (d) and
// "offset/hidden" (h).
func (m *Model) Params() *graph.Params { return m.params }

// Config returns the model's configuration.
func (m *Model) Config() Config { return m.cfg }
