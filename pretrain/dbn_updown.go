package pretrain

import (
	"context"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// upDown is the up-down algorithm of one batch as nodes.
type upDown struct {
	wake, sleep []*graph.Node // states of all layers, from the visible one up
	v0, vk      *graph.Node   // visible units of the top machine before and after its Gibbs steps
	gen, rec    *graph.Node   // losses of the wake and of the sleep phase; nil with one hidden layer
	top         *graph.Node   // mean F(v0) - mean F(vk)
}

// outputs are the sum that is differentiated, and its parts.
func (u upDown) outputs() []*graph.Node {
	if u.gen == nil {
		return []*graph.Node{u.top}
	}
	return []*graph.Node{op.Add(op.Add(u.gen, u.rec), u.top), u.gen, u.rec, u.top}
}

// objective adds the up-down algorithm to a graph (Hinton, Osindero & Teh 2006, appendix B). The states of
// both phases are draws, through which no gradient passes, so that every part of the loss reaches only the
// weights that predict: the generative ones from wake to the layer below, the recognition ones from sleep to
// the layer above, those of the top machine by contrastive divergence. The paper takes drawn hidden
// states of the top machine for its statistics; here they are summed out, which has the same mean and
// less noise.
func (d *DBN) objective(b *graph.Builder, n int) upDown {
	w := d.bind(b)
	frozen := w.frozen()
	x := b.Input("x", n, d.cfg.Visible)
	u := upDown{wake: frozen.ascend(x)}
	u.v0 = u.wake[len(u.wake)-1]
	if d.cfg.Labels > 0 {
		u.v0 = op.Concat(1, u.v0, b.Input("labels", n, d.cfg.Labels))
	}
	u.vk = d.negative(b, frozen, u.v0)
	u.sleep = frozen.descend(frozen.penultimate(u.vk))
	u.top = op.Sub(op.Mean(w.top.FreeEnergy(u.v0)), op.Mean(w.top.FreeEnergy(op.StopGradient(u.vk))))
	for i := range d.cfg.top() {
		gen := op.Mean(op.BernoulliNLL(w.generate(i, op.StopGradient(u.wake[i+1]), op.Identity), op.StopGradient(u.wake[i])))
		rec := op.Mean(op.BernoulliNLL(w.recognise(i, op.StopGradient(u.sleep[i]), op.Identity), op.StopGradient(u.sleep[i+1])))
		if i == 0 {
			u.gen, u.rec = gen, rec
		} else {
			u.gen, u.rec = op.Add(u.gen, gen), op.Add(u.rec, rec)
		}
	}
	return u
}

// negative is the end of the top machine's chains (n or Chains, d+Labels): from v0, or persistent.
func (d *DBN) negative(b *graph.Builder, frozen belief, v0 *graph.Node) *graph.Node {
	if d.cfg.Chains == 0 {
		return frozen.chain(v0, d.cfg.Steps)
	}
	chains := b.Buffer("chains", graph.Zeros, d.cfg.Chains, d.cfg.units(d.cfg.top())+d.cfg.Labels)
	vk := frozen.chain(chains, d.cfg.Steps)
	b.Update(chains, vk)
	return vk
}

// topObjective is contrastive divergence of the top machine on draws of the layer below.
func (d *DBN) topObjective(b *graph.Builder, n int) []*graph.Node {
	w := d.bind(b)
	frozen := w.frozen()
	states := frozen.ascend(b.Input("x", n, d.cfg.Visible))
	v0 := states[len(states)-1]
	if d.cfg.Labels > 0 {
		v0 = op.Concat(1, v0, b.Input("labels", n, d.cfg.Labels))
	}
	v0 = op.StopGradient(v0)
	vk := op.StopGradient(d.negative(b, frozen, v0))
	return []*graph.Node{op.Sub(op.Mean(w.top.FreeEnergy(v0)), op.Mean(w.top.FreeEnergy(vk)))}
}

// Gradient implements train.Objective: the direction of the up-down algorithm, contrastive wake-sleep, which
// is the gradient of no function. Examples are in [0, 1]; with Labels the targets are labels (n). The metric
// "loss" is "wake" + "sleep" + "top": the cross-entropy, in nats, of the layers' states given those above, in
// the wake phase; of those given the ones below, in the sleep phase; and the difference of free energies
// of the top machine, which is no likelihood.
func (d *DBN) Gradient(key graph.Key, b data.Batch) (train.Metrics, error) {
	outs, err := d.run(d.upDown, key, b)
	if err != nil {
		return nil, err
	}
	m := train.Metrics{train.Loss: outs[0].At(0)}
	for i, name := range []string{"wake", "sleep", "top"} {
		if len(outs) == 4 {
			m[name] = outs[i+1].At(0)
		}
	}
	return m, nil
}

// run calls an objective on a batch.
func (d *DBN) run(f *graph.Function, key graph.Key, b data.Batch) ([]graph.Array, error) {
	x, err := d.examples(b.X)
	if err != nil {
		return nil, err
	}
	in := []graph.Array{x}
	if d.cfg.Labels > 0 {
		if b.Y.IsZero() {
			return nil, errors.Wrap(data.ErrLabel, "the examples have no labels")
		}
		if err := checkLabels(b.Y, b.N, d.cfg.Labels); err != nil {
			return nil, err
		}
		in = append(in, oneHot(b.Y.Int, d.cfg.Labels))
	}
	return f.Run(key, b.N, in...)
}

// examples views x (n, ...) as (n, d) and checks that it is in [0, 1].
func (d *DBN) examples(x graph.Array) (graph.Array, error) {
	x, err := x.Examples(d.cfg.Visible)
	if err != nil {
		return x, err
	}
	return x, x.CheckRange(0, 1)
}

// oneHot is labels as rows (n, classes) with a single 1.
func oneHot(labels []int, classes int) graph.Array {
	x := make([]float32, len(labels)*classes)
	for i, label := range labels {
		x[i*classes+label] = 1
	}
	return graph.Floats32(x, len(labels), classes)
}

// scores is the cross-entropy of x and its reconstruction, by means all the way up and down.
func (d *DBN) scores(b *graph.Builder, n int) []*graph.Node {
	w := d.bind(b)
	x := b.Input("x", n, d.cfg.Visible)
	h := w.top.HiddenMean(d.withLabels(b, w, w.means(x)))
	y := w.penultimate(op.AffineT(h, w.top.W, w.top.B, op.Identity))
	for i := len(w.gen) - 1; i >= 0; i-- {
		y = w.generate(i, op.Sigmoid(y), op.Identity)
	}
	return []*graph.Node{op.Mean(op.BernoulliNLL(y, x))}
}

// withLabels joins the probabilities of the labels to the states of the layer below the top.
func (d *DBN) withLabels(b *graph.Builder, w belief, h *graph.Node) *graph.Node {
	if d.cfg.Labels == 0 {
		return h
	}
	return op.Concat(1, h, op.Softmax(w.labelLogits(h)))
}

// Evaluate implements train.Evaluator. "loss" is the cross-entropy, in nats, of an example and its
// reconstruction by the means of all layers, up to the top and down again: no likelihood, see Bound. With
// labels, "error" is the part of the examples that Predict gives another label.
func (d *DBN) Evaluate(key graph.Key, b data.Batch) (train.Metrics, error) {
	x, err := d.examples(b.X)
	if err != nil {
		return nil, err
	}
	outs, err := d.evaluate.Run(key, b.N, x)
	if err != nil {
		return nil, err
	}
	m := train.Metrics{train.Loss: outs[0].At(0)}
	if d.cfg.Labels == 0 {
		return m, nil
	}
	if b.Y.IsZero() {
		return nil, errors.Wrap(data.ErrLabel, "the examples have no labels")
	}
	if err := checkLabels(b.Y, b.N, d.cfg.Labels); err != nil {
		return nil, err
	}
	p, err := d.Predict(x)
	if err != nil {
		return nil, err
	}
	wrong := 0.0
	for i, label := range largest(p) {
		if label != b.Y.Int[i] {
			wrong++
		}
	}
	m["error"] = wrong / float64(b.N)
	return m, nil
}

// Predict returns the probabilities of the labels (n, Labels) of examples (n, ...): those of the top machine,
// by its free energy with each label, given the means of the layer below.
func (d *DBN) Predict(x graph.Array) (graph.Array, error) {
	if d.cfg.Labels == 0 {
		return graph.Array{}, errors.Wrap(ErrConfig, "the net has no labels")
	}
	x, err := d.examples(x)
	if err != nil {
		return graph.Array{}, err
	}
	return graph.First(d.classify.Map(graph.Key{}, chunk, x))
}

// greedyTop is the objective of TrainTop.
type greedyTop struct{ *DBN }

func (g greedyTop) Gradient(key graph.Key, b data.Batch) (train.Metrics, error) {
	outs, err := g.run(g.greedy, key, b)
	if err != nil {
		return nil, err
	}
	return train.Metrics{train.Loss: outs[0].At(0)}, nil
}

// TrainTop trains the top machine alone, greedily, by contrastive divergence on draws of the layer below,
// given the examples, labels joined to them if the net has any. Nothing else moves.
func (d *DBN) TrainTop(ctx context.Context, src data.Source, cfg train.Config) (*train.Result, error) {
	cfg.Optim.RateScales = slices.Clone(cfg.Optim.RateScales)
	if d.cfg.top() > 0 {
		cfg.Optim.RateScales = append(cfg.Optim.RateScales, optim.RateScale{Prefix: "gen"}, optim.RateScale{Prefix: "rec"})
	}
	return train.Run(ctx, greedyTop{d}, src, cfg)
}
