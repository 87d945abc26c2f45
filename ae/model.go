package ae

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
)

// A Model is an autoencoder: a train.Objective and a train.Evaluator in training, and afterwards
// safe for concurrent use.
type Model struct {
	*Encoder
	*Decoder
	cfg         Config
	params      *graph.Params
	corruption  data.Corruption // nil for none
	corrupted   []float32       // of the current batch
	gradient    *graph.Function
	evaluate    *graph.Function
	reconstruct *graph.Function
	score       *graph.Function
}

// New makes an autoencoder with initial weights.
func New(cfg Config) (*Model, error) { return newModel(cfg, graph.Float32) }

func newModel(cfg Config, dtype graph.DType) (*Model, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return build(cfg, graph.NewParams(dtype, graph.NewKey(cfg.Seed)))
}

// build makes the model of a valid configuration over p.
func build(cfg Config, p *graph.Params) (*Model, error) {
	m := &Model{Encoder: newEncoder(cfg, p), Decoder: newDecoder(cfg, p), cfg: cfg, params: p}
	if cfg.Corruption != "" {
		m.corruption, _ = data.ParseCorruption(cfg.Corruption) // validated
	}
	d := cfg.Inputs()
	m.gradient = graph.NewGradient(p, func(b *graph.Builder, n int) []*graph.Node {
		clean := b.Input("x", n, d)
		seen := clean
		if m.corruption != nil {
			seen = b.Input("corrupted", n, d)
		}
		return []*graph.Node{m.loss(b, seen, clean)}
	})
	m.evaluate = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		x := b.Input("x", n, d)
		y := m.Decoder.mean(m.Decoder.output(b, m.Encoder.code(b, x)))
		return []*graph.Node{m.loss(b, x, x), op.Mean(op.SquaredError(y, x))}
	})
	m.reconstruct = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{m.Decoder.mean(m.Decoder.output(b, m.Encoder.code(b, b.Input("x", n, d))))}
	})
	m.score = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		x := b.Input("x", n, d)
		return []*graph.Node{m.perExample(m.Decoder.output(b, m.Encoder.code(b, x)), x)}
	})
	return m, m.gradient.Prepare(1) // creates all parameters
}

// perExample is the loss (n) of decoder outputs y (n, d) for inputs x (n, d).
func (m *Model) perExample(y, x *graph.Node) *graph.Node {
	if m.cfg.Loss == CrossEntropy {
		return op.BernoulliNLL(y, x)
	}
	return op.SquaredError(y, x)
}

// loss is the mean over examples of what it costs to reconstruct clean from seen, plus penalties.
func (m *Model) loss(b *graph.Builder, seen, clean *graph.Node) *graph.Node {
	layers := m.Encoder.layers(b, seen)
	loss := op.Mean(m.perExample(m.Decoder.output(b, layers[len(layers)-1]), clean))
	for _, penalty := range m.penalties(b, layers) {
		loss = op.Add(loss, penalty)
	}
	return loss
}

// Params returns the model's parameters.
func (m *Model) Params() *graph.Params { return m.params }

// Config returns the model's configuration.
func (m *Model) Config() Config { return m.cfg }

// Gradient implements train.Objective. The metric "loss" is the training loss of the batch, on
// corrupted inputs if there is a corruption. Targets of the batch are not used.
func (m *Model) Gradient(key graph.Key, b data.Batch) (train.Metrics, error) {
	x, err := m.input(b)
	if err != nil {
		return nil, err
	}
	in := []graph.Array{x}
	if m.corruption != nil {
		seen, err := m.corrupt(key.Fork("corruption"), x)
		if err != nil {
			return nil, err
		}
		in = append(in, seen)
	}
	outs, err := m.gradient.Run(key, b.N, in...)
	if err != nil {
		return nil, err
	}
	return train.Metrics{"loss": outs[0].At(0)}, nil
}

// corrupt damages a batch (n, d), seen as examples of the configured shape.
func (m *Model) corrupt(key graph.Key, x graph.Array) (graph.Array, error) {
	if len(m.corrupted) < x.Len() {
		m.corrupted = make([]float32, x.Len())
	}
	seen := graph.Floats32(m.corrupted[:x.Len()], append([]int{x.Shape[0]}, m.cfg.Shape...)...)
	if err := m.corruption.Corrupt(key, seen, x.Reshape(seen.Shape...)); err != nil {
		return seen, err
	}
	return seen.Reshape(x.Shape...), nil
}

// Evaluate implements train.Evaluator: "loss" without corruption or dropout, and "error", the squared
// error summed over an example, both averaged over examples.
func (m *Model) Evaluate(key graph.Key, b data.Batch) (train.Metrics, error) {
	x, err := m.input(b)
	if err != nil {
		return nil, err
	}
	outs, err := m.evaluate.Run(key, b.N, x)
	if err != nil {
		return nil, err
	}
	return train.Metrics{"loss": outs[0].At(0), "error": outs[1].At(0)}, nil
}

// Reconstruct returns g(f(x)) (n, d) for examples (n, ...) of any number.
func (m *Model) Reconstruct(x graph.Array) (graph.Array, error) {
	return m.mapExamples(m.reconstruct, x)
}

// Score returns the anomaly score (n) of examples (n, ...): the loss of each one's reconstruction. What
// the model has not been trained on reconstructs badly.
func (m *Model) Score(x graph.Array) (graph.Array, error) {
	return m.mapExamples(m.score, x)
}

func (m *Model) mapExamples(f *graph.Function, x graph.Array) (graph.Array, error) {
	x, err := x.Examples(m.cfg.Shape...)
	if err != nil {
		return graph.Array{}, err
	}
	if err := m.checkRange(x); err != nil {
		return graph.Array{}, err
	}
	return graph.First(f.Map(graph.Key{}, m.cfg.chunk(), x))
}

func (m *Model) input(b data.Batch) (graph.Array, error) {
	x, err := b.X.Examples(m.cfg.Shape...)
	if err != nil {
		return x, err
	}
	return x, m.checkRange(x)
}

// checkRange refuses inputs that are no probabilities to a cross-entropy.
func (m *Model) checkRange(x graph.Array) error {
	if m.cfg.Loss != CrossEntropy {
		return nil
	}
	return x.CheckRange(0, 1)
}
