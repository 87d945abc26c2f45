package train

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
)

// examples are n points of dimension d with binary values, with their sum as the target.
func examples(n, d int) *data.Set {
	x, y := make([]float32, n*d), make([]float32, n)
	graph.Uniform(graph.NewKey(5), x)
	for i := range x {
		x[i] = float32(math.Round(float64(x[i])))
		y[i/d] += x[i] / 2
	}
	return &data.Set{X: graph.Floats32(x, n, d), Y: graph.Floats32(y, n, 1)}
}

// A quadratic has the loss |w - x + noise|²/2 without a graph. Its buffer is a running mean that
// its gradient depends on, so that a lost buffer shows.
type quadratic struct {
	p       *graph.Params
	w, mean *graph.Param
	noise   float64
	memory  float64 // weight of the buffer in the gradient
	calls   int
	keys    []graph.Key
	after   func(call int, m Metrics) (Metrics, error)
	scored  func() // called at the start of each Evaluate
}

func newQuadratic(tb testing.TB, dtype graph.DType) *quadratic {
	q := &quadratic{p: graph.NewParams(dtype, graph.NewKey(1))}
	var err error
	if q.w, err = q.p.Add("w", true, graph.NormalWith(1), 3); err != nil {
		tb.Fatal(err)
	}
	if q.mean, err = q.p.Add("mean", false, graph.Zeros, 3); err != nil {
		tb.Fatal(err)
	}
	return q
}

func (q *quadratic) Params() *graph.Params { return q.p }

func (q *quadratic) Gradient(key graph.Key, b data.Batch) (Metrics, error) {
	q.calls++
	q.keys = append(q.keys, key)
	eps := make([]float64, b.N*3)
	graph.Normal(key.Fork("noise"), eps)
	loss := 0.0
	for j := range 3 {
		g, mean := 0.0, 0.0
		for i := range b.N {
			d := q.w.Value().At(j) - b.X.At(3*i+j) + q.noise*eps[3*i+j]
			g, mean, loss = g+d, mean+b.X.At(3*i+j), loss+d*d/2
		}
		n := float64(b.N)
		set(q.w.Grad(), j, g/n+q.memory*q.mean.Value().At(j))
		set(q.mean.Value(), j, 0.9*q.mean.Value().At(j)+0.1*mean/n)
	}
	m := Metrics{Loss: loss / float64(b.N), "size": float64(b.N)}
	if q.after != nil {
		return q.after(q.calls, m)
	}
	return m, nil
}

func (q *quadratic) Evaluate(_ graph.Key, b data.Batch) (Metrics, error) {
	if q.scored != nil {
		q.scored()
	}
	loss := 0.0
	for i := range b.N * 3 {
		d := q.w.Value().At(i%3) - b.X.At(i)
		loss += d * d / 2
	}
	return Metrics{Loss: loss / float64(b.N)}, nil
}

func set(a graph.Array, i int, v float64) {
	if a.F32 != nil {
		a.F32[i] = float32(v)
	} else {
		a.F64[i] = v
	}
}

// A regression is linear, with noise on its inputs, and built as a graph.
type regression struct {
	p           *graph.Params
	grad, score *graph.Function
}

func newRegression(tb testing.TB, dtype graph.DType, noise float64) *regression {
	r := &regression{p: graph.NewParams(dtype, graph.NewKey(2))}
	build := func(b *graph.Builder, n int) []*graph.Node {
		x, y := b.Input("x", n, 3), b.Input("y", n, 1)
		if b.Training() && noise > 0 {
			x = op.Dropout(x, noise)
		}
		out := op.Affine(x, b.Param("w", graph.Glorot, 3, 1), b.Param("b", graph.Zeros, 1), op.Identity)
		return []*graph.Node{op.Mean(op.SquaredError(out, y))}
	}
	r.grad, r.score = graph.NewGradient(r.p, build), graph.NewFunction(r.p, build)
	if err := r.grad.Prepare(4); err != nil {
		tb.Fatal(err)
	}
	return r
}

func (r *regression) Params() *graph.Params { return r.p }

func (r *regression) Gradient(key graph.Key, b data.Batch) (Metrics, error) {
	return metricsOf(r.grad.Run(key, b.N, b.X, b.Y))
}

func (r *regression) Evaluate(key graph.Key, b data.Batch) (Metrics, error) {
	return metricsOf(r.score.Run(key, b.N, b.X, b.Y))
}

