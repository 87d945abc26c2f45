// Package bench measures the library: its kernels beside what the machine can do, and whole training
// steps beside stock Gorgonia and, through the program bench/compare, PyTorch.
//
// A step goes from a batch in memory to updated parameters: forward pass, gradient, optimiser. The
// benchmarks are named BenchmarkStep/<workload>/<impl> and report ns/op, examples/s, GFLOP/s of the
// dense products and allocations.
package bench

import (
	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/lm"
	"github.com/latent-go/latent/pixel"
	"github.com/latent-go/latent/rbm"
	"github.com/latent-go/latent/vae"
)

// A Workload is a training step of a fixed network and batch.
type Workload struct {
	Name  string
	Batch int
	Units []int // of the input and of every layer, where it is made of dense ones
	// Flops counts the multiplications and additions of the products of one step: forward, the gradient of
	// every weight, and that of every layer's input but the first. The library leaves out what zeros in the
	// data and in Gibbs states would add, so that its rate can pass the machine's peak.
	Flops float64
	// New makes the library's implementation of the step.
	New func() (step func() error, err error)
}

var (
	aeUnits     = []int{784, 500, 784}
	deepAEUnits = []int{784, 1000, 500, 250, 30, 250, 500, 1000, 784}
	mlpUnits    = []int{784, 1000, 1000, 1000, 10}
)

// Workloads lists all, in order.
var Workloads = []Workload{
	{"ae", 100, aeUnits, denseFlops(100, aeUnits, true), newAE},
	{"deep-ae", 100, deepAEUnits, denseFlops(100, deepAEUnits, true), newDeepAE},
	{"mlp", 100, mlpUnits, denseFlops(100, mlpUnits, true), newMLP},
	// The encoder ends in a mean and a log-variance for each latent unit.
	{"vae", 128, []int{784, 400, 20, 400, 784}, denseFlops(128, []int{784, 400, 40}, true) + denseFlops(128, []int{20, 400, 784}, false), newVAE},
	{"rbm-cd1", 100, []int{784, 500}, gibbsFlops(100, 784, 500, 1), func() (func() error, error) { return newRBM(1) }},
	{"rbm-cd25", 100, []int{784, 500}, gibbsFlops(100, 784, 500, 25), func() (func() error, error) { return newRBM(25) }},
	{"pixelcnn", 16, nil, pixelFlops(16, 32*64*6+64*64+32*64*2+32*32), func() (func() error, error) { return newPixel(pixel.Convolutional) }},
	{"row-lstm", 16, nil, pixelFlops(16, 32*128*2+32*128*3+32*32), func() (func() error, error) { return newPixel(pixel.Recurrent) }},
	{"lstm-lm", 12, nil, tokenFlops(12, 4*8*128*128+128*65, 0), func() (func() error, error) { return newLM(lm.Recurrent) }},
	{"transformer", 12, nil, tokenFlops(12, 4*12*128*128+128*65, 4*2*128*32), func() (func() error, error) { return newLM(lm.Transformer) }},
}

// denseFlops is that of a stack of dense layers; the input of the first, if it is data, needs no gradient.
func denseFlops(batch int, units []int, data bool) float64 {
	total := 0.0
	for i := 1; i < len(units); i++ {
		products := 3.0
		if data && i == 1 {
			products = 2
		}
		total += products * 2 * float64(batch) * float64(units[i-1]) * float64(units[i])
	}
	return total
}

// gibbsFlops is that of contrastive divergence: one product of the data, two a Gibbs step, and one each for
// the statistics of the two phases.
func gibbsFlops(batch, visible, hidden, steps int) float64 {
	return float64(2*steps+3) * 2 * float64(batch) * float64(visible) * float64(hidden)
}

// pixelFlops is that of a network of 5 equal layers, which have so many weights, over images of 28 by 28; the
// first and the last layer are small beside them.
func pixelFlops(batch, weights int) float64 {
	return 3 * 2 * float64(batch) * 784 * 5 * float64(weights)
}

// tokenFlops is that of a language model over windows of 64 tokens, each of which meets so many weights, and in
// causal attention as many products with the keys and values of others.
func tokenFlops(batch, weights, attention int) float64 {
	return 3 * 2 * float64(batch) * 64 * float64(weights+attention)
}

// Find returns the workload of that name.
func Find(name string) (Workload, bool) {
	for _, w := range Workloads {
		if w.Name == name {
			return w, true
		}
	}
	return Workload{}, false
}

// newAE is 784-500-784, logistic units, squared error, Adam 1e-3.
func newAE() (func() error, error) {
	m, err := ae.New(ae.Config{
		Shape:   []int{784},
		Encoder: []nn.Dense{{Units: 500, Activation: op.SigmoidActivation}},
		Output:  op.SigmoidActivation,
	})
	if err != nil {
		return nil, err
	}
	return stepper(m, Batch(100), optim.Config{Method: optim.Adam, Rate: 1e-3})
}

