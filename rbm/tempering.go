package rbm

import (
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// Parallel tempering (Desjardins et al. 2010, "Tempered Markov chain Monte Carlo for training of restricted
// Boltzmann machines"; Cho, Raiko & Ilin 2010): every persistent chain is a ladder of states at inverse
// temperatures from 1 down to 0, equally far apart, which after each gradient's Gibbs steps may change
// places with their neighbours. The hot ones move freely between modes and pass them on.

// A ladder is the chains' states, Temperatures times Chains rows, those at temperature 1 first.
type ladder struct{ rungs, chains int }

// beta is the inverse temperature of a rung; those outside the ladder have that of its end.
func (l ladder) beta(rung int) float64 {
	return 1 - float64(min(max(rung, 0), l.rungs-1))/float64(l.rungs-1)
}

// betas are the inverse temperatures (rungs chains, 1) of the rows of v, moved by some rungs.
func (l ladder) betas(v *graph.Node, moved int) *graph.Node {
	return graph.Apply("betas", []*graph.Node{v}, func() (graph.Op, error) {
		return graph.Op{Shape: []int{l.rungs * l.chains, 1}, Forward: func(a *graph.Args) error {
			for i := range l.rungs * l.chains {
				set(a.Out, i, l.beta(i/l.chains+moved))
			}
			return nil
		}}, nil
	})
}

func set(a graph.Array, i int, x float64) {
	if a.F64 != nil {
		a.F64[i] = x
	} else {
		a.F32[i] = float32(x)
	}
}

// step takes the ladder v through k Gibbs steps at its temperatures, and one round of swaps.
func (l ladder) step(w Weights, v *graph.Node, k int) *graph.Node {
	own := l.betas(v, 0)
	for range k {
		h := w.hiddenSample(op.Mul(w.HiddenLogits(v), own))
		v = w.visibleDraw(w.visibleMean(op.Mul(op.AffineT(h, w.W, w.B, op.Identity), own)))
	}
	logits, visible := w.HiddenLogits(v), w.visibleEnergy(v)
	logp := func(moved int) *graph.Node { // log of the unnormalised p(v) at a temperature
		beta := l.betas(v, moved)
		hidden := op.Sum(op.Softplus(op.Mul(logits, beta)), -1)
		return op.Sub(hidden, op.Mul(visible, op.Reshape(beta, -1)))
	}
	return l.swap(v, logp(0), logp(-1), logp(1))
}

// swap exchanges states of neighbouring rungs with the probability that keeps every rung's distribution
// (Metropolis): of rungs 0 and 1, 2 and 3, ..., or of 1 and 2, 3 and 4, ..., one or the other by a coin.
// own, colder and hotter (rows) are log p of each state at its rung and at the two beside it.
func (l ladder) swap(v, own, colder, hotter *graph.Node) *graph.Node {
	return graph.Apply("swap", []*graph.Node{v, own, colder, hotter}, func() (graph.Op, error) {
		u := make([]float64, 1+l.rungs*l.chains)
		from := make([]int, l.rungs*l.chains)
		return graph.Op{Shape: v.Shape(), Forward: func(a *graph.Args) error {
			graph.Uniform(a.Key, u)
			for i := range from {
				from[i] = i
			}
			for rung := int(2 * u[0]); rung+1 < l.rungs; rung += 2 {
				for c := range l.chains {
					cold, hot := rung*l.chains+c, (rung+1)*l.chains+c
					gain := a.In[2].At(hot) + a.In[3].At(cold) - a.In[1].At(cold) - a.In[1].At(hot)
					if u[1+cold] < math.Exp(min(gain, 0)) {
						from[cold], from[hot] = hot, cold
					}
				}
			}
			width := a.Out.Len() / len(from)
			for to, i := range from {
				copyRow(a.Out, a.In[0], to, i, width)
			}
			return nil
		}}, nil
	})
}

func copyRow(dst, src graph.Array, to, from, width int) {
	if dst.F64 != nil {
		copy(dst.F64[to*width:(to+1)*width], src.F64[from*width:])
	} else {
		copy(dst.F32[to*width:(to+1)*width], src.F32[from*width:])
	}
}
