package kernel

import (
	"math"
	"testing"
)

// A derivative is a function and its gradient kernel in float64.
type derivative struct {
	name       string
	f          func(dst, x []float64)
	grad       func(dx, v, dy []float64)
	fromOutput bool // v is the output of f, else its input
}

func derivatives() []derivative {
	const slope = 0.3
	ds := []derivative{
		{"ReLU", ReLU[float64], ReLUGrad[float64], true},
		{"LeakyReLU", func(d, x []float64) { LeakyReLU(d, x, slope) },
			func(dx, y, dy []float64) { LeakyReLUGrad(dx, y, dy, slope) }, true},
		{"ELU", func(d, x []float64) { ELU(d, x, slope) },
			func(dx, y, dy []float64) { ELUGrad(dx, y, dy, slope) }, true},
		{"Sigmoid", Sigmoid[float64], SigmoidGrad[float64], true},
		{"Tanh", Tanh[float64], TanhGrad[float64], true},
		{"Softplus", Softplus[float64], SoftplusGrad[float64], false},
		{"GELU", GELU[float64], GELUGrad[float64], false},
	}
	for act := ActIdentity; act <= ActELU; act++ {
		ds = append(ds, derivative{"Activation",
			func(d, x []float64) { copy(d, x); BiasActivate(d, nil, act, slope) },
			func(dx, y, dy []float64) { ActivationGrad(dx, y, dy, act, slope) }, true})
	}
	return ds
}

// checkDerivative returns the largest difference between the gradient and a symmetric
// finite difference.
func checkDerivative(d derivative) float64 {
	const h = 1e-6
	x, dy := sequence[float64](500, 7), sequence[float64](500, 8)
	up, down := make([]float64, len(x)), make([]float64, len(x))
	for i, v := range x {
		up[i], down[i] = v+h, v-h
	}
	d.f(up, up)
	d.f(down, down)
	v := x
	if d.fromOutput {
		v = make([]float64, len(x))
		d.f(v, x)
	}
	dx := make([]float64, len(x))
	d.grad(dx, v, dy)
	most := 0.0
	for i, g := range dx {
		most = max(most, math.Abs(g-dy[i]*(up[i]-down[i])/(2*h)))
	}
	return most
}

func TestActivationGradients(t *testing.T) {
	for _, l := range Levels() {
		at(l, func() {
			for i, d := range derivatives() {
				if off := checkDerivative(d); !(off < 1e-7) {
					t.Errorf("%s (%d) at %v: gradient is off by %v", d.name, i, l, off)
				}
			}
		})
	}
	wrong := derivative{"wrong", Tanh[float64], SigmoidGrad[float64], true}
	if off := checkDerivative(wrong); off < 1e-3 {
		t.Errorf("a wrong gradient is off by %v only", off)
	}
}

func TestReLUGradAtZero(t *testing.T) {
	for _, l := range Levels() {
		at(l, func() {
			dx := make([]float32, 1)
			ReLUGrad(dx, []float32{0}, []float32{3})
			if dx[0] != 0 {
				t.Errorf("the gradient at 0 is %v at %v", dx[0], l)
			}
		})
	}
}
