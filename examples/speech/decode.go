package main

import (
	"math"
	"slices"

	"github.com/latent-go/latent/graph"
)

// align finds the best path through the states from first to first+n-1, each of them for at least one frame, in
// their order: the algorithm of Viterbi, with transitions that are all as likely. loglik (t, states) is
// the log-likelihood of each state at each frame. There are at least n frames.
func align(loglik graph.Array, first, n int) (score float64, path []int) {
	frames, states := loglik.Shape[0], loglik.Shape[1]
	best := make([]float64, n)
	moved := make([]bool, frames*n) // the best way to state s at frame t came from s-1
	for t := range frames {
		for s := n - 1; s >= 0; s-- {
			stay, move := math.Inf(-1), math.Inf(-1)
			if t > 0 {
				stay = best[s]
			}
			switch {
			case t == 0 && s == 0:
				move = 0
			case t > 0 && s > 0:
				move = best[s-1]
			}
			moved[t*n+s] = move > stay
			best[s] = max(stay, move) + loglik.At(t*states+first+s)
		}
	}
	path = make([]int, frames)
	for t, s := frames-1, n-1; t >= 0; t-- {
		path[t] = first + s
		if moved[t*n+s] && t > 0 {
			s--
		}
	}
	return best[n-1], path
}

// recognise returns the word whose states fit best, and their path.
func recognise(loglik graph.Array, n int) (word int, path []int) {
	best := math.Inf(-1)
	for w := range loglik.Shape[1] / n {
		if score, way := align(loglik, w*n, n); score > best || path == nil {
			best, word, path = score, w, way
		}
	}
	return word, path
}

// An acoustic model gives the log-likelihoods (t, states) of a recording's frames, up to a number of each frame.
type acoustic func(of *part, clip int) (graph.Array, error)

// errorRates are the parts of the frames whose likeliest state, and of the recordings whose word, is wrong.
func (p *program) errorRates(model acoustic, of *part) (frame, word float64, err error) {
	at := 0
	for clip, c := range of.clips {
		loglik, err := model(of, clip)
		if err != nil {
			return 0, 0, err
		}
		for t := range c.Shape[0] {
			row := loglik.Rows(t, t+1).F32
			if slices.Index(row, slices.Max(row)) != of.states.Int[at] {
				frame++
			}
			at++
		}
		if w, _ := recognise(loglik, p.states); w != of.words[clip] {
			word++
		}
	}
	return frame / float64(at), word / float64(len(of.clips)), nil
}
