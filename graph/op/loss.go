package op

import (
	"math"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
	"github.com/pkg/errors"
)

// The losses of this file are per example: from (n, ...) to (n), summed over all axes but the first,
// in nats where they are log-likelihoods. A model's loss is usually their Mean.

// pairLoss makes a loss of two nodes from functions of a row. b has the shape of a, or one row for
// every k consecutive rows of a; then it takes no gradient.
func pairLoss(name string, a, b *node, f32 func(a, b []float32) float64, f64 func(a, b []float64) float64,
	gradA, gradB func(a, b, dy *node) *node) *node {
	return graph.Apply(name, nodes{a, b}, func() (graph.Op, error) {
		if len(a.Shape()) == 0 || len(b.Shape()) == 0 || !slices.Equal(a.Shape()[1:], b.Shape()[1:]) || a.Dim(0)%b.Dim(0) != 0 || !floats(a, b) {
			return shapeError("%s needs two equal shapes (n, ...), or (n k, ...) and (n, ...)", name)
		}
		p := pair{a.Dim(0), product(a.Shape()[1:]), a.Dim(0) / b.Dim(0)}
		if p.k > 1 && b.NeedsGrad() {
			return shapeError("%s has no gradient at rows that are compared with %d each", name, p.k)
		}
		return graph.Op{
			Shape:   []int{p.rows},
			Forward: pick(a, forwardPairLoss(f32, p), forwardPairLoss(f64, p)),
			Backward: func(in nodes, _, dy *node) nodes {
				return nodes{
					ifNeeded(in[0], func() *node { return gradA(in[0], in[1], dy) }),
					ifNeeded(in[1], func() *node { return gradB(in[0], in[1], dy) }),
				}
			},
		}, nil
	})
}

// pair is the size of a pairLoss: row r of a (rows, cols) is compared with row r/k of b.
type pair struct{ rows, cols, k int }

func (p pair) a(r int) (lo, hi int) { return r * p.cols, (r + 1) * p.cols }
func (p pair) b(r int) (lo, hi int) { return p.a(r / p.k) }

func forwardPairLoss[T graph.Float](f func(a, b []T) float64, p pair) func(*graph.Args) {
	return func(args *graph.Args) {
		dst, a, b := of[T](&args.Out), of[T](&args.In[0]), of[T](&args.In[1])
		forRows(p.rows, p.cols, func(first, last int) {
			for r := first; r < last; r++ {
				lo, hi := p.a(r)
				from, to := p.b(r)
				dst[r] = T(f(a[lo:hi], b[from:to]))
			}
		})
	}
}

// pairGrad is (n k, ...) from a (n k, ...), b (n, ...) and dy (n k): f fills a row, given that row's dy.
func pairGrad(name string, a, b, dy *node, f32 func(dst, a, b []float32, dy float32), f64 func(dst, a, b []float64, dy float64)) *node {
	return graph.Apply(name, nodes{a, b, dy}, func() (graph.Op, error) {
		p := pair{a.Dim(0), product(a.Shape()[1:]), a.Dim(0) / b.Dim(0)}
		return graph.Op{Shape: a.Shape(), Forward: pick(a, forwardPairGrad(f32, p), forwardPairGrad(f64, p))}, nil
	})
}

func forwardPairGrad[T graph.Float](f func(dst, a, b []T, dy T), p pair) func(*graph.Args) {
	return func(args *graph.Args) {
		dst, a, b, dy := of[T](&args.Out), of[T](&args.In[0]), of[T](&args.In[1]), of[T](&args.In[2])
		forRows(p.rows, p.cols, func(first, last int) {
			for r := first; r < last; r++ {
				lo, hi := p.a(r)
				from, to := p.b(r)
				f(dst[lo:hi], a[lo:hi], b[from:to], dy[r])
			}
		})
	}
}

// SquaredError is the sum over an example of (a - b)^2. b (n, ...) may have fewer rows than a (n k, ...):
// then each is compared with k consecutive rows of a, and takes no gradient.
func SquaredError(a, b *node) *node {
	grad := func(a, b, dy *node) *node {
		return pairGrad("squarederrorgrad", a, b, dy,
			func(dst, a, b []float32, dy float32) { kernel.SquaredErrorGrad(dst, a, b, 2*dy) },
			func(dst, a, b []float64, dy float64) { kernel.SquaredErrorGrad(dst, a, b, 2*dy) })
	}
	return pairLoss("squarederror", a, b, kernel.SquaredErrorSum[float32], kernel.SquaredErrorSum[float64],
		grad, func(a, b, dy *node) *node { return grad(b, a, dy) })
}

