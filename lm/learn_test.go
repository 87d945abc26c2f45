package lm

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/text"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
)

// A chain is a Markov chain of second order: the distributions of the token after each pair of tokens.
type chain [3][3][3]float64

func newChain() (c chain) {
	for a := range 3 {
		for b := range 3 {
			u, total := make([]float64, 3), 0.0
			graph.Uniform(graph.NewKey(5).ForkN(3*a+b), u)
			for i := range u {
				c[a][b][i] = math.Exp(5 * u[i])
				total += c[a][b][i]
			}
			for i := range u {
				c[a][b][i] /= total
			}
		}
	}
	return c
}

// entropy is the exact rate, in nats per token, and that of the best model that sees one token alone.
func (c chain) entropy() (rate, ofPairs float64) {
	pairs := [3][3]float64{{1}}
	for range 10000 { // to the stationary distribution
		var next [3][3]float64
		for a := range 3 {
			for b := range 3 {
				for i, p := range c[a][b] {
					next[b][i] += pairs[a][b] * p
				}
			}
		}
		pairs = next
	}
	for b := range 3 {
		for i := range 3 {
			joint := 0.0
			for a := range 3 {
				rate -= pairs[a][b] * c[a][b][i] * math.Log(c[a][b][i])
				joint += pairs[a][b] * c[a][b][i]
			}
			ofPairs -= joint * math.Log(joint/(pairs[0][b]+pairs[1][b]+pairs[2][b]))
		}
	}
	return rate, ofPairs
}

// draw is a text of n tokens, and the mean of -log p of those after the second.
func (c chain) draw(key graph.Key, n int) (ids []int, nll float64) {
	u := make([]float64, n)
	graph.Uniform(key, u)
	ids = []int{0, 0}
	for i := 2; i < n; i++ {
		p := c[ids[i-2]][ids[i-1]][:]
		ids = append(ids, pick(p, u[i]))
		nll -= math.Log(p[ids[i]]) / float64(n-2)
	}
	return ids, nll
}

// TestLearns: every network must find a chain of second order.
func TestLearns(t *testing.T) {
	c := newChain()
	rate, ofPairs := c.entropy()
	if ofPairs < 1.1*rate {
		t.Fatalf("a chain of entropy rate %g, of pairs %g: too easy", rate, ofPairs)
	}
	const length = 8
	ids, _ := c.draw(graph.NewKey(1), 40_000)
	other, exact := c.draw(graph.NewKey(2), 20_000)
	near(t, "-log p of the chain", exact, rate, 0.02)
	windows := must(text.Windows(ids, length))(t)
	heldOut := must(text.HeldOut(other, length))(t)
	for k := FeedForward; k.valid(); k++ {
		m := must(New(Config{Kind: k, Vocabulary: 3, Context: length, Layers: 1, Units: 16, Heads: 2, Tied: k == Transformer}))(t)
		result, err := train.Run(t.Context(), m, windows, train.Config{Steps: 800, BatchSize: 32, Optim: optim.Config{Rate: 1e-2, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: 800}},
			Valid: heldOut})
		if err != nil {
			t.Fatal(err)
		}
		got := math.Log(must(m.Perplexity(t.Context(), other))(t))
		if excess := got - exact; !(excess > -0.005*rate && excess < 0.02*rate) {
			t.Errorf("%v: -log p is %.4f nats per token, that of the chain is %.4f, its entropy rate %.4f", k, got, exact, rate)
		}
		// In windows the first predictions see one token alone.
		if _, values := result.History.Curve(train.Valid, train.Loss); !(values[len(values)-1] > got-0.005 && values[len(values)-1] < 1.2*got) {
			t.Errorf("%v: held-out loss %v, in a row %.4f", k, values, got)
		}
	}
}
