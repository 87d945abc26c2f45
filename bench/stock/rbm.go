package stock

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A machine is a restricted Boltzmann machine whose statistics are nodes: Gorgonia has no node that stops
// a gradient, so a user computes them and hands them to the solver.
type machine struct {
	*step
	w, b, c *gorgonia.Node // (d, h), (1, d), (1, h)
}

// statistic is a parameter with the node of its gradient.
type statistic struct{ value, grad *gorgonia.Node }

func (s statistic) Value() gorgonia.Value         { return s.value.Value() }
func (s statistic) Grad() (gorgonia.Value, error) { return s.grad.Value(), nil }

// newMachine returns one step of contrastive divergence with k Gibbs steps, momentum 0.5, rate 0.1, over the
// batch x (n, d).
func newMachine(units []int, n, k int, x *gorgonia.Node, s *step) (func() error, error) {
	run, _, err := machineOf(units, n, k, x, s)
	return run, err
}

// machineOf is newMachine, with the visible biases.
func machineOf(units []int, n, k int, x *gorgonia.Node, s *step) (run func() error, b *gorgonia.Node, err error) {
	d, h := units[0], units[1]
	matrix := func(rows, cols int, name string, init gorgonia.InitWFn) *gorgonia.Node {
		return gorgonia.NewMatrix(s.g, tensor.Float32, gorgonia.WithShape(rows, cols), gorgonia.WithName(name), gorgonia.WithInit(init))
	}
	m := machine{s, matrix(d, h, "w", gorgonia.Gaussian(0, 0.01)), matrix(1, d, "b", gorgonia.Zeroes()), matrix(1, h, "c", gorgonia.Zeroes())}
	transposed := m.apply(func(w *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Transpose(w, 1, 0) }, m.w)
	p0 := m.probability(x, m.w, m.c)
	v, p := x, p0
	for range k {
		v = m.draw(m.probability(m.draw(p, n, h), transposed, m.b), n, d)
		p = m.probability(v, m.w, m.c)
	}
	product := func(v, p *gorgonia.Node) *gorgonia.Node {
		return m.two(gorgonia.Mul, m.apply(func(v *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Transpose(v, 1, 0) }, v), p)
	}
	sum := func(x *gorgonia.Node, width int) *gorgonia.Node {
		return m.apply(func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Reshape(x, tensor.Shape{1, width}) },
			m.apply(func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sum(x, 0) }, x))
	}
	parameters := []gorgonia.ValueGrad{
		statistic{m.w, m.two(gorgonia.Sub, product(v, p), product(x, p0))},
		statistic{m.b, sum(m.two(gorgonia.Sub, v, x), d)},
		statistic{m.c, sum(m.two(gorgonia.Sub, p, p0), h)},
	}
	if s.err != nil {
		return nil, nil, s.err
	}
	vm := gorgonia.NewTapeMachine(s.g)
	solver := gorgonia.NewMomentum(gorgonia.WithLearnRate(0.1/float64(n)), gorgonia.WithMomentum(0.5))
	return func() error {
		defer vm.Reset()
		if err := vm.RunAll(); err != nil {
			return err
		}
		return solver.Step(parameters)
	}, m.b, nil
}

// probability is the logistic function of x w + bias.
func (m machine) probability(x, w, bias *gorgonia.Node) *gorgonia.Node {
	return m.apply(gorgonia.Sigmoid, m.two(func(x, b *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.BroadcastAdd(x, b, nil, []byte{0})
	}, m.two(gorgonia.Mul, x, w), bias))
}

// draw is 1 where a uniform number is below p (n, width).
func (m machine) draw(p *gorgonia.Node, n, width int) *gorgonia.Node {
	u := gorgonia.UniformRandomNode(m.g, tensor.Float32, 0, 1, n, width)
	return m.two(func(u, p *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Lt(u, p, true) }, u, p)
}