// BernoulliNLL is the negative log-likelihood of x, in [0, 1], under independent Bernoulli variables
// given by their logits: the cross-entropy, computed without forming a probability, so that no
// logit is too large. x may have fewer rows than logits, as b of SquaredError.
func BernoulliNLL(logits, x *node) *node {
	return pairLoss("bernoullinll", logits, x, kernel.BernoulliSum[float32], kernel.BernoulliSum[float64],
		func(logits, x, dy *node) *node {
			return pairGrad("bernoullinllgrad", logits, x, dy, kernel.BernoulliGrad[float32], kernel.BernoulliGrad[float64])
		},
		func(logits, _, dy *node) *node { return Neg(Mul(logits, column(dy, logits))) })
}

// column reshapes dy (n) to (n, 1, ...) with as many axes as like.
func column(dy, like *node) *node {
	shape := make([]int, len(like.Shape()))
	for i := range shape {
		shape[i] = 1
	}
	if len(shape) > 0 {
		shape[0] = dy.Dim(0)
	}
	return Reshape(dy, shape...)
}

// GaussianNLL is the negative log-likelihood of x under independent normal variables with the given
// means and logarithms of the variance, the constant log(2 pi)/2 per element included.
func GaussianNLL(mean, logVar, x *node) *node {
	// (log 2 pi + logVar + (x - mean)^2 e^-logVar) / 2
	z := Mul(Square(Sub(x, mean)), Exp(Neg(logVar)))
	perElement := Scale(AddScalar(Add(logVar, z), math.Log(2*math.Pi)), 0.5)
	axes := make([]int, 0, 3)
	for i := 1; i < len(perElement.Shape()); i++ {
		axes = append(axes, i)
	}
	if len(axes) == 0 {
		return perElement
	}
	return Sum(perElement, axes...)
}

// SoftmaxCrossEntropy is the negative log-probability of the label under softmax(logits): logits
// (..., v), labels integers (...) in [0, v), result (...). A label outside the range is an error of the run.
func SoftmaxCrossEntropy(logits, labels *node) *node {
	return graph.Apply("softmaxcrossentropy", nodes{logits, labels}, func() (graph.Op, error) {
		axes := len(labels.Shape())
		if axes == 0 || len(logits.Shape()) != axes+1 || !slices.Equal(logits.Shape()[:axes], labels.Shape()) {
			return shapeError("expected logits (..., v) and labels (...)")
		}
		if !floats(logits) || !labels.IsInt() {
			return typeError("expected float logits and integer labels")
		}
		forward := crossEntropy[float32]
		if logits.DType() == graph.Float64 {
			forward = crossEntropy[float64]
		}
		return graph.Op{
			Shape:   labels.Shape(),
			Forward: forward,
			Backward: func(in nodes, _, dy *node) nodes {
				return nodes{crossEntropyGrad(in[0], in[1], dy), nil}
			},
		}, nil
	})
}

func crossEntropy[T graph.Float](a *graph.Args) error {
	dst, logits, labels := of[T](&a.Out), of[T](&a.In[0]), a.In[1].Int
	v := a.In[0].Shape[len(a.In[0].Shape)-1]
	if err := checkLabels(labels, v); err != nil {
		return err
	}
	forRows(len(dst), v, func(lo, hi int) {
		kernel.LogSumExp(dst[lo:hi], logits[lo*v:hi*v], hi-lo, v)
		for r := lo; r < hi; r++ {
			dst[r] -= logits[r*v+labels[r]]
		}
	})
	return nil
}

func checkLabels(labels []int, v int) error {
	for i, label := range labels {
		if label < 0 || label >= v {
			return errors.Wrapf(graph.ErrRange, "label %d of example %d is outside [0, %d)", label, i, v)
		}
	}
	return nil
}

// crossEntropyGrad is dy (softmax(logits) - onehot(labels)).
func crossEntropyGrad(logits, labels, dy *node) *node {
	return graph.Apply("softmaxcrossentropygrad", nodes{logits, labels, dy}, func() (graph.Op, error) {
		forward := forwardCrossEntropyGrad[float32]
		if logits.DType() == graph.Float64 {
			forward = forwardCrossEntropyGrad[float64]
		}
		return graph.Op{Shape: logits.Shape(), Forward: forward}, nil
	})
}

func forwardCrossEntropyGrad[T graph.Float](a *graph.Args) error {
	dst, logits, labels, dy := of[T](&a.Out), of[T](&a.In[0]), a.In[1].Int, of[T](&a.In[2])
	v := a.In[0].Shape[len(a.In[0].Shape)-1]
	if err := checkLabels(labels, v); err != nil { // the machine may come here before the loss
		return err
	}
	forRows(len(labels), v, func(lo, hi int) {
		kernel.Softmax(dst[lo*v:hi*v], logits[lo*v:hi*v], hi-lo, v)
		for r := lo; r < hi; r++ {
			row := dst[r*v : (r+1)*v]
			row[labels[r]]--
			kernel.Scale(row, dy[r], row)
		}
	})
	return nil
}
