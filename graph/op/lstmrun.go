package op

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// An lstmRun computes the steps of an LSTM in memory that it makes in the first run. In a step, each gate of
// all places lies in one piece, (4, n x, h), so that products and functions of a gate go over long spans.
type lstmRun[T graph.Float] struct {
	*lstmSize
	weights []T // (4, taps h, h): u by gates
	gates   []T // (t, 4, n x, h); of one step unless all are kept
	cells   []T // (t+1, n x, h), from before the first step on; one unless all are kept
	hidden  []T // (n x, h) of the step before
	seen    []T // (n x, taps h): what each place sees of hidden

	// of the gradient
	turned []T // (4, h, taps h): transposes of weights
	dGates []T // (4, n x, h)
	dSeen  []T // (n x, taps h)
	dState []T // (2, n x, h): of hidden and of cells
	tanh   []T // (n x, h)
}

// touched is how many numbers a step of a unit reads and writes, beside products: a block of them stays in cache.
const touched = 12

func (r *lstmRun[T]) forward(a *graph.Args) {
	h, z := of[T](&a.Out), of[T](&a.In[0])
	if r.weights == nil {
		r.allocate()
	}
	r.splitWeights(of[T](&a.In[1]))
	state := r.places * r.h
	if r.start {
		unzip(r.hidden, r.cells[:state], of[T](&a.In[2]), r.h)
	} else {
		clear(r.cells[:state])
	}
	for step := range r.t {
		gates, before, after := r.at(step)
		if step > 0 || r.start {
			if r.taps > 1 {
				kernel.Parallel(r.n, func(i int) { neighbours(r.seen[i*r.x*r.taps*r.h:], r.hidden[i*r.x*r.h:], r.x, r.h, r.taps) })
			}
			kernel.BatchedMatMul(gates, r.seen, r.weights, 4, r.places, r.h, r.taps*r.h, false, false, false, nil)
		} else {
			clear(gates)
		}
		forRows(r.places, touched*r.h, func(lo, hi int) {
			r.activate(gates, z, step, lo, hi)
			r.cell(gates, before, after, lo*r.h, hi*r.h)
		})
		for i := range r.n {
			copy(h[r.row(i, step)*r.h:], r.hidden[i*r.x*r.h:(i+1)*r.x*r.h])
		}
	}
}

// last is the state after the last step.
func (r *lstmRun[T]) last(a *graph.Args) {
	_, _, cells := r.at(r.t - 1)
	zip(of[T](&a.Out), r.hidden, cells, r.h)
}

func (r *lstmRun[T]) allocate() {
	state, weights, steps := r.places*r.h, 4*r.taps*r.h*r.h, 1
	r.cells = make([]T, state)
	if r.keep {
		steps = r.t
		r.cells = make([]T, (r.t+1)*state)
		r.turned = make([]T, weights)
		r.dGates = make([]T, 4*state)
		r.dState = make([]T, 2*state)
		r.tanh = make([]T, state)
		r.dSeen = r.dState[:state]
	}
	r.weights = make([]T, weights)
	r.gates = make([]T, steps*4*state)
	r.hidden = make([]T, state)
	r.seen = r.hidden
	if r.taps > 1 {
		r.seen = make([]T, r.taps*state)
		if r.keep {
			r.dSeen = make([]T, r.taps*state)
		}
	}
}

// at returns the memory of a step: its gates and the cells before and after it.
func (r *lstmRun[T]) at(step int) (gates, before, after []T) {
	state := r.places * r.h
	if !r.keep {
		return r.gates, r.cells, r.cells
	}
	return r.gates[4*step*state : 4*(step+1)*state], r.cells[step*state : (step+1)*state], r.cells[(step+1)*state : (step+2)*state]
}

// splitWeights lays u out by gates.
func (r *lstmRun[T]) splitWeights(u []T) {
	rows := r.taps * r.h
	for i := range rows {
		for gate := range 4 {
			copy(r.weights[(gate*rows+i)*r.h:], u[(4*i+gate)*r.h:(4*i+gate+1)*r.h])
		}
	}
}

// activate adds a step of z to the gates of places lo to hi-1 and applies their non-linearities.
func (r *lstmRun[T]) activate(gates, z []T, step, lo, hi int) {
	for p := lo; p < hi; p++ {
		row := 4 * (r.row(p/r.x, step) + p%r.x)
		for gate := range 4 {
			act := kernel.ActSigmoid
			if gate == 3 {
				act = kernel.ActTanh
			}
			at := (gate*r.places + p) * r.h
			kernel.BiasActivate(gates[at:at+r.h], z[(row+gate)*r.h:(row+gate+1)*r.h], act, 0)
		}
	}
}

// cell takes elements lo to hi-1 of the state a step on.
func (r *lstmRun[T]) cell(gates, before, after []T, lo, hi int) {
	state := r.places * r.h
	i, f, o, g := gates[lo:hi], gates[state+lo:state+hi], gates[2*state+lo:2*state+hi], gates[3*state+lo:3*state+hi]
	before, after, hidden := before[lo:hi], after[lo:hi], r.hidden[lo:hi]
	kernel.Mul(after, f, before)
	kernel.MulAdd(after, i, g)
	kernel.Tanh(hidden, after)
	kernel.Mul(hidden, hidden, o)
}

// neighbours sets each place of dst, (places, taps h), to what it sees of x, (places, h), itself in the middle. Where it
// sees nothing, dst stays as it is: 0 from the beginning.
func neighbours[T graph.Float](dst, x []T, places, h, taps int) {
	for p := range places {
		lo, hi, at := sight(p, places, taps)
		copy(dst[(p*taps+at)*h:], x[lo*h:hi*h])
	}
}

// sight is the places lo to hi-1 that place p sees, and the tap that sees the first.
func sight(p, places, taps int) (lo, hi, at int) {
	reach := taps / 2
	lo = max(0, p-reach)
	return lo, min(places, p+reach+1), lo - (p - reach)
}

// zip sets each row of states, (places, 2h), to [hidden | cells].
func zip[T graph.Float](states, hidden, cells []T, h int) {
	for p := 0; p < len(cells); p += h {
		copy(states[2*p:], hidden[p:p+h])
		copy(states[2*p+h:], cells[p:p+h])
	}
}

// unzip is the inverse of zip.
func unzip[T graph.Float](hidden, cells, states []T, h int) {
	for p := 0; p < len(cells); p += h {
		copy(hidden[p:], states[2*p:2*p+h])
		copy(cells[p:], states[2*p+h:2*p+2*h])
	}
}
