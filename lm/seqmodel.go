package lm

import (
	"fmt"
	"sync"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
)

// A SeqModel gives p(target | source) of two sequences of tokens: a train.Objective and a train.Evaluator in training,
// and afterwards safe for concurrent use.
//
// The encoder is a bidirectional LSTM over the source, the decoder an LSTM over the target that starts from the
// encoder's last states, with global attention (Luong, Pham & Manning 2015): with h_t the decoder's hidden units, H the
// encoder's, one row for each token of the source, and s = |h_t|,
//
//	a_t = softmax(h_t (H W_a)' / sqrt(s)), c_t = a_t H, h~_t = tanh([c_t; h_t] W), p_t = softmax(h~_t W_out + b),
//
// the score being their "general" one, divided by sqrt(s). Attention comes after the LSTM alone: h~_t is not fed to
// the next step (their section 3.3 does it), so that whole sequences are computed at once.
//
// A target ends with SeqEnd, which has a probability as tokens have, but one of TargetLength tokens ends there for
// certain. So the probabilities of all targets, the empty one included, sum to 1.
type SeqModel struct {
	cfg    SeqConfig
	params *graph.Params

	gradient [seqLevels]*graph.Function // source and target -> loss
	nll      [seqLevels]*graph.Function // source and target -> -log p(target | source) (n)
	attend   *graph.Function            // source and previous -> weights of attention (n, t, s)
	encode   *graph.Function            // source -> keys, values, starts
	greedy   *graph.Function            // a step of the decoder: see stepFunction

	mu       sync.Mutex
	beam     int             // width of
	searcher *graph.Function // a step of as many hypotheses
}

// NewSeq makes a model with initial weights.
func NewSeq(cfg SeqConfig) (*SeqModel, error) { return newSeq(cfg, graph.Float32) }

func newSeq(cfg SeqConfig, dtype graph.DType) (*SeqModel, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return buildSeq(cfg, graph.NewParams(dtype, graph.NewKey(cfg.Seed)))
}

// buildSeq makes the model of a valid configuration over p.
func buildSeq(cfg SeqConfig, p *graph.Params) (*SeqModel, error) {
	m := &SeqModel{cfg: cfg, params: p}
	network := func(cfg SeqConfig, f func(g *seqNetwork) []*graph.Node) func(b *graph.Builder, n int) []*graph.Node {
		return func(b *graph.Builder, n int) []*graph.Node { return f(&seqNetwork{cfg: cfg, b: b, n: n}) }
	}
	for i := range seqLevels {
		m.gradient[i] = graph.NewGradient(p, network(cfg.at(i+1), func(g *seqNetwork) []*graph.Node {
			return []*graph.Node{op.Mean(g.nll())}
		}))
		m.nll[i] = graph.NewFunction(p, network(cfg.at(i+1), func(g *seqNetwork) []*graph.Node { return []*graph.Node{g.nll()} }))
	}
	m.attend = graph.NewFunction(p, network(cfg, func(g *seqNetwork) []*graph.Node {
		memory := g.encode()
		hidden, _ := g.decode(g.b.IntInput("previous", g.n, cfg.TargetLength), memory.starts)
		return []*graph.Node{g.attention(hidden, memory)}
	}))
	m.encode = graph.NewFunction(p, network(cfg, func(g *seqNetwork) []*graph.Node {
		memory := g.encode()
		return append([]*graph.Node{memory.keys, memory.values}, memory.starts...)
	}))
	m.greedy = m.stepFunction(1)
	return m, m.gradient[0].Prepare(1) // creates all parameters
}

// stepFunction is a step of the decoder for n sources with w hypotheses each: keys and values (n, s, h), skip (n),
// previous (n w, 1), a state (n w, 2h) for each layer -> log-probabilities (n w, outputs), the states after the step.
func (m *SeqModel) stepFunction(w int) *graph.Function {
	cfg := m.cfg
	return graph.NewFunction(m.params, func(b *graph.Builder, n int) []*graph.Node {
		g := &seqNetwork{cfg: cfg, b: b, n: n}
		memory := seqMemory{
			keys:   b.Input("keys", n, cfg.SourceLength, cfg.Units),
			values: b.Input("values", n, cfg.SourceLength, cfg.Units),
			skip:   b.IntInput("skip", n),
		}
		previous := b.IntInput("previous", n*w, 1)
		for i := range cfg.Layers {
			memory.starts = append(memory.starts, b.Input(fmt.Sprintf("start%d", i), n*w, 2*cfg.Units))
		}
		hidden, lasts := g.decode(previous, memory.starts)
		return append([]*graph.Node{op.LogSoftmax(g.logits(hidden, memory))}, lasts...)
	})
}

// step is the step function of a width; it keeps the one last used, beside that of width 1.
func (m *SeqModel) step(w int) *graph.Function {
	if w == 1 {
		return m.greedy
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.beam != w {
		m.beam, m.searcher = w, m.stepFunction(w)
	}
	return m.searcher
}

// Params returns the model's parameters.
func (m *SeqModel) Params() *graph.Params { return m.params }

// Config returns the model's configuration, with the defaults in place.
func (m *SeqModel) Config() SeqConfig { return m.cfg }

// Gradient implements train.Objective for batches as SeqPairs makes them. "loss" is -log p(target | source) in nats
// per sequence.
func (m *SeqModel) Gradient(key graph.Key, b data.Batch) (train.Metrics, error) {
	p, err := m.cfg.batch(b)
	if err != nil {
		return nil, err
	}
	p, level := p.shortened()
	loss, err := graph.First(m.gradient[level-1].Run(key, p.n, p.inputs()...))
	if err != nil {
		return nil, err
	}
	return train.Metrics{train.Loss: loss.At(0)}, nil
}

// Evaluate implements train.Evaluator, with the metrics of Gradient.
func (m *SeqModel) Evaluate(_ graph.Key, b data.Batch) (train.Metrics, error) {
	p, err := m.cfg.batch(b)
	if err != nil {
		return nil, err
	}
	logp, err := m.logLikelihood(p)
	if err != nil {
		return nil, err
	}
	total := 0.0
	for i := range b.N {
		total += logp.At(i)
	}
	return train.Metrics{train.Loss: -total / float64(b.N)}, nil
}
