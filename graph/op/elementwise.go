package op

import (
	"fmt"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// unary applies an element-wise function. grad builds dx from x, y and dy.
func unary(name string, x *node, f32 func(dst, x []float32), f64 func(dst, x []float64), grad func(x, y, dy *node) *node) *node {
	return graph.Apply(name, nodes{x}, func() (graph.Op, error) {
		if !floats(x) {
			return typeError("%s of integers", name)
		}
		return graph.Op{
			Shape:   x.Shape(),
			Forward: pick(x, forwardUnary(f32), forwardUnary(f64)),
			Backward: func(in nodes, y, dy *node) nodes {
				return nodes{grad(in[0], y, dy)}
			},
		}, nil
	})
}

func forwardUnary[T graph.Float](f func(dst, x []T)) func(*graph.Args) {
	return func(a *graph.Args) {
		dst, x := of[T](&a.Out), of[T](&a.In[0])
		kernel.For(len(dst), func(lo, hi int) { f(dst[lo:hi], x[lo:hi]) })
	}
}

// binary applies an element-wise function of two nodes of one shape, after broadcasting.
func binary(name string, a, b *node, f32 func(dst, a, b []float32), f64 func(dst, a, b []float64), grad func(a, b, y, dy *node) nodes) *node {
	a, b = broadcastPair(name, a, b)
	return graph.Apply(name, nodes{a, b}, func() (graph.Op, error) {
		if !floats(a, b) {
			return typeError("%s of integers", name)
		}
		o := graph.Op{
			Shape:   a.Shape(),
			Forward: pick(a, forwardBinary(f32), forwardBinary(f64)),
		}
		if grad != nil {
			o.Backward = func(in nodes, y, dy *node) nodes { return grad(in[0], in[1], y, dy) }
		}
		return o, nil
	})
}

func forwardBinary[T graph.Float](f func(dst, a, b []T)) func(*graph.Args) {
	return func(args *graph.Args) {
		dst, a, b := of[T](&args.Out), of[T](&args.In[0]), of[T](&args.In[1])
		kernel.For(len(dst), func(lo, hi int) { f(dst[lo:hi], a[lo:hi], b[lo:hi]) })
	}
}

// Add is a + b, with broadcasting: axes are matched from the last, and one of size 1, or absent,
// is repeated.
func Add(a, b *node) *node {
	return binary("add", a, b, kernel.Add[float32], kernel.Add[float64],
		func(_, _, _, dy *node) nodes { return nodes{dy, dy} })
}

// Sub is a - b, with broadcasting.
func Sub(a, b *node) *node {
	return binary("sub", a, b, kernel.Sub[float32], kernel.Sub[float64],
		func(_, b, _, dy *node) nodes { return nodes{dy, ifNeeded(b, func() *node { return Neg(dy) })} })
}

// Mul is the element-wise product, with broadcasting.
func Mul(a, b *node) *node {
	return binary("mul", a, b, kernel.Mul[float32], kernel.Mul[float64],
		func(a, b, _, dy *node) nodes {
			return nodes{
				ifNeeded(a, func() *node { return Mul(dy, b) }),
				ifNeeded(b, func() *node { return Mul(dy, a) }),
			}
		})
}

// Div is the element-wise quotient a / b, with broadcasting.
func Div(a, b *node) *node {
	return binary("div", a, b, kernel.Div[float32], kernel.Div[float64],
		func(a, b, y, dy *node) nodes {
			return nodes{
				ifNeeded(a, func() *node { return Div(dy, b) }),
				ifNeeded(b, func() *node { return Neg(Div(Mul(dy, y), b)) }),
			}
		})
}

// ifNeeded builds a gradient only if x needs one.
func ifNeeded(x *node, grad func() *node) *node {
	if !x.NeedsGrad() {
		return nil
	}
	return grad()
}

// Scale is c x.
func Scale(x *node, c float64) *node {
	return unary(fmt.Sprintf("scale(%g)", c), x,
		func(dst, x []float32) { kernel.Scale(dst, float32(c), x) },
		func(dst, x []float64) { kernel.Scale(dst, c, x) },
		func(_, _, dy *node) *node { return Scale(dy, c) })
}

// AddScalar is x + c.
func AddScalar(x *node, c float64) *node {
	return unary(fmt.Sprintf("add(%g)", c), x,
		func(dst, x []float32) { kernel.AddScalar(dst, float32(c), x) },
		func(dst, x []float64) { kernel.AddScalar(dst, c, x) },
		func(_, _, dy *node) *node { return dy })
}

// Neg is -x.
func Neg(x *node) *node {
	return unary("neg", x, kernel.Neg[float32], kernel.Neg[float64],
		func(_, _, dy *node) *node { return Neg(dy) })
}

// Exp is e^x.
func Exp(x *node) *node {
	return unary("exp", x, kernel.Exp[float32], kernel.Exp[float64],
		func(_, y, dy *node) *node { return Mul(dy, y) })
}

// Log is the natural logarithm; NaN for negative numbers.
func Log(x *node) *node {
	return unary("log", x, kernel.Log[float32], kernel.Log[float64],
		func(x, _, dy *node) *node { return Div(dy, x) })
}

// Sqrt is the square root. Its gradient is infinite at 0.
func Sqrt(x *node) *node {
	return unary("sqrt", x, kernel.Sqrt[float32], kernel.Sqrt[float64],
		func(_, y, dy *node) *node { return Scale(Div(dy, y), 0.5) })
}

// Square is x^2.
func Square(x *node) *node {
	return unary("square", x, kernel.Square[float32], kernel.Square[float64],
		func(x, _, dy *node) *node { return Scale(Mul(dy, x), 2) })
}

// Abs is |x|; its gradient at 0 is taken as 0.
func Abs(x *node) *node {
	return unary("abs", x, kernel.Abs[float32], kernel.Abs[float64],
		func(x, _, dy *node) *node { return Mul(dy, sign(x)) })
}

// sign is -1, 0 or 1; no gradient passes.
func sign(x *node) *node {
	return graph.Apply("sign", nodes{x}, func() (graph.Op, error) {
		return graph.Op{Shape: x.Shape(), Forward: pick(x, forwardUnary(signs[float32]), forwardUnary(signs[float64]))}, nil
	})
}

func signs[T graph.Float](dst, x []T) {
	for i, v := range x {
		switch {
		case v > 0:
			dst[i] = 1
		case v < 0:
			dst[i] = -1
		default:
			dst[i] = v // 0 or NaN
		}
	}
}

// Step is 1 where x is positive and 0 elsewhere; no gradient passes.
func Step(x *node) *node { return StopGradient(ReLU(sign(x))) }

// StopGradient is x, but no gradient passes (van den Oord et al. 2017 write it sg).
func StopGradient(x *node) *node {
	return graph.Apply("stop", nodes{x}, func() (graph.Op, error) {
		if !floats(x) {
			return typeError("stop-gradient of integers")
		}
		return graph.Op{Shape: x.Shape(), Forward: pick(x, copyForward[float32], copyForward[float64])}, nil
	})
}

func copyForward[T graph.Float](a *graph.Args) { copy(of[T](&a.Out), of[T](&a.In[0])) }
