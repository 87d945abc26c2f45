package op

import (
	"fmt"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// The nodes of this file draw anew in every run, from the run's key and their own path: equal keys
// give equal numbers, for any number of threads, and two nodes draw independently. No gradient
// passes through a draw.

// Bernoulli is 1 with probability p, element by element, and else 0.
func Bernoulli(p *node) *node {
	return graph.Apply("bernoulli", nodes{p}, func() (graph.Op, error) {
		if !floats(p) {
			return typeError("probabilities must be floats")
		}
		return graph.Op{Shape: p.Shape(), Forward: pick(p,
			func(a *graph.Args) { graph.Bernoulli(a.Key, a.Out.F32, a.In[0].F32) },
			func(a *graph.Args) { graph.Bernoulli(a.Key, a.Out.F64, a.In[0].F64) })}, nil
	})
}

// Normal draws from N(0, 1) in the shape of like, whose value does not matter. The reparameterisation
// trick (Kingma & Welling 2014, section 2.4) is Reparameterize(mean, logVar, Normal(mean)).
func Normal(like *node) *node { return NormalRows(like, 1) }

// NormalRows is Normal with k rows for every one of like (n, ...): (n k, ...).
func NormalRows(like *node, k int) *node {
	return graph.Apply("normal", nodes{like}, func() (graph.Op, error) {
		shape, err := moreRows(like, k)
		if err != nil {
			return graph.Op{}, err
		}
		return graph.Op{Shape: shape, Forward: pick(like,
			func(a *graph.Args) { graph.Normal(a.Key, a.Out.F32) },
			func(a *graph.Args) { graph.Normal(a.Key, a.Out.F64) })}, nil
	})
}

// Uniform draws from [0, 1) in the shape of like, whose value does not matter.
func Uniform(like *node) *node {
	return graph.Apply("uniform", nodes{like}, func() (graph.Op, error) {
		return graph.Op{Shape: like.Shape(), Forward: pick(like,
			func(a *graph.Args) { graph.Uniform(a.Key, a.Out.F32) },
			func(a *graph.Args) { graph.Uniform(a.Key, a.Out.F64) })}, nil
	})
}

// Dropout sets each element to zero with probability rate and divides the others by 1-rate
// (Srivastava et al. 2014). rate is in [0, 1). A model applies it in training graphs only.
func Dropout(x *node, rate float64) *node {
	if rate == 0 {
		return x
	}
	return Mul(x, dropoutMask(x, rate))
}

func dropoutMask(x *node, rate float64) *node {
	if !(rate > 0 && rate < 1) {
		return outOfRange("dropout", x, "dropout rate %g is outside [0, 1)", rate)
	}
	return graph.Apply(fmt.Sprintf("dropout(%g)", rate), nodes{x}, func() (graph.Op, error) {
		if !floats(x) {
			return typeError("dropout of integers")
		}
		return graph.Op{Shape: x.Shape(), Forward: pick(x, mask[float32](rate), mask[float64](rate))}, nil
	})
}

func mask[T graph.Float](rate float64) func(*graph.Args) {
	return func(a *graph.Args) {
		m := of[T](&a.Out)
		for i := range m {
			m[i] = T(1 - rate)
		}
		graph.Bernoulli(a.Key, m, m)
		kernel.Scale(m, T(1/(1-rate)), m)
	}
}

// Categorical draws one of the c categories of every row of probabilities p (..., c), each with its
// share of the row's sum: 1 at the category and 0 elsewhere. A NaN spreads over its row.
func Categorical(p *node) *node {
	return graph.Apply("categorical", nodes{p}, func() (graph.Op, error) {
		if !floats(p) || len(p.Shape()) == 0 {
			return shapeError("a categorical draw needs probabilities (..., c)")
		}
		rows, cols := rowsAndColumns(p.Shape())
		return graph.Op{Shape: p.Shape(), Forward: pick(p, drawCategories[float32](rows, cols), drawCategories[float64](rows, cols))}, nil
	})
}

func drawCategories[T graph.Float](rows, cols int) func(*graph.Args) {
	at := make([]T, rows)
	return func(a *graph.Args) {
		p, y := of[T](&a.In[0]), of[T](&a.Out)
		graph.Uniform(a.Key, at)
		forRows(rows, cols, func(lo, hi int) {
			for r := lo; r < hi; r++ {
				drawCategory(y[r*cols:(r+1)*cols], p[r*cols:(r+1)*cols], at[r])
			}
		})
	}
}

// drawCategory sets y to the one-hot code of the category of p at which a part u of p's sum is passed.
func drawCategory[T graph.Float](y, p []T, u T) {
	total := T(0)
	for _, v := range p {
		total += v
	}
	if total-total != 0 { // NaN or Inf
		for i := range y {
			y[i] = total - total
		}
		return
	}
	clear(y)
	chosen, passed := 0, T(0)
	for i, v := range p {
		if v > 0 {
			chosen = i // also if rounding keeps the sum below u
		}
		if passed += v; u*total < passed {
			break
		}
	}
	y[chosen] = 1
}
