package vae

import (
	"fmt"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// activeVariance is the variance of E[z|x] above which a latent unit is active.
const activeVariance = 0.01

// Units tells how much each latent unit is used.
type Units struct {
	Variance []float64 // (l): variance over examples of the posterior's mean
	KL       []float64 // (l): divergence of the posterior from the prior in nats, averaged over examples
	Active   int       // number of units whose Variance is above 0.01 (Burda et al. 2015, section 5.2)
}

// Units measures the latent units on examples (n, ...), of which at least 2 are needed.
func (m *Model) Units(x graph.Array, labels ...int) (Units, error) {
	mean, logVar, err := m.posterior(x, labels)
	if err != nil {
		return Units{}, err
	}
	n, l := mean.Shape[0], m.cfg.Latent
	if n < 2 {
		return Units{}, errors.Wrapf(graph.ErrShape, "a variance over %d example, expected at least 2", n)
	}
	u := Units{Variance: make([]float64, l), KL: make([]float64, l)}
	for j := range l {
		average := 0.0
		for i := range n {
			v := mean.At(i*l + j)
			average += v / float64(n)
			u.KL[j] += standardNormalKL(v, logVar.At(i*l+j)) / float64(n)
		}
		for i := range n {
			d := mean.At(i*l+j) - average
			u.Variance[j] += d * d / float64(n)
		}
		if u.Variance[j] > activeVariance {
			u.Active++
		}
	}
	return u, nil
}

// Collapsed says in words that the posterior has collapsed to the prior, so that no latent unit tells
// anything of x; it is empty if it has not.
func (u Units) Collapsed() string {
	if u.Active > 0 {
		return ""
	}
	return fmt.Sprintf("posterior collapse: none of %d latent units is active; try warm-up, free bits, a smaller beta or a weaker decoder", len(u.Variance))
}

// standardNormalKL is KL(N(mean, e^logVar) || N(0, 1)).
func standardNormalKL(mean, logVar float64) float64 {
	return (mean*mean + math.Expm1(logVar) - logVar) / 2
}
