package vae

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/prob"
	"github.com/latent-go/latent/internal/named"
)

// A Likelihood is the family of p(x|z), independent over the elements of an example.
type Likelihood int

const (
	Bernoulli   Likelihood = iota // of x in [0, 1]; the decoder gives logits
	Gaussian                      // of any x; the decoder gives means
	Categorical                   // of one-hot groups of Categories elements; the decoder gives logits
)

var likelihoodNames = named.Constants[Likelihood]{
	Unknown: "vae: unknown likelihood",
	Names:   []string{"bernoulli", "gaussian", "categorical"},
}

func (l Likelihood) valid() bool { return likelihoodNames.Valid(l) }

func (l Likelihood) String() string { return likelihoodNames.String(l) }

// MarshalText and UnmarshalText give a Likelihood its name in flags and files.
func (l Likelihood) MarshalText() ([]byte, error) { return likelihoodNames.MarshalText(l) }

// UnmarshalText is the inverse of MarshalText.
func (l *Likelihood) UnmarshalText(text []byte) error { return likelihoodNames.UnmarshalText(l, text) }

// nll is -log p(x|z) (n k), in nats, for outputs y (n k, d) of the decoder for k samples of each x (n, d).
func (c Config) nll(b *graph.Builder, y, x *graph.Node) *graph.Node {
	switch {
	case c.Likelihood == Bernoulli:
		return op.BernoulliNLL(y, x)
	case c.Likelihood == Categorical:
		return prob.CategoricalNLL(y, op.Repeat(x, samplesOf(y, x)), c.Categories)
	case c.Variance == 0:
		return op.GaussianNLL(y, b.Scope("dec").Param("logvar", graph.Zeros, c.Inputs()), op.Repeat(x, samplesOf(y, x)))
	}
	constant := float64(c.Inputs()) / 2 * math.Log(2*math.Pi*c.Variance)
	return op.AddScalar(op.Scale(op.SquaredError(y, x), 0.5/c.Variance), constant)
}

// mean is E[x|z] (n, d) for outputs y (n, d) of the decoder.
func (c Config) mean(y *graph.Node) *graph.Node {
	switch c.Likelihood {
	case Bernoulli:
		return op.Sigmoid(y)
	case Categorical:
		n, d, v := y.Dim(0), c.Inputs(), c.Categories
		return op.Reshape(op.Softmax(op.Reshape(y, n, d/v, v)), n, d)
	}
	return y
}

// check returns an error if x (n, d) has values that the likelihood gives no probability.
func (c Config) check(x graph.Array) error {
	switch c.Likelihood {
	case Bernoulli:
		return x.CheckRange(0, 1)
	case Categorical:
		return x.CheckOneHot(c.Categories)
	}
	return nil
}
