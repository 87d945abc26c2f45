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
	decode   *graph.Function // means of the layer below the top: means of x, by those of all layers
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
	return buildDBN(cfg, graph.NewParams(dtype, graph.NewKey(cfg.Seed)))
}

// buildDBN makes the net of a valid configuration over p.
func buildDBN(cfg DBNConfig, p *graph.Params) (*DBN, error) {
	d := &DBN{cfg: cfg, params: p}
	d.upDown = graph.NewGradient(p, func(b *graph.Builder, n int) []*graph.Node { return d.objective(b, n).outputs() })
	d.greedy = graph.NewGradient(p, d.topObjective)
	d.evaluate = graph.NewFunction(p, d.scores)
	d.encode = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{d.bind(b).means(b.Input("x", n, cfg.Visible))}
	})
	d.decode = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{d.bind(b).expected(b.Input("h", n, cfg.units(cfg.top())))}
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
	cfg.Normalizer = s.layers[0].RBM.Normalizer
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
