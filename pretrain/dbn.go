package pretrain

import (
	"fmt"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/rbm"
	"github.com/pkg/errors"
)

// DBNConfig describes a deep belief net of Bernoulli units. Its JSON form is part of model files.
type DBNConfig struct {
	// Visible is d, the number of elements of an example, each in [0, 1].
	Visible int `json:"visible"`

	// Hidden are the numbers of units of the hidden layers from the bottom up, at least one. The top two
	// layers are a restricted Boltzmann machine.
	Hidden []int `json:"hidden"`

	// Labels is the number of classes, at least 2, whose softmax group joins the visible units of the top
	// machine (Hinton, Osindero & Teh 2006, figure 1). The default, 0, is none.
	Labels int `json:"labels,omitempty"`

	// Steps is k, the Gibbs steps in the top machine behind one gradient, 1 to 1000. The paper raises it
	// from 3 to 10 in the course of training.
	Steps int `json:"steps"`

	// Chains is the number of persistent chains of the top machine (Tieleman 2008): the negative and the
	// sleep phase go on from where they were instead of from the wake phase, which makes better fantasies.
	// The default, 0, is contrastive divergence, as in the paper.
	Chains int `json:"chains,omitempty"`

	// Seed decides the initial weights, which are normal with mean 0 and standard deviation 0.01.
	Seed uint64 `json:"seed"`
}

// validate says what is wrong with the configuration, if anything, as an ErrConfig.
func (c DBNConfig) validate() error {
	bad := func(format string, args ...any) error { return errors.Wrapf(ErrConfig, format, args...) }
	if len(c.Hidden) == 0 || len(c.Hidden) > maxLayers {
		return bad("%d hidden layers, expected 1 to %d", len(c.Hidden), maxLayers)
	}
	for i, units := range append([]int{c.Visible}, c.Hidden...) {
		if units < 1 || units > maxUnits {
			return bad("layer %d of %d units, expected 1 to %d", i, units, maxUnits)
		}
	}
	switch {
	case c.Labels < 0 || c.Labels == 1 || c.Labels > maxUnits:
		return bad("%d labels, expected 0 for none, or at least 2", c.Labels)
	case c.Steps < 1 || c.Steps > 1000:
		return bad("%d steps of Gibbs sampling, expected 1 to 1000", c.Steps)
	case c.Chains < 0 || c.Chains > maxUnits:
		return bad("%d persistent chains, expected 0 for none, to %d", c.Chains, maxUnits)
	case c.weights() > maxWeights:
		return bad("%.0f weights, at most %d are possible", c.weights(), maxWeights)
	}
	return nil
}

// top is the number of the layer below the top machine's hidden units: 0 is the visible one.
func (c DBNConfig) top() int { return len(c.Hidden) - 1 }

// units is the size of layer i, 0 the visible one.
func (c DBNConfig) units(i int) int {
	if i == 0 {
		return c.Visible
	}
	return c.Hidden[i-1]
}

// weights is the number of weights, biases and states of chains: as a float64, since a damaged configuration may ask for
// any number.
func (c DBNConfig) weights() float64 {
	total := 0.0
	for i := range c.top() {
		d, h := float64(c.units(i)), float64(c.units(i+1))
		total += 2*d*h + d + h
	}
	d, h := float64(c.units(c.top()))+float64(c.Labels), float64(c.units(c.top()+1))
	return total + d*h + d + h + d*float64(c.Chains)
}

