package pretrain

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// A Network is a feed-forward classifier or regressor: a train.Objective and a train.Evaluator in
// training, and afterwards safe for concurrent use. Its parameters are "hidden/i/w" (d, h) and "hidden/i/b" (h)
// for each hidden layer i, "output/w" and "output/b".
type Network struct {
	cfg      NetworkConfig
	params   *graph.Params
	gradient *graph.Function
	evaluate *graph.Function
	predict  *graph.Function
}

// NewNetwork makes a network with random weights. See Stack.Network for one with pretrained ones.
func NewNetwork(cfg NetworkConfig) (*Network, error) { return newNetwork(cfg, graph.Float32) }

func newNetwork(cfg NetworkConfig, dtype graph.DType) (*Network, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return buildNetwork(cfg, graph.NewParams(dtype, graph.NewKey(cfg.Seed)))
}

// buildNetwork makes the network of a valid configuration over p.
func buildNetwork(cfg NetworkConfig, p *graph.Params) (*Network, error) {
	n := &Network{cfg: cfg, params: p}
	scores := func(b *graph.Builder, size int) []*graph.Node {
		y := n.outputs(b, b.Input("x", size, cfg.Inputs()))
		return []*graph.Node{n.loss(b, y), y}
	}
	n.gradient, n.evaluate = graph.NewGradient(p, scores), graph.NewFunction(p, scores)
	n.predict = graph.NewFunction(p, func(b *graph.Builder, size int) []*graph.Node {
		y := n.outputs(b, b.Input("x", size, cfg.Inputs()))
		if cfg.Task == Classify {
			y = op.Softmax(y)
		}
		return []*graph.Node{y}
	})
	return n, n.gradient.Prepare(1) // creates all parameters
}

// outputs adds the network to a graph: x (n, d), result (n, Outputs), logits in a classification.
func (n *Network) outputs(b *graph.Builder, x *graph.Node) *graph.Node {
	x = nn.Stack(b.Scope("hidden"), x, n.cfg.Hidden)
	return n.cfg.output().Apply(b.Scope("output"), x)
}

// loss adds the targets and the mean loss of outputs y (n, Outputs) to a graph.
func (n *Network) loss(b *graph.Builder, y *graph.Node) *graph.Node {
	if n.cfg.Task == Classify {
		return op.Mean(op.SoftmaxCrossEntropy(y, b.IntInput("labels", y.Dim(0))))
	}
	return op.Mean(op.SquaredError(y, b.Input("targets", max(1, y.Dim(0)), n.cfg.Outputs)))
}

// Params returns the network's parameters.
func (n *Network) Params() *graph.Params { return n.params }

// Config returns the network's configuration.
func (n *Network) Config() NetworkConfig { return n.cfg }

// Gradient implements train.Objective. The targets of the batch are labels (n), integers in [0, Outputs),
// or numbers (n, Outputs). The metric "loss" is the cross-entropy in nats, or the squared error summed over
// the outputs; a classification has "error" too, the part of the examples that is classified wrongly.
func (n *Network) Gradient(key graph.Key, b data.Batch) (train.Metrics, error) {
	return n.run(n.gradient, key, b)
}

// Evaluate implements train.Evaluator, with the metrics of Gradient and without dropout.
func (n *Network) Evaluate(key graph.Key, b data.Batch) (train.Metrics, error) {
	return n.run(n.evaluate, key, b)
}

func (n *Network) run(f *graph.Function, key graph.Key, b data.Batch) (train.Metrics, error) {
	x, err := n.examples(b.X)
	if err != nil {
		return nil, err
	}
	y, err := n.targets(b)
	if err != nil {
		return nil, err
	}
	outs, err := f.Run(key, b.N, x, y)
	if err != nil {
		return nil, err
	}
	m := train.Metrics{train.Loss: outs[0].At(0)}
	if n.cfg.Task == Classify {
		wrong := 0
		for i, label := range largest(outs[1]) {
			if label != y.Int[i] {
				wrong++
			}
		}
		m["error"] = float64(wrong) / float64(b.N)
	}
	return m, nil
}

// targets checks a batch's targets and brings them to the form that the graph takes.
func (n *Network) targets(b data.Batch) (graph.Array, error) {
	y := b.Y
	if y.IsZero() {
		return y, errors.Wrap(data.ErrLabel, "the examples have no targets")
	}
	if err := y.Check(); err != nil {
		return y, errors.WithMessage(err, "targets")
	}
	if n.cfg.Task == Classify {
		return y, checkLabels(y, b.N, n.cfg.Outputs)
	}
	if y.Int != nil || y.Len() != b.N*n.cfg.Outputs {
		return y, errors.Wrapf(graph.ErrShape, "targets of shape %v, expected floats (%d, %d)", y.Shape, b.N, n.cfg.Outputs)
	}
	return y.Reshape(b.N, n.cfg.Outputs), y.CheckFinite()
}

// checkLabels returns an error unless y is n labels in [0, classes).
func checkLabels(y graph.Array, n, classes int) error {
	if y.Int == nil || y.Len() != n || len(y.Shape) != 1 {
		return errors.Wrapf(graph.ErrShape, "targets of shape %v, expected integer labels (%d)", y.Shape, n)
	}
	for i, label := range y.Int {
		if label < 0 || label >= classes {
			return errors.Wrapf(data.ErrLabel, "example %d has label %d, expected 0 to %d", i, label, classes-1)
		}
	}
	return nil
}

// examples views x (n, ...) as (n, d), and checks that it is finite.
func (n *Network) examples(x graph.Array) (graph.Array, error) {
	x, err := x.Examples(n.cfg.Shape...)
	if err != nil {
		return x, err
	}
	return x, x.CheckFinite()
}

// Predict returns, for examples (n, ...) of any number, the probabilities of the classes (n, Outputs), or
// the predicted numbers (n, Outputs).
func (n *Network) Predict(x graph.Array) (graph.Array, error) {
	x, err := n.examples(x)
	if err != nil {
		return graph.Array{}, err
	}
	return graph.First(n.predict.Map(graph.Key{}, chunk, x))
}

// Labels returns the most probable class of every example (n, ...) of a classification.
func (n *Network) Labels(x graph.Array) ([]int, error) {
	if n.cfg.Task != Classify {
		return nil, errors.Wrapf(ErrConfig, "labels of a network that is to %v", n.cfg.Task)
	}
	p, err := n.Predict(x)
	if err != nil {
		return nil, err
	}
	return largest(p), nil
}

// largest returns the column of the largest element of every row, the first of equal ones.
func largest(a graph.Array) []int {
	cols := a.Shape[1]
	at := make([]int, a.Shape[0])
	for r := range at {
		for c := 1; c < cols; c++ {
			if a.At(r*cols+c) > a.At(r*cols+at[r]) {
				at[r] = c
			}
		}
	}
	return at
}

// Save writes the network to a file.
func (n *Network) Save(path string) error {
	return ckpt.SaveModel(path, kindNetwork, n.cfg, nil, n.params)
}

// LoadNetwork reads a network that Save has written.
func LoadNetwork(path string) (*Network, error) {
	return ckpt.LoadModel(path, kindNetwork, (*NetworkConfig).validate, NetworkConfig.weights, buildNetwork)
}
