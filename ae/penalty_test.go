package ae

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

// The functions below compute the losses of a model again, by loops over its weights.

func activate(a op.Activation, v float64) float64 {
	switch a {
	case op.SigmoidActivation:
		return 1 / (1 + math.Exp(-v))
	case op.TanhActivation:
		return math.Tanh(v)
	case op.ReLUActivation:
		return max(v, 0)
	case op.GELUActivation:
		return v * (1 + math.Erf(v/math.Sqrt2)) / 2
	}
	return v
}

// apply is one layer for one example; w has the element from input i to unit j at w(i, j).
func apply(x []float64, units int, w func(i, j int) float64, bias []float64, a op.Activation) []float64 {
	h := make([]float64, units)
	for j := range h {
		v := bias[j]
		for i := range x {
			v += x[i] * w(i, j)
		}
		h[j] = activate(a, v)
	}
	return h
}

func (m *Model) value(format string, args ...any) []float64 {
	return m.params.Lookup(fmt.Sprintf(format, args...)).Value().F64
}

func (m *Model) slowLayer(i int, x []float64) []float64 {
	l, w := m.cfg.Encoder[i], m.value("enc/%d/w", i)
	return apply(x, l.Units, func(i, j int) float64 { return w[i*l.Units+j] }, m.value("enc/%d/b", i), l.Activation)
}

// slowEncode returns the input of the dense layers and the outputs of all of them.
func (m *Model) slowEncode(x []float64) [][]float64 {
	if len(m.cfg.Conv) > 0 {
		images := m.slowConvolve(x)
		x = images[len(images)-1].v
	}
	outs := [][]float64{x}
	for i := range m.cfg.Encoder {
		x = m.slowLayer(i, x)
		outs = append(outs, x)
	}
	return outs
}

// slowDecode returns the reconstruction.
func (m *Model) slowDecode(x []float64) []float64 {
	output := nn.Dense{Units: m.cfg.Inputs(), Activation: m.cfg.Output}
	if m.cfg.Loss == CrossEntropy {
		output.Activation = op.SigmoidActivation
	}
	var images []slowImage
	last := output
	if n := len(m.cfg.Conv); n > 0 {
		images = m.slowConvolve(make([]float64, output.Units))
		last = nn.Dense{Units: len(images[n].v), Activation: m.cfg.Conv[n-1].Activation}
	}
	layers := append(m.cfg.decoder(), last)
	for i, l := range layers {
		in := len(x)
		var w func(i, j int) float64
		if m.cfg.Tied {
			shared := m.value("enc/%d/w", len(layers)-1-i)
			w = func(i, j int) float64 { return shared[j*in+i] }
		} else {
			own := m.value("dec/%d/w", i)
			w = func(i, j int) float64 { return own[i*l.Units+j] }
		}
		x = apply(x, l.Units, w, m.value("dec/%d/b", i), l.Activation)
	}
	if images != nil {
		x = m.slowDeconvolve(x, images, output.Activation)
	}
	return x
}

func slowLoss(l Loss, x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		if l == CrossEntropy {
			sum -= v*math.Log(y[i]) + (1-v)*math.Log(1-y[i])
		} else {
			sum += (v - y[i]) * (v - y[i])
		}
	}
	return sum
}

// slowJacobian is the squared norm of the Jacobian of encoder layer i at x, by differences.
func (m *Model) slowJacobian(i int, x []float64) float64 {
	const h = 1e-5
	sum := 0.0
	for k := range x {
		up, down := slices.Clone(x), slices.Clone(x)
		up[k] += h
		down[k] -= h
		a, b := m.slowLayer(i, up), m.slowLayer(i, down)
		for j := range a {
			slope := (a[j] - b[j]) / (2 * h)
			sum += slope * slope
		}
	}
	return sum
}