// A DBN is a deep belief net (Hinton, Osindero & Teh 2006, "A fast learning algorithm for deep belief
// nets"): p(x) = sum p(x | h1) p(h1 | h2) ... p(h), the last a restricted Boltzmann machine. With layers
// counted from the visible one, 0, its parameters are, for each layer i below the top machine, the generative
// weights "gen/i/w" (d, h) with biases "gen/i/b" (d) and the recognition weights "rec/i/w" (d, h) with biases
// "rec/i/c" (h); and the top machine's "top/w", "top/b", "top/c", of which the last Labels rows are those
// of the labels. Persistent chains are the buffer "chains" (Chains, d).
//
// It is a train.Objective, that of the up-down algorithm, and a train.Evaluator; afterwards it is safe for
// concurrent use.
type DBN struct {
	cfg    DBNConfig
	params *graph.Params

	upDown   *graph.Function // x, labels: see objective
	greedy   *graph.Function // x, labels: that of the top machine alone
	evaluate *graph.Function // x: cross-entropy of the mean reconstruction
	classify *graph.Function // x: probabilities of the labels (n, Labels)
	encode   *graph.Function // x: means of the layer below the top (n, h)
	gibbs    *graph.Function // visible units of the top machine, clamped labels or not: after a step
	down     *graph.Function // states of the layer below the top: means of x
	bound    *graph.Function // x: terms of the bound, see Bound
}

// NewDBN makes a deep belief net with small random weights. See Stack.DBN for a pretrained one.
func NewDBN(cfg DBNConfig) (*DBN, error) { return newDBN(cfg, graph.Float32) }

func newDBN(cfg DBNConfig, dtype graph.DType) (*DBN, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg.Hidden = slices.Clone(cfg.Hidden)
	p := graph.NewParams(dtype, graph.NewKey(cfg.Seed))
	d := &DBN{cfg: cfg, params: p}
	d.upDown = graph.NewGradient(p, func(b *graph.Builder, n int) []*graph.Node { return d.objective(b, n).outputs() })
	d.greedy = graph.NewGradient(p, d.topObjective)
	d.evaluate = graph.NewFunction(p, d.scores)
	d.encode = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{d.bind(b).means(b.Input("x", n, cfg.Visible))}
	})
	d.classify = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		w := d.bind(b)
		return []*graph.Node{op.Softmax(w.labelLogits(w.means(b.Input("x", n, cfg.Visible))))}
	})
	d.gibbs = graph.NewFunction(p, d.gibbsStep)
	d.down = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		w := d.bind(b)
		return []*graph.Node{w.descend(b.Input("h", n, cfg.units(cfg.top())))[0]}
	})
	d.bound = graph.NewFunction(p, d.boundTerms)
	return d, d.upDown.Prepare(1) // creates all parameters
}

// Params returns the net's parameters.
func (d *DBN) Params() *graph.Params { return d.params }

// Config returns the net's configuration.
func (d *DBN) Config() DBNConfig { return d.cfg }

// belief are a net's parameters in one graph.
type belief struct {
	gen, rec []affineNodes // of layers 0 to top-1
	top      rbm.Weights   // of visible units (penultimate, labels)
	labels   int
}

// affineNodes are weights (d, h) with the biases of the side that they lead to.
type affineNodes struct{ w, bias *graph.Node }

// bind binds the parameters to a graph.
func (d *DBN) bind(b *graph.Builder) belief {
	small := graph.NormalWith(0.01)
	c := d.cfg
	w := belief{labels: c.Labels}
	for i := range c.top() {
		gen, rec := b.Scope(fmt.Sprintf("gen/%d", i)), b.Scope(fmt.Sprintf("rec/%d", i))
		in, out := c.units(i), c.units(i+1)
		w.gen = append(w.gen, affineNodes{gen.Param("w", small, in, out), gen.Param("b", graph.Zeros, in)})
		w.rec = append(w.rec, affineNodes{rec.Param("w", small, in, out), rec.Param("c", graph.Zeros, out)})
	}
	top, in, out := b.Scope("top"), c.units(c.top())+c.Labels, c.units(c.top()+1)
	w.top = rbm.Weights{W: top.Param("w", small, in, out), B: top.Param("b", graph.Zeros, in), C: top.Param("c", graph.Zeros, out)}
	return w
}

