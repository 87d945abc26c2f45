package op

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// gatesGrad is the gradient of z, by back-propagation through time. It takes h because that says that the steps have
// been computed, whose gates and cells are in the memory of r32 or r64.
func gatesGrad(name string, z, h, dh *node, r32 *lstmRun[float32], r64 *lstmRun[float64]) *node {
	return graph.Apply(name+"grad", nodes{dh, h}, func() (graph.Op, error) {
		return graph.Op{Shape: z.Shape(), Forward: pick(z, r32.backward, r64.backward)}, nil
	})
}

func (r *lstmRun[T]) backward(a *graph.Args) {
	dz, dh := of[T](&a.Out), of[T](&a.In[0])
	state, rows := r.places*r.h, r.taps*r.h
	for gate := range 4 {
		lo, hi := gate*rows*r.h, (gate+1)*rows*r.h
		kernel.Transpose(r.turned[lo:hi], r.weights[lo:hi], rows, r.h)
	}
	dHidden, dCells := r.dState[:state], r.dState[state:]
	clear(dHidden)
	if !r.lastGrad {
		clear(dCells)
	}
	for step := r.t - 1; step >= 0; step-- {
		for i := range r.n {
			own := dHidden[i*r.x*r.h : (i+1)*r.x*r.h]
			kernel.Add(own, own, dh[r.row(i, step)*r.h:][:len(own)])
		}
		forRows(r.places, touched*r.h, func(lo, hi int) {
			r.cellGrad(step, lo*r.h, hi*r.h)
			r.join(dz, step, lo, hi)
		})
		if step > 0 || r.start {
			r.stateGrad()
		}
	}
}

// cellGrad takes elements lo to hi-1 of the gradient of a step's results to its gates and to the cells before it.
func (r *lstmRun[T]) cellGrad(step, lo, hi int) {
	state := r.places * r.h
	gates, before, after := r.at(step)
	part := func(x []T, i int) []T { return x[i*state+lo : i*state+hi] }
	i, f, o, g := part(gates, 0), part(gates, 1), part(gates, 2), part(gates, 3)
	di, df, do, dg := part(r.dGates, 0), part(r.dGates, 1), part(r.dGates, 2), part(r.dGates, 3)
	dh, dc, tanh := part(r.dState, 0), part(r.dState, 1), r.tanh[lo:hi]
	kernel.Tanh(tanh, after[lo:hi])
	kernel.Mul(do, dh, o)
	kernel.TanhGrad(do, tanh, do)
	kernel.Add(dc, dc, do)
	kernel.Mul(do, dh, tanh)
	kernel.SigmoidGrad(do, o, do)
	kernel.Mul(di, dc, g)
	kernel.SigmoidGrad(di, i, di)
	kernel.Mul(df, dc, before[lo:hi])
	kernel.SigmoidGrad(df, f, df)
	kernel.Mul(dg, dc, i)
	kernel.TanhGrad(dg, g, dg)
	kernel.Mul(dc, dc, f)
}

// join copies the gradient of the gates of places lo to hi-1 to a step of dz.
func (r *lstmRun[T]) join(dz []T, step, lo, hi int) {
	for p := lo; p < hi; p++ {
		row := 4 * (r.row(p/r.x, step) + p%r.x)
		for gate := range 4 {
			at := (gate*r.places + p) * r.h
			copy(dz[(row+gate)*r.h:], r.dGates[at:at+r.h])
		}
	}
}

// stateGrad takes the gradient of the gates to the hidden units before them.
func (r *lstmRun[T]) stateGrad() {
	state, weights := r.places*r.h, r.taps*r.h*r.h
	for gate := range 4 {
		kernel.MatMul(r.dSeen, r.dGates[gate*state:(gate+1)*state], r.turned[gate*weights:(gate+1)*weights],
			r.places, r.taps*r.h, r.h, false, false, gate > 0, nil)
	}
	if r.taps == 1 {
		return
	}
	kernel.Parallel(r.n, func(i int) {
		dHidden, dSeen := r.dState[i*r.x*r.h:(i+1)*r.x*r.h], r.dSeen[i*r.x*r.taps*r.h:]
		clear(dHidden)
		for p := range r.x {
			lo, hi, at := sight(p, r.x, r.taps)
			to := dHidden[lo*r.h : hi*r.h]
			kernel.Add(to, to, dSeen[(p*r.taps+at)*r.h:][:len(to)])
		}
	})
}

// lastGrad is the gradient of h that comes from the last state; that of the last cells stays in memory, for gatesGrad.
func lastGrad(name string, h, dLast *node, r32 *lstmRun[float32], r64 *lstmRun[float64]) *node {
	return graph.Apply(name+"stategrad", nodes{dLast, h}, func() (graph.Op, error) {
		return graph.Op{Shape: h.Shape(), Forward: pick(h, r32.lastBackward, r64.lastBackward)}, nil
	})
}

func (r *lstmRun[T]) lastBackward(a *graph.Args) {
	dh := of[T](&a.Out)
	state := r.places * r.h
	unzip(r.dState[:state], r.dState[state:], of[T](&a.In[0]), r.h)
	clear(dh)
	for i := range r.n {
		copy(dh[r.row(i, r.t-1)*r.h:], r.dState[i*r.x*r.h:(i+1)*r.x*r.h])
	}
}

// startGrad is the gradient of the state before the first step, which dz's computation has left behind.
func startGrad(name string, start, dz *node, r32 *lstmRun[float32], r64 *lstmRun[float64]) *node {
	return graph.Apply(name+"startgrad", nodes{dz}, func() (graph.Op, error) {
		return graph.Op{Shape: start.Shape(), Forward: pick(dz, r32.startGrad, r64.startGrad)}, nil
	})
}

func (r *lstmRun[T]) startGrad(a *graph.Args) {
	state := r.places * r.h
	zip(of[T](&a.Out), r.dState[:state], r.dState[state:], r.h)
}

// weightsGrad is the gradient of u: what the places have seen in all steps, transposed, times dz.
func weightsGrad(name string, in nodes, h, dz *node, s *lstmSize) *node {
	return graph.Apply(name+"weightsgrad", append(nodes{h, dz}, in[2:]...), func() (graph.Op, error) {
		return graph.Op{Shape: in[1].Shape(), Forward: pick(dz, forwardWeightsGrad[float32](s), forwardWeightsGrad[float64](s))}, nil
	})
}

func forwardWeightsGrad[T graph.Float](s *lstmSize) func(*graph.Args) {
	var all, first []T // (n, t, x, taps h) and, of the state before the first step, hidden and cells (n, x, h)
	return func(a *graph.Args) {
		h, dz := of[T](&a.In[0]), of[T](&a.In[1])
		state, rows := s.places*s.h, s.taps*s.h
		if all == nil {
			all, first = make([]T, s.t*s.taps*state), make([]T, 2*state)
		}
		if s.start {
			unzip(first[:state], first[state:], of[T](&a.In[2]), s.h)
		}
		kernel.Parallel(s.n, func(i int) {
			neighbours(all[s.row(i, 0)*rows:], first[i*s.x*s.h:], s.x, s.h, s.taps)
			for step := 1; step < s.t; step++ {
				neighbours(all[s.row(i, step)*rows:], h[s.row(i, step-1)*s.h:], s.x, s.h, s.taps)
			}
		})
		kernel.MatMul(of[T](&a.Out), all, dz, rows, 4*s.h, s.t*s.places, true, false, false, nil)
	}
}
