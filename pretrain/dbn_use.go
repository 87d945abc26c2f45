package pretrain

import (
	"context"
	"fmt"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

const kindDBN = "pretrain-dbn"

// Encode returns the means (n, h) of the layer below the top machine for examples (n, ...) in [0, 1].
func (d *DBN) Encode(x graph.Array) (graph.Array, error) {
	x, err := d.examples(x)
	if err != nil {
		return graph.Array{}, err
	}
	return graph.First(d.encode.Map(graph.Key{}, chunk, x))
}

// Decode returns the means (n, d) of the visible layer for means (n, h) in [0, 1] of the layer below the top
// machine, by those of all layers on the way down. Of what Encode gives it is a reconstruction that the top
// machine has no part in.
func (d *DBN) Decode(h graph.Array) (graph.Array, error) {
	h, err := h.Examples(d.cfg.units(d.cfg.top()))
	if err != nil {
		return graph.Array{}, err
	}
	if err := h.CheckRange(0, 1); err != nil {
		return graph.Array{}, err
	}
	return graph.First(d.decode.Map(graph.Key{}, chunk, h))
}

// Fantasy says what a net is to generate.
type Fantasy struct {
	// N is the number of examples, at least 1: as many Gibbs chains side by side.
	N int

	// Steps is the number of Gibbs steps in the top machine, at least 1. Some hundreds to thousands are
	// usual.
	Steps int

	// Labels (N) clamps the label of each example. nil leaves the labels free.
	Labels []int

	// Start (N, ...) are the examples whose codes the chains start from. The zero Array starts them from
	// coins.
	Start graph.Array
}

// Generate draws examples from the net: Gibbs sampling in the top machine, then one pass down in which
// every layer is drawn given the one above. It returns the means (N, d) of the visible units (with one
// hidden layer, the last draws), and the labels (N) that the top machine ended with, nil if it has none.
func (d *DBN) Generate(ctx context.Context, key graph.Key, f Fantasy) (x graph.Array, labels []int, err error) {
	if err := d.checkFantasy(f); err != nil {
		return x, nil, err
	}
	v, err := d.start(key.Fork("start"), f)
	if err != nil {
		return x, nil, err
	}
	c := d.cfg
	units := c.units(c.top())
	for i := range f.Steps {
		if err := ctx.Err(); err != nil {
			return x, nil, err
		}
		outs, err := d.gibbs.Run(key.Fork("step").ForkN(i), f.N, v...)
		if err != nil {
			return x, nil, err
		}
		v[0] = outs[0]
		if c.Labels > 0 && f.Labels == nil {
			v[1] = outs[1]
		}
	}
	if c.Labels > 0 {
		labels = largest(v[1])
	}
	x, err = graph.First(d.down.Map(key.Fork("down"), chunk, v[0].Reshape(f.N, units)))
	return x, labels, err
}

func (d *DBN) checkFantasy(f Fantasy) error {
	most := min(maxUnits, maxWeights/max(d.cfg.Visible, d.cfg.units(d.cfg.top())))
	switch {
	case f.N < 1 || f.N > most || f.Steps < 1:
		return errors.Wrapf(ErrConfig, "%d examples after %d Gibbs steps, expected 1 to %d and at least 1", f.N, f.Steps, most)
	case f.Labels != nil && d.cfg.Labels == 0:
		return errors.Wrap(ErrConfig, "labels are given, but the net has none")
	case !f.Start.IsZero() && (len(f.Start.Shape) == 0 || f.Start.Shape[0] != f.N):
		return errors.Wrapf(graph.ErrShape, "start of shape %v for %d examples", f.Start.Shape, f.N)
	}
	if f.Labels == nil {
		return nil
	}
	return checkLabels(graph.Ints(f.Labels, len(f.Labels)), f.N, d.cfg.Labels)
}

// start is the first state of the chains: the layer below the top (N, h), and the labels (N, Labels).
func (d *DBN) start(key graph.Key, f Fantasy) ([]graph.Array, error) {
	c := d.cfg
	p := make([]float32, f.N*c.units(c.top()))
	if f.Start.IsZero() {
		for i := range p {
			p[i] = 0.5
		}
	} else {
		h, err := d.Encode(f.Start)
		if err != nil {
			return nil, err
		}
		for i := range p {
			p[i] = float32(h.At(i))
		}
	}
	graph.Bernoulli(key, p, p)
	v := []graph.Array{graph.Floats32(p, f.N, c.units(c.top()))}
	if c.Labels == 0 {
		return v, nil
	}
	labels := f.Labels
	if labels == nil {
		u := make([]float32, f.N)
		graph.Uniform(key.Fork("labels"), u)
		for _, x := range u {
			labels = append(labels, min(int(x*float32(c.Labels)), c.Labels-1))
		}
	}
	return append(v, oneHot(labels, c.Labels)), nil
}

// gibbsStep is one step of the top machine's chain: the layer below it and its labels, before and after.
func (d *DBN) gibbsStep(b *graph.Builder, n int) []*graph.Node {
	w, units := d.bind(b), d.cfg.units(d.cfg.top())
	v := b.Input("h", n, units)
	if d.cfg.Labels == 0 {
		return []*graph.Node{w.chain(v, 1)}
	}
	v = w.chain(op.Concat(1, v, b.Input("labels", n, d.cfg.Labels)), 1)
	return []*graph.Node{w.penultimate(v), op.Slice(v, 1, units, units+d.cfg.Labels)}
}

// Bound returns estimates (n) of the variational lower bound on log p(x) of examples (n, ...), in nats, each the
// mean over a number of draws of the hidden layers from the recognition weights (Salakhutdinov & Murray
// 2008, "On the quantitative analysis of deep belief networks"):
//
//	log p(x) >= E_q[log p(x, h1, ...)] + H(q),
//
// with the entropies of the layers summed out, given the layer below. logZ is that of the top machine: of
// Top's LogZ, or an estimate by its AIS. Examples are 0 or 1 for a likelihood. Nets with labels are an
// error.
func (d *DBN) Bound(ctx context.Context, key graph.Key, x graph.Array, draws int, logZ float64) (graph.Array, error) {
	if d.cfg.Labels > 0 {
		return graph.Array{}, errors.Wrap(ErrConfig, "the bound of a net with labels")
	}
	if draws < 1 || math.IsNaN(logZ) || math.IsInf(logZ, 0) {
		return graph.Array{}, errors.Wrapf(ErrConfig, "a bound by %d draws with log Z %g, expected at least 1 and a finite number", draws, logZ)
	}
	x, err := d.examples(x)
	if err != nil {
		return graph.Array{}, err
	}
	mean := make([]float64, x.Shape[0])
	for i := range draws {
		if err := ctx.Err(); err != nil {
			return graph.Array{}, err
		}
		outs, err := d.bound.Map(key.Fork("bound").ForkN(i), chunk, x)
		if err != nil {
			return graph.Array{}, err
		}
		for r := range mean {
			mean[r] += (outs[0].At(r) - logZ) / float64(draws)
		}
	}
	return graph.Floats64(mean, len(mean)), nil
}

// boundTerms is one draw of the bound (n), without log Z.
func (d *DBN) boundTerms(b *graph.Builder, n int) []*graph.Node {
	w := d.bind(b)
	states := w.ascend(b.Input("x", n, d.cfg.Visible))
	total := op.Neg(w.top.FreeEnergy(states[len(states)-1]))
	for i := range w.gen {
		total = op.Sub(total, op.BernoulliNLL(w.generate(i, states[i+1], op.Identity), states[i]))
		logits := w.recognise(i, states[i], op.Identity)
		total = op.Add(total, op.BernoulliNLL(logits, op.Sigmoid(logits))) // the entropy of q
	}
	return []*graph.Node{total}
}

// Network makes a classifier or regressor whose hidden layers start from the recognition weights and the top
// machine's, for fine-tuning by back-propagation. Of labels nothing is used.
func (d *DBN) Network(h Head) (*Network, error) {
	cfg := NetworkConfig{Shape: []int{d.cfg.Visible}, Hidden: d.recognition(h.Init), Task: h.Task, Outputs: h.Outputs, OutputInit: h.Init, Normalizer: d.cfg.Normalizer, Seed: h.Seed}
	if h.Dropout != nil && len(h.Dropout) != len(cfg.Hidden) {
		return nil, errors.Wrapf(ErrConfig, "Dropout of %d layers for a net of %d", len(h.Dropout), len(cfg.Hidden))
	}
	for i, rate := range h.Dropout {
		cfg.Hidden[i].Dropout = rate
	}
	n, err := NewNetwork(cfg)
	if err != nil {
		return nil, err
	}
	values := map[string]graph.Array{}
	for i := range cfg.Hidden {
		from, to := fmt.Sprintf("rec/%d/", i), fmt.Sprintf("hidden/%d/", i)
		if i == d.cfg.top() {
			from = "top/"
		}
		values[to+"w"] = d.params.Lookup(from+"w").Value().Rows(0, d.cfg.units(i))
		values[to+"b"] = d.params.Lookup(from + "c").Value()
	}
	return n, setAll(n.params, values)
}

// Save writes the net to a file.
func (d *DBN) Save(path string) error { return ckpt.SaveModel(path, kindDBN, d.cfg, nil, d.params) }

// LoadDBN reads a net that Save has written.
func LoadDBN(path string) (*DBN, error) {
	return ckpt.LoadModel(path, kindDBN, (*DBNConfig).validate, DBNConfig.weights, buildDBN)
}