// frozen is the same net, with no gradient passing to its parameters.
func (w belief) frozen() belief {
	stop := func(list []affineNodes) []affineNodes {
		var stopped []affineNodes
		for _, a := range list {
			stopped = append(stopped, affineNodes{op.StopGradient(a.w), op.StopGradient(a.bias)})
		}
		return stopped
	}
	return belief{gen: stop(w.gen), rec: stop(w.rec), top: w.top.Frozen(), labels: w.labels}
}

// recognise is act(x rec + c) of layer i+1 given layer i: x (n, d), result (n, h).
func (w belief) recognise(i int, x *graph.Node, act op.Activation) *graph.Node {
	return op.Affine(x, w.rec[i].w, w.rec[i].bias, act)
}

// generate is act(h gen' + b) of layer i given layer i+1: h (n, h), result (n, d).
func (w belief) generate(i int, h *graph.Node, act op.Activation) *graph.Node {
	return op.AffineT(h, w.gen[i].w, w.gen[i].bias, act)
}

// means is the layer below the top by the means of each layer on the way: x (n, d), result (n, h).
func (w belief) means(x *graph.Node) *graph.Node {
	for i := range w.rec {
		x = w.recognise(i, x, op.SigmoidActivation)
	}
	return x
}

// ascend draws every layer given the one below it: x (n, d), results x and the layers above, up to the
// one below the top.
func (w belief) ascend(x *graph.Node) []*graph.Node {
	states := []*graph.Node{x}
	for i := range w.rec {
		x = op.Bernoulli(w.recognise(i, x, op.SigmoidActivation))
		states = append(states, x)
	}
	return states
}

// descend draws every layer given the one above it, but for the visible one, of which it has the means:
// h (n, h), results from the visible layer up to h itself.
func (w belief) descend(h *graph.Node) []*graph.Node {
	states := []*graph.Node{h}
	for i := len(w.gen) - 1; i >= 0; i-- {
		h = w.generate(i, h, op.SigmoidActivation)
		if i > 0 {
			h = op.Bernoulli(h)
		}
		states = append(states, h)
	}
	slices.Reverse(states)
	return states
}

// chain takes k Gibbs steps in the top machine from visible units v (n, d+Labels), labels among them
// unless there are none.
func (w belief) chain(v *graph.Node, k int) *graph.Node {
	for range k {
		x := op.AffineT(w.top.HiddenSample(v), w.top.W, w.top.B, op.Identity)
		v = w.draw(x)
	}
	return v
}

// draw draws the visible units of the top machine from their logits (n, d+Labels).
func (w belief) draw(x *graph.Node) *graph.Node {
	if w.labels == 0 {
		return op.Bernoulli(op.Sigmoid(x))
	}
	units := x.Dim(1) - w.labels
	below := op.Bernoulli(op.Sigmoid(op.Slice(x, 1, 0, units)))
	label := op.Categorical(op.Softmax(op.Slice(x, 1, units, units+w.labels)))
	return op.Concat(1, below, label)
}

// penultimate cuts the labels off the visible units of the top machine.
func (w belief) penultimate(v *graph.Node) *graph.Node {
	if w.labels == 0 {
		return v
	}
	return op.Slice(v, 1, 0, v.Dim(1)-w.labels)
}

// labelLogits is minus the free energy of the top machine with each label in turn: states of the layer
// below it (n, h), result (n, Labels).
func (w belief) labelLogits(h *graph.Node) *graph.Node {
	n, units, out := h.Dim(0), h.Dim(1), w.top.W.Dim(1)
	below, label := op.Slice(w.top.W, 0, 0, units), op.Slice(w.top.W, 0, units, units+w.labels)
	base := op.Reshape(op.Affine(h, below, w.top.C, op.Identity), n, 1, out)
	field := op.Sum(op.Softplus(op.Add(base, op.Reshape(label, 1, w.labels, out))), -1) // (n, labels)
	return op.Add(field, op.Slice(w.top.B, 0, units, units+w.labels))
}

