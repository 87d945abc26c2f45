package pixel

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// A Model is an autoregressive model of images: a train.Objective and a train.Evaluator in training, and
// afterwards safe for concurrent use.
type Model struct {
	cfg    Config
	params *graph.Params

	// Inputs are those of whole, without or with stochastic binarisation, or of row.
	gradient *graph.Function // -> loss
	nll      *graph.Function // -> -log p(x) (n)
	predict  *graph.Function // -> logits (n, d, outputs)
	draw     *graph.Function // of a row -> logits (n, x, outputs)
	advance  *graph.Function // of a row -> what is past for the next row
	past     [][]int         // shapes of what is kept from row to row, without the batch axis
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
		return []*graph.Node{op.Mean(cfg.nll(b, n))}
	})
	m.nll = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{cfg.nll(b, n)}
	})
	m.predict = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		c, x, y := cfg.whole(b, n)
		return []*graph.Node{op.Reshape(c.logits(x, y), n, cfg.pixels(), cfg.outputs())}
	})
	m.draw = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		c, x, y := cfg.oneRow(b, n)
		return []*graph.Node{op.Reshape(c.logits(x, y), n, cfg.width(), cfg.outputs())}
	})
	m.advance = graph.NewFunction(p, func(b *graph.Builder, n int) []*graph.Node {
		c, x, y := cfg.oneRow(b, n)
		c.logits(x, y)
		return c.next
	})
	if err := m.gradient.Prepare(1); err != nil { // creates all parameters
		return nil, err
	}
	b := graph.NewBuilder(p, graph.Eval)
	c, x, y := cfg.oneRow(b, 1)
	c.logits(x, y)
	for _, past := range c.past {
		m.past = append(m.past, past.Shape()[1:])
	}
	return m, b.Err()
}

// whole is a canvas of n images, with its inputs: x (n, d), numbers of [0, 1], and y (n, Classes), their labels
// one-hot, or nil for a model without labels.
func (c Config) whole(b *graph.Builder, n int) (s *canvas, x, y *graph.Node) {
	x = b.Input("x", n, c.pixels())
	return &canvas{cfg: c, b: b, n: n}, x, c.labelInput(b, n)
}

// oneRow is a canvas of a row of n images, with its inputs: x (n, x), y as in whole, and what the kind of
// network needs to know of the rows above.
func (c Config) oneRow(b *graph.Builder, n int) (s *canvas, x, y *graph.Node) {
	x, y = b.Input("x", n, c.width()), c.labelInput(b, n)
	s = &canvas{cfg: c, b: b, n: n, row: true}
	if c.Kind == SelfAttention {
		s.at, s.skip = b.IntInput("row", 1), b.IntInput("skip", n)
	}
	return s, x, y
}

func (c Config) labelInput(b *graph.Builder, n int) *graph.Node {
	if c.Classes == 0 {
		return nil
	}
	return b.Input("y", n, c.Classes)
}

// logits adds the network to a graph: x in [0, 1], all pixels of the canvas, result (n, y, x, outputs).
func (c *canvas) logits(x, y *graph.Node) *graph.Node {
	// From -1 to 1, so that 0, the outside of the image, is no colour.
	x = op.AddScalar(op.Scale(op.Reshape(x, c.n, c.rows(), c.cfg.width(), 1), 2), -1)
	switch c.cfg.Kind {
	case Convolutional:
		x = c.convolutional(x, y)
	case Recurrent:
		x = c.recurrent(x, y)
	case SelfAttention:
		x = c.selfAttention(x, y)
	}
	return c.conv(c.b.Scope("out/1"), x, c.cfg.outputs(), here(), op.Identity)
}

// nll adds -log p(x) (n), in nats, to a graph. With more than 2 levels the inputs end with the levels of x as
// integers (n, d).
func (c Config) nll(b *graph.Builder, n int) *graph.Node {
	s, x, y := c.whole(b, n)
	if c.Binarize {
		x = op.Bernoulli(x)
	}
	logits := s.logits(x, y)
	if c.Levels == 2 {
		return op.BernoulliNLL(op.Reshape(logits, n, c.pixels()), x)
	}
	levels := b.IntInput("levels", n, c.pixels())
	return op.Sum(op.SoftmaxCrossEntropy(op.Reshape(logits, n, c.pixels(), c.Levels), levels), 1)
}

// Params returns the model's parameters.
func (m *Model) Params() *graph.Params { return m.params }

// Config returns the model's configuration, with the defaults in place.
func (m *Model) Config() Config { return m.cfg }

// Gradient implements train.Objective. "loss" is -log p(x) in nats per image; divided by d log 2 it is bits
// per pixel. A conditional model needs the labels as the batch's targets, integers (n); others do not use
// targets.
func (m *Model) Gradient(key graph.Key, b data.Batch) (train.Metrics, error) {
	in, err := m.batch(b)
	if err != nil {
		return nil, err
	}
	loss, err := graph.First(m.gradient.Run(key, b.N, in...))
	if err != nil {
		return nil, err
	}
	return train.Metrics{train.Loss: loss.At(0)}, nil
}

// Evaluate implements train.Evaluator, with the metrics of Gradient.
func (m *Model) Evaluate(key graph.Key, b data.Batch) (train.Metrics, error) {
	in, err := m.batch(b)
	if err != nil {
		return nil, err
	}
	nll, err := graph.First(m.nll.Map(key, m.chunk(), in...))
	if err != nil {
		return nil, err
	}
	total := 0.0
	for i := range b.N {
		total += nll.At(i)
	}
	return train.Metrics{train.Loss: total / float64(b.N)}, nil
}

// batch returns the inputs of nll for a batch.
func (m *Model) batch(b data.Batch) ([]graph.Array, error) {
	if m.cfg.Classes > 0 && (len(b.Y.Shape) != 1 || b.Y.Int == nil) {
		return nil, errors.Wrapf(graph.ErrShape, "targets are an array of shape %v, expected integer labels (n) for a model with %d classes", b.Y.Shape, m.cfg.Classes)
	}
	if m.cfg.Classes == 0 {
		return m.images(b.X, nil)
	}
	return m.images(b.X, b.Y.Int)
}
