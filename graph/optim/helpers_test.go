package optim

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
)

// newParams makes parameters of those names and shapes, whose values are f of the index.
func newParams(t testing.TB, d graph.DType, f func(i int) float64, list ...paramSpec) *graph.Params {
	t.Helper()
	p := graph.NewParams(d, graph.NewKey(1))
	for _, s := range list {
		_, err := p.Add(s.name, true, func(_ graph.Key, _ []int, w []float64) {
			for i := range w {
				w[i] = f(i)
			}
		}, s.shape...)
		if err != nil {
			t.Fatal(err)
		}
	}
	return p
}

type paramSpec struct {
	name  string
	shape []int
}

func mustNew(t testing.TB, cfg Config, p *graph.Params) *Optimizer {
	t.Helper()
	o, err := New(cfg, p)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func mustStep(t testing.TB, o *Optimizer) StepInfo {
	t.Helper()
	info, err := o.Step()
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// values copies a parameter's value as float64.
func values(p *graph.Params, name string) []float64 {
	a := p.Lookup(name).Value()
	x := make([]float64, a.Len())
	for i := range x {
		x[i] = a.At(i)
	}
	return x
}

// setGrad sets a parameter's gradient.
func setGrad(p *graph.Params, name string, f func(i int) float64) {
	a := p.Lookup(name).Grad()
	for i := range a.F32 {
		a.F32[i] = float32(f(i))
	}
	for i := range a.F64 {
		a.F64[i] = f(i)
	}
}

// wave is a formula for numbers without pattern.
func wave(seed float64) func(i int) float64 {
	return func(i int) float64 { return math.Sin(seed + 1.7*float64(i)) }
}

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance*(1+math.Abs(b)) }

var allMethods = []Method{Adam, AdamW, SGD, Momentum, Nesterov, RMSProp, AdaGrad}