// DBNHead says how a stack of machines becomes a deep belief net.
type DBNHead struct {
	// Labels, Steps and Chains are those of DBNConfig.
	Labels, Steps, Chains int

	// Hidden is the number of hidden units of a new top machine on the stack, which is then to be
	// trained by TrainTop. The default, 0, makes the stack's highest machine the top one; the weights of
	// labels, if there are any, start small and random.
	Hidden int

	// Seed decides the weights that the stack does not give.
	Seed uint64
}

// DBN makes a deep belief net of a stack of machines of Bernoulli units: their weights become the
// generative and the recognition weights, which part ways in training.
func (s *Stack) DBN(h DBNHead) (*DBN, error) {
	cfg := DBNConfig{Visible: s.Inputs(), Labels: h.Labels, Steps: h.Steps, Chains: h.Chains, Seed: h.Seed}
	for i, l := range s.layers {
		if l.RBM == nil || l.RBM.VisibleUnits != rbm.Bernoulli || l.RBM.HiddenUnits != rbm.Bernoulli {
			return nil, errors.Wrapf(ErrConfig, "layer %d: a deep belief net is made of machines of Bernoulli units", i)
		}
		cfg.Hidden = append(cfg.Hidden, l.units())
	}
	if h.Hidden != 0 {
		cfg.Hidden = append(cfg.Hidden, h.Hidden)
	}
	d, err := NewDBN(cfg)
	if err != nil {
		return nil, err
	}
	for i, m := range s.models {
		p := m.Params()
		if i == cfg.top() {
			err = d.setTop(p)
		} else {
			err = setAll(d.params, map[string]graph.Array{
				fmt.Sprintf("gen/%d/w", i): p.Lookup("w").Value(), fmt.Sprintf("gen/%d/b", i): p.Lookup("b").Value(),
				fmt.Sprintf("rec/%d/w", i): p.Lookup("w").Value(), fmt.Sprintf("rec/%d/c", i): p.Lookup("c").Value(),
			})
		}
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}

// setTop copies the weights of a machine to the rows of the top one that are not labels.
func (d *DBN) setTop(p *graph.Params) error {
	copy(graph.Values[float32](d.params.Lookup("top/w")), p.Lookup("w").Value().F32)
	copy(graph.Values[float32](d.params.Lookup("top/b")), p.Lookup("b").Value().F32)
	return d.params.Lookup("top/c").Set(p.Lookup("c").Value())
}

func setAll(p *graph.Params, values map[string]graph.Array) error {
	for name, a := range values {
		if err := p.Lookup(name).Set(a); err != nil {
			return err
		}
	}
	return nil
}

// Top returns a copy of the top machine, which has no labels: for its likelihood, samples and filters.
func (d *DBN) Top() (*rbm.Model, error) {
	if d.cfg.Labels > 0 {
		return nil, errors.Wrap(ErrConfig, "the top machine has labels among its visible units, and is no *rbm.Model")
	}
	m, err := rbm.New(rbm.Config{Visible: d.cfg.units(d.cfg.top()), Hidden: d.cfg.units(d.cfg.top() + 1), Steps: d.cfg.Steps, Seed: d.cfg.Seed})
	if err != nil {
		return nil, err
	}
	return m, setAll(m.Params(), map[string]graph.Array{
		"w": d.params.Lookup("top/w").Value(), "b": d.params.Lookup("top/b").Value(), "c": d.params.Lookup("top/c").Value(),
	})
}

// recognition describes the recognition weights as hidden layers of a network.
func (d *DBN) recognition(init nn.Init) []nn.Dense {
	var layers []nn.Dense
	for _, units := range d.cfg.Hidden {
		layers = append(layers, nn.Dense{Units: units, Activation: op.SigmoidActivation, Init: init})
	}
	return layers
}
