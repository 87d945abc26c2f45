package optim

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// slabs is the engine for element type T: states as long as the slab of values.
type slabs[T graph.Float] struct {
	o       *Optimizer
	m, v    []T // first and second moment; m is the velocity of momentum methods
	average []T // of the weights
	now     numbers
	clip    T

	// The bodies of the parallel loops, made once so that a step allocates nothing.
	squaresOf, updateOf func(i int)
}

func newEngine[T graph.Float](o *Optimizer) *slabs[T] {
	w, _ := graph.Slab[T](o.params)
	s := &slabs[T]{o: o}
	m := o.cfg.Method
	if m.usesMoments() || m.usesMomentum() {
		s.m = make([]T, len(w))
	}
	if m.usesSquares() || m == AdaGrad {
		s.v = make([]T, len(w))
	}
	if o.cfg.EMA > 0 {
		s.average = append([]T(nil), w...)
	}
	s.squaresOf, s.updateOf = s.squaresOfPiece, s.updatePiece
	return s
}

func (s *slabs[T]) squares(clip float64) {
	s.clip = T(clip)
	kernel.Parallel(len(s.o.pieces), s.squaresOf)
}

func (s *slabs[T]) squaresOfPiece(i int) {
	p := s.o.pieces[i]
	_, g := graph.Slab[T](s.o.params)
	g = g[p.lo:p.hi]
	if s.clip > 0 {
		kernel.ClipValue(g, s.clip)
	}
	s.o.sums[i] = kernel.SumSquares(g)
}

func (s *slabs[T]) update(n numbers) {
	s.now = n
	kernel.Parallel(len(s.o.pieces), s.updateOf)
}

func (s *slabs[T]) updatePiece(i int) {
	p, c, n := s.o.pieces[i], &s.o.cfg, &s.now
	w, g := graph.Slab[T](s.o.params)
	w, g = w[p.lo:p.hi], g[p.lo:p.hi]
	u := kernel.Update[T]{
		Rate: T(n.rate * p.rate), Scale: T(n.scale), Keep: 1, Momentum: T(n.momentum),
		Gain1: T(1 - c.Beta1), Gain2: T(1 - c.Beta2), Correct1: T(n.correct1), Correct2: T(n.correct2),
		Epsilon: T(c.Epsilon),
	}
	if p.penalise {
		u.L2 = T(c.L2)
		u.Keep = T(1 - n.rate*p.rate*c.Decay)
		if c.L1 > 0 {
			kernel.AddL1(g, w, u.Scale, T(c.L1))
			u.Scale = 1
		}
	}
	switch c.Method {
	case Adam, AdamW:
		kernel.Adam(w, g, s.m[p.lo:p.hi], s.v[p.lo:p.hi], u)
	case SGD:
		kernel.SGD(w, g, u)
	case Momentum:
		kernel.Momentum(w, g, s.m[p.lo:p.hi], u)
	case Nesterov:
		kernel.Nesterov(w, g, s.m[p.lo:p.hi], u)
	case RMSProp:
		kernel.RMSProp(w, g, s.v[p.lo:p.hi], u)
	case AdaGrad:
		kernel.AdaGrad(w, g, s.v[p.lo:p.hi], u)
	}
	if s.average != nil {
		kernel.EMA(s.average[p.lo:p.hi], w, T(n.gain))
	}
}

func (s *slabs[T]) swapAverage() {
	w, _ := graph.Slab[T](s.o.params)
	for i, x := range s.average {
		s.average[i], w[i] = w[i], x
	}
}