func metricsOf(outs []graph.Array, err error) (Metrics, error) {
	if err != nil {
		return nil, err
	}
	return Metrics{Loss: outs[0].At(0)}, nil
}

// A chain fits the means of independent bits as contrastive divergence with a persistent chain does:
// its estimate, the chain's bits minus the data's, is the gradient of no function.
type chain struct {
	p           *graph.Params
	bias, state *graph.Param
}

func newChain(tb testing.TB) *chain {
	c := &chain{p: graph.NewParams(graph.Float32, graph.NewKey(3))}
	var err error
	if c.bias, err = c.p.Add("bias", true, graph.Zeros, 3); err != nil {
		tb.Fatal(err)
	}
	if c.state, err = c.p.Add("chain", false, graph.Constant(0.5), 64, 3); err != nil {
		tb.Fatal(err)
	}
	return c
}

func (c *chain) Params() *graph.Params { return c.p }

func (c *chain) Gradient(key graph.Key, b data.Batch) (Metrics, error) {
	bias, state := c.bias.Value().F32, c.state.Value().F32
	p := make([]float32, len(state))
	for i := range p { // a slow chain: it stays, or moves towards the model
		p[i] = 0.5*state[i] + 0.5/(1+float32(math.Exp(-float64(bias[i%3]))))
	}
	graph.Bernoulli(key.Fork("gibbs"), state, p)
	g := c.bias.Grad().F32
	clear(g)
	for i, v := range state {
		g[i%3] += v / 64
	}
	for i := range b.N * 3 {
		g[i%3] -= float32(b.X.At(i)) / float32(b.N)
	}
	sum := 0.0
	for _, v := range g {
		sum += math.Abs(float64(v))
	}
	return Metrics{Loss: sum}, nil
}

func (c *chain) Evaluate(_ graph.Key, b data.Batch) (Metrics, error) {
	loss := 0.0
	for i := range b.N * 3 {
		p := 1 / (1 + math.Exp(-c.bias.Value().At(i%3)))
		loss += math.Pow(b.X.At(i)-p, 2)
	}
	return Metrics{Loss: loss / float64(b.N)}, nil
}

// objectives are the three kinds, noisy, to show that nothing of a run is lost.
var objectives = map[string]func(testing.TB) Objective{
	"quadratic": func(tb testing.TB) Objective {
		q := newQuadratic(tb, graph.Float64)
		q.noise, q.memory = 0.3, 0.2
		return q
	},
	"regression": func(tb testing.TB) Objective { return newRegression(tb, graph.Float32, 0.3) },
	"chain":      func(tb testing.TB) Objective { return newChain(tb) },
}

// fullConfig uses everything that has a state: 12 steps in 3 epochs of 15 examples.
func fullConfig(dir string) Config {
	return Config{
		Epochs: 3, BatchSize: 2, Accumulate: 2, Key: graph.NewKey(9),
		Optim: optim.Config{
			Rate: 0.05, EMA: 0.9, L2: 0.01, ClipNorm: 1,
			Schedule: optim.Schedule{Kind: optim.Cosine, Warmup: 3, Steps: 8},
		},
		Valid: examples(7, 3), EvalEvery: Interval{Steps: 3},
		Stop:       EarlyStop{Patience: 50, MinDelta: 0.01, Restore: true},
		Checkpoint: Checkpoint{Dir: dir, Every: Interval{Steps: 1}, Keep: 2, Resume: true, Meta: map[string]string{"kind": "test"}},
	}
}

const fullSteps = 12

func mustRun(tb testing.TB, obj Objective, src data.Source, cfg Config) *Result {
	tb.Helper()
	r, err := Run(context.Background(), obj, src, cfg)
	if err != nil {
		tb.Fatalf("%+v", err)
	}
	return r
}

// newest is the content of the newest checkpoint in dir.
func newest(tb testing.TB, dir string) string {
	tb.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "ckpt-*"))
	if err != nil || len(list) == 0 {
		tb.Fatalf("no checkpoint in %s (%v)", dir, err)
	}
	text, err := os.ReadFile(slices.Max(list))
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// values is the exact text of all parameters and buffers.
func values(p *graph.Params) string {
	var b strings.Builder
	for _, q := range p.List() {
		fmt.Fprintf(&b, "%s %x %x\n", q.Name, q.Value().F32, q.Value().F64)
	}
	return b.String()
}