// newDeepAE is 784-1000-500-250-30 and back, logistic units, linear code, cross-entropy from logits,
// Adam 1e-3.
func newDeepAE() (func() error, error) {
	s := op.SigmoidActivation
	m, err := ae.New(ae.Config{
		Shape:   []int{784},
		Encoder: []nn.Dense{{Units: 1000, Activation: s}, {Units: 500, Activation: s}, {Units: 250, Activation: s}, {Units: 30}},
		Loss:    ae.CrossEntropy,
	})
	if err != nil {
		return nil, err
	}
	return stepper(m, Batch(100), optim.Config{Method: optim.Adam, Rate: 1e-3})
}

// newMLP is 784-1000-1000-1000-10, logistic units, softmax cross-entropy, SGD 0.1.
func newMLP() (func() error, error) {
	return stepper(newClassifier(), Batch(100), optim.Config{Method: optim.SGD, Rate: 0.1})
}

// newVAE is 784-400-20-400-784, rectified units, Bernoulli likelihood from logits, Adam 1e-3.
func newVAE() (func() error, error) {
	m, err := vae.New(vae.Config{
		Shape:   []int{784},
		Encoder: []nn.Dense{{Units: 400, Activation: op.ReLUActivation}},
		Latent:  20,
	})
	if err != nil {
		return nil, err
	}
	return stepper(m, Batch(128), optim.Config{Method: optim.Adam, Rate: 1e-3})
}

// newRBM is 784-500 Bernoulli units, k steps of contrastive divergence in which the visible and the hidden
// units are drawn, momentum 0.5, rate 0.1.
func newRBM(k int) (func() error, error) {
	m, err := rbm.New(rbm.Config{Visible: 784, Hidden: 500, Steps: k})
	if err != nil {
		return nil, err
	}
	return stepper(m, Batch(100), optim.Config{Method: optim.Momentum, Rate: 0.1, Momentum: 0.5})
}

// newPixel is an autoregressive model of images of 28 by 28 with 5 layers of 32 features, Adam 1e-3.
func newPixel(kind pixel.Kind) (func() error, error) {
	m, err := pixel.New(pixel.Config{Kind: kind, Shape: []int{28, 28}, Layers: 5, Features: 32})
	if err != nil {
		return nil, err
	}
	return stepper(m, Batch(16), optim.Config{Method: optim.Adam, Rate: 1e-3})
}

// newLM is a language model of 65 characters in windows of 64, 4 layers of 128 units, Adam 1e-3.
func newLM(kind lm.Kind) (func() error, error) {
	m, err := lm.New(lm.Config{Kind: kind, Vocabulary: 65, Context: 64, Layers: 4, Units: 128})
	if err != nil {
		return nil, err
	}
	const n = 12
	ids := make([]int, n*65)
	for i := range ids {
		ids[i] = i * i % 65
	}
	return stepper(m, data.Batch{N: n, X: graph.Ints(ids, n, 65)}, optim.Config{Method: optim.Adam, Rate: 1e-3})
}

// stepper returns one training step of obj on a batch in memory.
func stepper(obj train.Objective, b data.Batch, cfg optim.Config) (func() error, error) {
	if _, err := obj.Gradient(graph.NewKey(1), b); err != nil { // builds the graph, adds the parameters
		return nil, err
	}
	o, err := optim.New(cfg, obj.Params())
	if err != nil {
		return nil, err
	}
	step := uint64(0)
	return func() error {
		step++
		if _, err := obj.Gradient(graph.NewKey(1).At(step), b); err != nil {
			return err
		}
		_, err := o.Step()
		return err
	}, nil
}

// Batch is n made-up images of 784 pixels, a fifth of them bright and the others 0, as in MNIST, with labels.
func Batch(n int) data.Batch {
	x := make([]float32, n*784)
	graph.Uniform(graph.NewKey(2), x)
	labels := make([]int, n)
	for i, v := range x {
		x[i] = max(0, 5*v-4)
	}
	for i := range labels {
		labels[i] = i % 10
	}
	return data.Batch{N: n, X: graph.Floats32(x, n, 784), Y: graph.Ints(labels, n)}
}

// classifier is a feed-forward network of logistic units with a softmax output.
type classifier struct {
	params   *graph.Params
	gradient *graph.Function
}

func newClassifier() *classifier {
	s := op.SigmoidActivation
	layers := []nn.Dense{{Units: 1000, Activation: s}, {Units: 1000, Activation: s}, {Units: 1000, Activation: s}, {Units: 10}}
	c := &classifier{params: graph.NewParams(graph.Float32, graph.NewKey(1))}
	c.gradient = graph.NewGradient(c.params, func(b *graph.Builder, n int) []*graph.Node {
		logits := nn.Stack(b, b.Input("x", n, 784), layers)
		return []*graph.Node{op.Mean(op.SoftmaxCrossEntropy(logits, b.IntInput("labels", n)))}
	})
	return c
}

func (c *classifier) Params() *graph.Params { return c.params }

func (c *classifier) Gradient(key graph.Key, b data.Batch) (train.Metrics, error) {
	outs, err := c.gradient.Run(key, b.N, b.X, b.Y)
	if err != nil {
		return nil, err
	}
	return train.Metrics{"loss": outs[0].At(0)}, nil
}
