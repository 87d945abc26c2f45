package main

import (
	"context"
	"fmt"
	"math"

	"github.com/latent-go/latent/graph"
)

// gaussians are a Gaussian of independent numbers for every state.
type gaussians struct {
	states, d      int
	mean, variance []float64 // (states, d)
}

// gaussian trains the baseline: Gaussians of cepstra and slopes, which are fitted to the frames of each state, and
// borders between states, which are moved to where the Gaussians have them, in turn (Viterbi training). The borders
// that it ends with are what the networks learn, as in the paper, and what frames of the test are compared with.
func (p *program) gaussian(context.Context) error {
	g := p.fit()
	for range p.align {
		for _, of := range []*part{&p.train, &p.valids, &p.tests} {
			p.realign(g, of)
		}
		g = p.fit()
	}
	fmt.Println()
	return p.result("Gaussians", g.acoustic)
}

// fit is the Gaussians of the training's frames.
func (p *program) fit() *gaussians {
	g := &gaussians{states: len(p.labels) * p.states, d: 3 * cepstra}
	g.mean, g.variance = make([]float64, g.states*g.d), make([]float64, g.states*g.d)
	count, at := make([]float64, g.states), 0
	for _, c := range p.train.cepstra {
		for t := range c.Shape[0] {
			s := p.train.states.Int[at]
			for j, v := range c.F32[t*g.d : (t+1)*g.d] {
				g.mean[s*g.d+j] += float64(v)
				g.variance[s*g.d+j] += float64(v) * float64(v)
			}
			count[s]++
			at++
		}
	}
	const least = 1e-3 // of a variance: a state may have few frames
	for i := range g.mean {
		n := max(1, count[i/g.d])
		g.mean[i] /= n
		g.variance[i] = max(least, g.variance[i]/n-g.mean[i]*g.mean[i])
	}
	return g
}

// acoustic is the log-likelihoods of a recording's frames.
func (g *gaussians) acoustic(of *part, clip int) (graph.Array, error) {
	c := of.cepstra[clip]
	out := graph.Floats32(make([]float32, c.Shape[0]*g.states), c.Shape[0], g.states)
	norm := make([]float64, g.states)
	for i, v := range g.variance {
		norm[i/g.d] += 0.5 * math.Log(2*math.Pi*v)
	}
	for i := range out.F32 {
		s, sum := i%g.states, 0.0
		for j, v := range c.F32[i/g.states*g.d : (i/g.states+1)*g.d] {
			e := float64(v) - g.mean[s*g.d+j]
			sum += e * e / g.variance[s*g.d+j]
		}
		out.F32[i] = float32(-0.5*sum - norm[s])
	}
	return out, nil
}

// realign gives the frames of recordings the states of the best sequence of the word that they are known to be.
func (p *program) realign(g *gaussians, of *part) {
	at := 0
	for clip, word := range of.words {
		loglik, _ := g.acoustic(of, clip)
		_, path := align(loglik, word*p.states, p.states)
		at += copy(of.states.Int[at:], path)
	}
}