// slowObjective is the loss with all penalties, of examples as they are.
func (m *Model) slowObjective(x graph.Array) float64 {
	n, d := x.Shape[0], m.cfg.Inputs()
	loss, l1, contraction, divergence := 0.0, 0.0, 0.0, 0.0
	mean := make([]float64, m.cfg.CodeSize())
	for e := range n {
		row := make([]float64, d)
		for i := range row {
			row[i] = x.At(e*d + i)
		}
		outs := m.slowEncode(row)
		code := outs[len(outs)-1]
		loss += slowLoss(m.cfg.Loss, row, m.slowDecode(code)) / float64(n)
		for j, v := range code {
			l1 += math.Abs(v) / float64(n)
			mean[j] += v / float64(n)
		}
		for i := range m.cfg.Encoder {
			contraction += m.slowJacobian(i, outs[i]) / float64(n)
		}
	}
	if rho := m.cfg.SparsityTarget; rho > 0 {
		for _, p := range mean {
			divergence += rho*math.Log(rho/p) + (1-rho)*math.Log((1-rho)/(1-p))
		}
	}
	return loss + m.cfg.L1*l1 + m.cfg.SparsityWeight*divergence + m.cfg.Contractive*contraction
}

func TestLossesAndPenalties(t *testing.T) {
	for name, cfg := range kinds() {
		cfg.Corruption = ""
		m := model(t, cfg, graph.Float64)
		b := batches(cfg)(5)
		tolerance := 1e-8
		if cfg.SparsityWeight > 0 {
			tolerance = 1e-6 // the guard of the KL divergence moves it by as much
		}
		eval := must(m.Evaluate(graph.NewKey(2), b))(t)
		near(t, name+": Evaluate", eval["loss"], m.slowObjective(b.X), tolerance)
		got := must(m.Gradient(graph.NewKey(1), b))(t)["loss"]
		if cfg.Encoder[0].Dropout == 0 {
			near(t, name+": Gradient", got, eval["loss"], 1e-12)
		} else if math.Abs(got-eval["loss"]) < 1e-3 {
			t.Errorf("%s: training has no dropout: loss %g, evaluation %g", name, got, eval["loss"])
		}
		total := 0.0
		d := cfg.Inputs()
		whole, score := must(m.Reconstruct(b.X))(t), must(m.Score(b.X))(t)
		for e := range 5 {
			row := make([]float64, d)
			for i := range row {
				row[i] = b.X.At(d*e + i)
			}
			outs := m.slowEncode(row)
			y := m.slowDecode(outs[len(outs)-1])
			for i := range y {
				near(t, name+": Reconstruct", whole.At(d*e+i), y[i], 1e-10)
			}
			total += slowLoss(SquaredError, row, y) / 5
			near(t, name+": Score", score.At(e), slowLoss(cfg.Loss, row, y), 1e-10)
		}
		near(t, name+": error", eval["error"], total, 1e-10)
	}
}

// TestContractionIsTheJacobianOfEncode differentiates the public Encode.
func TestContractionIsTheJacobianOfEncode(t *testing.T) {
	const h = 1e-5
	for _, act := range []op.Activation{op.Identity, op.SigmoidActivation, op.TanhActivation, op.ReLUActivation} {
		cfg := kinds()["contractive "+act.String()]
		m := model(t, cfg, graph.Float64)
		x := make([]float64, 3*6)
		graph.Uniform(graph.NewKey(12), x)
		at := graph.Floats64(x, 3, 6)
		norm := 0.0
		for k := range 6 {
			moved := func(step float64) graph.Array {
				y := slices.Clone(x)
				for e := range 3 {
					y[6*e+k] += step
				}
				return must(m.Encode(graph.Floats64(y, 3, 6)))(t)
			}
			up, down := moved(h), moved(-h)
			for i := range up.Len() {
				slope := (up.At(i) - down.At(i)) / (2 * h)
				norm += slope * slope / 3
			}
		}
		with := must(m.Gradient(graph.Key{}, data.Batch{N: 3, X: at}))(t)["loss"]
		cfg.Contractive = 0
		without := must(model(t, cfg, graph.Float64).Gradient(graph.Key{}, data.Batch{N: 3, X: at}))(t)["loss"]
		near(t, act.String(), with-without, 0.5*norm, 1e-8)
	}
}
