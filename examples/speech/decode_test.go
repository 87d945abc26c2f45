package main

import (
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
)

// everyPath calls f with all paths through states first to first+n-1 in so many frames.
func everyPath(frames, first, n int, f func(path []int)) {
	path := make([]int, frames)
	var from func(t, s int)
	from = func(t, s int) {
		if t == frames {
			if s == n-1 {
				f(path)
			}
			return
		}
		for next := s; next <= min(s+1, n-1); next++ {
			path[t] = first + next
			from(t+1, next)
		}
	}
	path[0] = first
	from(1, 0)
}

// TestAlign compares with all paths there are.
func TestAlign(t *testing.T) {
	for seed, c := range []struct{ frames, first, n, states int }{{6, 2, 3, 7}, {4, 0, 4, 4}, {1, 1, 1, 2}, {5, 3, 1, 4}, {8, 0, 3, 3}, {9, 1, 5, 6}} {
		x := make([]float32, c.frames*c.states)
		graph.Normal(graph.NewKey(uint64(seed)), x)
		loglik := graph.Floats32(x, c.frames, c.states)
		best, count := math.Inf(-1), 0
		var want []int
		everyPath(c.frames, c.first, c.n, func(path []int) {
			count++
			sum := 0.0
			for t, s := range path {
				sum += loglik.At(t*c.states + s)
			}
			if sum > best {
				best, want = sum, slices.Clone(path)
			}
		})
		score, path := align(loglik, c.first, c.n)
		if count == 0 || math.Abs(score-best) > 1e-6 || !slices.Equal(path, want) {
			t.Errorf("%+v: %v by %v, want %v by %v, the best of %d", c, score, path, best, want, count)
		}
	}
}

func TestRecognise(t *testing.T) {
	// Two words of two states: the frames are 2, 2, 3, whatever single frames say.
	loglik := graph.Floats32([]float32{
		0, -9, -1, -9,
		-9, -9, 0, -9,
		-9, -5, -9, 0,
	}, 3, 4)
	word, path := recognise(loglik, 2)
	if word != 1 || !slices.Equal(path, []int{2, 2, 3}) {
		t.Errorf("word %d by %v", word, path)
	}
}

// TestErrorRates counts by hand: two recordings of two words of one state.
func TestErrorRates(t *testing.T) {
	p := &program{options: options{states: 1}}
	of := &part{clips: []graph.Array{graph.Floats32(make([]float32, 3), 3, 1), graph.Floats32(make([]float32, 1), 1, 1)}, words: []int{0, 1}, states: graph.Ints([]int{0, 0, 0, 1}, 4)}
	model := func(_ *part, clip int) (graph.Array, error) {
		return []graph.Array{graph.Floats32([]float32{0, -1, -1, 0, 0, -3}, 3, 2), graph.Floats32([]float32{0, -1}, 1, 2)}[clip], nil
	}
	frame, word, err := p.errorRates(model, of)
	if err != nil || frame != 0.5 || word != 0.5 {
		t.Errorf("%v of the frames, %v of the words, %v", frame, word, err)
	}
}

// TestGaussians: those of frames in two places are there, and their borders move to where the frames change.
func TestGaussians(t *testing.T) {
	d := 3 * cepstra
	clip := func(border, n int) graph.Array {
		x := make([]float32, n*d)
		graph.Normal(graph.NewKey(uint64(border)), x)
		for i := range x {
			x[i] *= 0.1
			if i/d >= border {
				x[i] += 2
			}
		}
		return graph.Floats32(x, n, d)
	}
	p := &program{options: options{states: 2, align: 3}, labels: []string{"only"}}
	p.train = part{cepstra: []graph.Array{clip(3, 10), clip(4, 12)}, words: []int{0, 0}, states: graph.Ints([]int{0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}, 22)}
	g := p.fit()
	for range 3 {
		p.realign(g, &p.train)
		g = p.fit()
	}
	if want := []int{0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1}; !slices.Equal(p.train.states.Int, want) {
		t.Errorf("states %v, want %v", p.train.states.Int, want)
	}
	if math.Abs(g.mean[0]) > 0.2 || math.Abs(g.mean[d]-2) > 0.2 || g.variance[0] > 0.05 {
		t.Errorf("means %v and %v, variance %v", g.mean[0], g.mean[d], g.variance[0])
	}
	// The log-likelihood is that of the density, written out.
	loglik, err := g.acoustic(&p.train, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for j, v := range p.train.cepstra[0].F32[:d] {
		e := float64(v) - g.mean[j]
		want += math.Log(math.Exp(-e*e/(2*g.variance[j])) / math.Sqrt(2*math.Pi*g.variance[j]))
	}
	if math.Abs(loglik.At(0)-want) > 1e-3 {
		t.Errorf("log-likelihood %v, want %v", loglik.At(0), want)
	}
}
