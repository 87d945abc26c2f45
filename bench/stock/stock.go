// Package stock builds the benchmark's workloads of Gorgonia's own operations and solvers, as a user
// without this library would: the peer to compare with.
package stock

import (
	"strconv"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// New returns one training step of the workload, over a batch x (n, 784) with labels, or an error if
// stock operations cannot express it.
func New(workload string, units []int, n int, x []float32, labels []int) (func() error, error) {
	if len(units) == 0 {
		return nil, errors.Errorf("stock operations do not express %q", workload)
	}
	s := &step{g: gorgonia.NewGraph(), n: n}
	in := s.input(n, units[0], x)
	var loss *gorgonia.Node
	switch workload {
	case "ae":
		y := s.apply(gorgonia.Sigmoid, s.layers(in, units, -1))
		loss = s.mean(s.apply(gorgonia.Square, s.two(gorgonia.Sub, y, in)))
	case "deep-ae":
		z := s.layers(in, units, len(units)/2)
		loss = s.mean(s.two(gorgonia.Sub, s.apply(gorgonia.Softplus, z), s.two(gorgonia.HadamardProd, z, in)))
	case "mlp":
		loss = s.crossEntropy(s.layers(in, units, -1), labels, units[len(units)-1])
	case "rbm-cd1":
		return newMachine(units, n, 1, in, s)
	case "rbm-cd25":
		return newMachine(units, n, 25, in, s)
	case "vae":
		loss = s.vae(in, units)
	default:
		return nil, errors.Errorf("stock operations do not express %q", workload)
	}
	if s.err != nil {
		return nil, s.err
	}
	if _, err := gorgonia.Grad(loss, s.weights...); err != nil {
		return nil, err
	}
	var solver gorgonia.Solver = gorgonia.NewAdamSolver(gorgonia.WithLearnRate(1e-3))
	if workload == "mlp" {
		solver = gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.1))
	}
	vm := gorgonia.NewTapeMachine(s.g, gorgonia.BindDualValues(s.weights...))
	weights := gorgonia.NodesToValueGrads(s.weights)
	return func() error {
		defer vm.Reset()
		if err := vm.RunAll(); err != nil {
			return err
		}
		return solver.Step(weights)
	}, nil
}

// step keeps the first error, so that the network reads as such.
type step struct {
	g       *gorgonia.ExprGraph
	n       int
	weights gorgonia.Nodes
	err     error
}

// input is the batch x (n, d).
func (s *step) input(n, d int, x []float32) *gorgonia.Node {
	return gorgonia.NewMatrix(s.g, tensor.Float32, gorgonia.WithShape(n, d), gorgonia.WithName("x"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(n, d), tensor.WithBacking(x))))
}

func (s *step) keep(x *gorgonia.Node, err error) *gorgonia.Node {
	if s.err == nil {
		s.err = err
	}
	return x
}

func (s *step) apply(f func(*gorgonia.Node) (*gorgonia.Node, error), x *gorgonia.Node) *gorgonia.Node {
	if s.err != nil {
		return x
	}
	return s.keep(f(x))
}

func (s *step) two(f func(a, b *gorgonia.Node) (*gorgonia.Node, error), a, b *gorgonia.Node) *gorgonia.Node {
	if s.err != nil {
		return a
	}
	return s.keep(f(a, b))
}

func (s *step) mean(x *gorgonia.Node) *gorgonia.Node {
	return s.apply(func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Mean(x) }, x)
}

// layers is a stack of affine maps with logistic units between them; layer linear has none.
func (s *step) layers(x *gorgonia.Node, units []int, linear int) *gorgonia.Node {
	for i := 1; i < len(units); i++ {
		x = s.affine(x, units[i-1], units[i])
		if i < len(units)-1 && i != linear {
			x = s.apply(gorgonia.Sigmoid, x)
		}
	}
	return x
}

func (s *step) affine(x *gorgonia.Node, in, out int) *gorgonia.Node {
	id := strconv.Itoa(len(s.weights))
	w := gorgonia.NewMatrix(s.g, tensor.Float32, gorgonia.WithShape(in, out), gorgonia.WithName("w"+id),
		gorgonia.WithInit(gorgonia.GlorotU(1)))
	b := gorgonia.NewMatrix(s.g, tensor.Float32, gorgonia.WithShape(1, out), gorgonia.WithName("b"+id),
		gorgonia.WithInit(gorgonia.Zeroes()))
	s.weights = append(s.weights, w, b)
	return s.two(func(x, b *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.BroadcastAdd(x, b, nil, []byte{0})
	}, s.two(gorgonia.Mul, x, w), b)
}

// vae is the negative evidence lower bound of a variational autoencoder with one layer of rectified units
// on each side, per example.
func (s *step) vae(x *gorgonia.Node, units []int) *gorgonia.Node {
	d, h, l := units[0], units[1], units[2]
	half, one := gorgonia.NewConstant(float32(0.5)), gorgonia.NewConstant(float32(1))
	hidden := s.apply(gorgonia.Rectify, s.affine(x, d, h))
	mean, logVar := s.affine(hidden, h, l), s.affine(hidden, h, l)
	noise := gorgonia.GaussianRandomNode(s.g, tensor.Float32, 0, 1, s.n, l)
	sigma := s.apply(gorgonia.Exp, s.two(gorgonia.Mul, logVar, half))
	z := s.two(gorgonia.Add, mean, s.two(gorgonia.HadamardProd, sigma, noise))
	y := s.affine(s.apply(gorgonia.Rectify, s.affine(z, l, h)), h, d)
	nll := s.two(gorgonia.Sub, s.apply(gorgonia.Softplus, y), s.two(gorgonia.HadamardProd, y, x))
	spread := s.two(gorgonia.Sub, s.two(gorgonia.Sub, s.apply(gorgonia.Exp, logVar), logVar), one)
	kl := s.two(gorgonia.Mul, s.two(gorgonia.Add, s.apply(gorgonia.Square, mean), spread), half)
	sum := func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sum(x) }
	total := s.two(gorgonia.Add, s.apply(sum, nll), s.apply(sum, kl))
	return s.two(gorgonia.Mul, total, gorgonia.NewConstant(1/float32(s.n)))
}

func (s *step) crossEntropy(logits *gorgonia.Node, labels []int, classes int) *gorgonia.Node {
	target := make([]float32, s.n*classes)
	for i, l := range labels {
		target[i*classes+l] = 1
	}
	y := gorgonia.NewMatrix(s.g, tensor.Float32, gorgonia.WithShape(s.n, classes), gorgonia.WithName("y"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(s.n, classes), tensor.WithBacking(target))))
	logp := s.apply(func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.LogSoftMax(x, 1) }, logits)
	sum := s.apply(func(x *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sum(x) }, s.two(gorgonia.HadamardProd, logp, y))
	scale := gorgonia.NewConstant(float32(-1) / float32(s.n))
	return s.two(gorgonia.Mul, sum, scale)
}
