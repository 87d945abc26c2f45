package op

import (
	"sync"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// convWeights is the gradient of a convolution's weights, (taps c, h): for each tap, what it sees times dy,
// summed over images and places. x (n, height, width, c), dy (n, rows, cols, h).
func convWeights(x, dy *node, g convolution) *node {
	return graph.Apply("convweights", nodes{x, dy}, func() (graph.Op, error) {
		shape := []int{len(g.window.Taps) * g.c, g.h}
		if g.pointwise() { // all places of an image are one row
			g.height, g.width, g.rows, g.cols = 1, g.height*g.width, 1, g.rows*g.cols
		}
		s := g.sweep()
		shifts := g.shifts(s)
		return graph.Op{Shape: shape, Forward: pick(x, forwardConvWeights[float32](s, shifts), forwardConvWeights[float64](s, shifts))}, nil
	})
}

const (
	mostGroups = 16      // of images, each with a sum of its own
	sumFloats  = 1 << 20 // of all their sums, unless two take more
	tileRows   = 12      // of a register tile, or two
	mostPlaces = 1024    // that are worked on together
	fewPlaces  = 10      // of lines whose products would be too short: what several of them see is copied together
)

// groups is the number of sums over bands: it depends on sizes alone, so that no bit depends on threads.
func (s *sweep) groups() int {
	sum := max(1, len(s.order)) * s.src.channels * s.dst.channels
	return min(s.n*s.bands, mostGroups, max(2, sumFloats/sum))
}

func forwardConvWeights[T graph.Float](s *sweep, shifts []shift) func(*graph.Args) {
	block := s.src.channels * s.dst.channels
	size, groups := len(s.order)*block, s.groups()
	var sums []T
	near, room := s.near(mostPlaces), s.copied()
	if shifts != nil {
		near = s.near(shiftPlaces)
		room = near * s.dst.cols * stripCols
	}
	pool := sync.Pool{New: func() any { b := make([]T, room); return &b }}
	return func(a *graph.Args) {
		x, dy, dw := of[T](&a.In[0]), of[T](&a.In[1]), of[T](&a.Out)
		if sums == nil {
			sums = make([]T, groups*size)
		}
		jobs := s.n * s.bands
		kernel.Parallel(groups, func(g int) {
			sum := sums[g*size : (g+1)*size]
			buf := pool.Get().(*[]T)
			clear(sum)
			for i := g * jobs / groups; i < (g+1)*jobs/groups; i++ {
				image, lo := i/s.bands, i%s.bands*s.band
				hi := min(lo+s.band, s.dst.rows)
				xs, dys := x[image*s.src.len():(image+1)*s.src.len()], dy[image*s.dst.len():(image+1)*s.dst.len()]
				for ; lo < hi; lo += near {
					if end := min(lo+near, hi); shifts != nil {
						shiftedWeights(s, shifts, sum, *buf, xs, dys, lo, end)
					} else {
						rowsWeights(s, sum, *buf, xs, dys, lo, end)
					}
				}
			}
			pool.Put(buf)
		})
		if size < len(dw) { // taps that see nothing
			clear(dw)
		}
		kernel.Parallel(len(s.order), func(b int) {
			out := dw[s.order[b]*block:][:block]
			copy(out, sums[b*block:])
			for g := 1; g < groups; g++ {
				kernel.Add(out, out, sums[g*size+b*block:][:block])
			}
		})
	}
}

// copied is the most room for copies of what short lines of places see, and of their part of dy.
func (s *sweep) copied() int {
	n := 0
	for _, r := range s.phases[0].runs {
		if cols := r.end - r.left; cols < fewPlaces && s.dst.channels >= stripCols {
			n = max(n, cols*min(fewPlaces, s.near(mostPlaces))*(r.taps*s.src.channels+s.dst.channels))
		}
	}
	return n
}

// gathers tells whether lines are so short that copies pay.
func (s *sweep) gathers(l lines) bool {
	return l.places < fewPlaces && l.count > 1 && s.dst.channels >= stripCols
}

// rowsWeights adds what rows lo to hi-1 of places of one image give to sum. Each tile of sum takes all of them before
// the next.
func rowsWeights[T graph.Float](s *sweep, sum, buf, x, dy []T, lo, hi int) {
	in, out := s.src.channels, s.dst.channels
	for _, r := range s.phases[0].runs {
		l := s.lines(r, lo, hi)
		if l.count == 0 {
			continue
		}
		terms := r.taps * in
		b := dy[(l.y*s.dst.cols+l.x)*out:]
		a := x[((l.y*s.step+r.dy)*s.src.cols+l.x*s.step+r.dx)*in:]
		bLine, bRow := l.steps(s.dst.cols*out, out)
		aLine, aStep := l.steps(s.step*s.src.cols*in, s.step*in)
		if s.gathers(l) {
			all := l.count * l.places
			aCopy, bCopy := buf[:all*terms], buf[all*terms:][:all*out]
			for k := range all {
				line, place := k/l.places, k%l.places
				copy(aCopy[k*terms:(k+1)*terms], a[line*aLine+place*aStep:])
				copy(bCopy[k*out:(k+1)*out], b[line*bLine+place*bRow:])
			}
			a, aStep, b, bRow = aCopy, terms, bCopy, out
			l.count, l.places = 1, all
		}
		for i := 0; i < terms; i += tileRows {
			m := min(tileRows, terms-i)
			c := sum[(r.first*in+i)*out:]
			for k := range l.count {
				kernel.StridedMatMul(c, out, a[k*aLine+i:], 1, aStep, b[k*bLine:], bRow, m, out, l.places, true)
			}
		}
	}
}
