package op

import (
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// A sweep computes a convolution, or its adjoint, without patches: what taps side by side see from a line of
// places is a matrix in memory, whose rows overlap. Places near the border see fewer taps, and are lines of
// their own.
type sweep struct {
	n            int
	src, dst     picture
	step, spread int // between neighbouring places, in src and in dst
	phases       []phase
	order        []int // the tap of each block of weights
	transposed   bool  // whether a block is the transpose of the tap's weights
	band, bands  int   // rows of places that are one job, and jobs of an image
}

// A picture is (rows, cols, channels).
type picture struct{ rows, cols, channels int }

func (p picture) len() int { return p.rows * p.cols * p.channels }

// A phase is the places of dst that see src alike: all of a convolution, every stride-th of its adjoint.
type phase struct {
	y, x       int // the first in dst
	rows, cols int
	runs       []run
}

// A run is taps side by side, whose weights follow each other, with the places from which all of them see the
// image.
type run struct {
	dy, dx, taps, first    int // of the first tap, and its block of weights
	top, bottom, left, end int // rows top to bottom-1 and columns left to end-1
}

const (
	bandFloats = 64 << 10 // of the part of an image that is one job
	nearPlaces = 224      // that are worked on together
	nearTerms  = 192      // of a strip of weights, which stays in the first-level cache
	stripCols  = 32       // columns of weights that lie together: those of a register tile, or two
)

// sweep is the convolution itself.
func (g convolution) sweep() *sweep {
	s := &sweep{n: g.n, src: picture{g.height, g.width, g.c}, dst: picture{g.rows, g.cols, g.h}, step: g.window.Stride, spread: 1}
	s.addPhase(0, 0, g.window.Taps, nil)
	s.plan()
	return s
}

// adjoint is the transposed convolution: places of dst whose coordinates leave the same rest see places of
// src by the taps that have that rest as well.
func (g convolution) adjoint() *sweep {
	stride := g.window.Stride
	s := &sweep{n: g.n, src: picture{g.rows, g.cols, g.h}, dst: picture{g.height, g.width, g.c}, step: 1, spread: stride, transposed: true}
	rest := func(d int) int { return (d%stride + stride) % stride }
	alike := make(map[[2]int][]int) // the taps of each rest: there may be as many rests as taps
	for t, d := range g.window.Taps {
		r := [2]int{rest(d[0]), rest(d[1])}
		alike[r] = append(alike[r], t)
	}
	for y := range min(stride, g.height) {
		for x := range min(stride, g.width) {
			from := alike[[2]int{y, x}]
			taps := make([][2]int, len(from))
			for i, t := range from {
				d := g.window.Taps[t]
				taps[i] = [2]int{(y - d[0]) / stride, (x - d[1]) / stride}
			}
			s.addPhase(y, x, taps, from)
		}
	}
	s.plan()
	return s
}

// addPhase adds the places from (y, x) on, which see src at taps; from names them, nil as they are. Taps
// from which all places see outside of the image are left out.
func (s *sweep) addPhase(y, x int, taps [][2]int, from []int) {
	p := phase{y: y, x: x, rows: (s.dst.rows-y-1)/s.spread + 1, cols: (s.dst.cols-x-1)/s.spread + 1}
	sees := func(d, places, size int) bool { return d < size && d+(places-1)*s.step >= 0 }
	var kept []int
	for t, d := range taps {
		if sees(d[0], p.rows, s.src.rows) && sees(d[1], p.cols, s.src.cols) {
			kept = append(kept, t)
		}
	}
	slices.SortFunc(kept, func(a, b int) int { return slices.Compare(taps[a][:], taps[b][:]) })
	first := len(s.order)
	for i, t := range kept {
		if from != nil {
			s.order = append(s.order, from[t])
		} else {
			s.order = append(s.order, t)
		}
		last := i
		for last > 0 && taps[kept[last-1]] == [2]int{taps[t][0], taps[kept[last]][1] - 1} {
			last--
		}
		if i+1 == len(kept) || taps[kept[i+1]] != [2]int{taps[t][0], taps[t][1] + 1} {
			s.addRuns(&p, taps[kept[last]], i+1-last, first+last)
		}
	}
	s.phases = append(s.phases, p)
}

// addRuns adds taps side by side, for each columns from which the same of them see the image.
func (s *sweep) addRuns(p *phase, tap [2]int, taps, first int) {
	r := run{dy: tap[0], top: max(0, (s.step-1-tap[0])/s.step), bottom: min(p.rows, (s.src.rows-1-tap[0])/s.step+1)}
	for x := range p.cols {
		at := x*s.step + tap[1]
		from, to := max(0, -at), min(taps, s.src.cols-at)
		if from >= to {
			continue
		}
		if last := len(p.runs) - 1; last >= 0 && p.runs[last].end == x && p.runs[last].dx == tap[1]+from && p.runs[last].taps == to-from && p.runs[last].dy == r.dy {
			p.runs[last].end++
			continue
		}
		r.dx, r.taps, r.first, r.left, r.end = tap[1]+from, to-from, first+from, x, x+1
		p.runs = append(p.runs, r)
	}
}

// plan cuts images into bands.
func (s *sweep) plan() {
	rows := s.phases[0].rows // no phase has more
	s.bands = (rows-1)/max(1, bandFloats/(s.step*s.src.cols*s.src.channels)) + 1
	s.band = (rows-1)/s.bands + 1
	s.bands = (rows-1)/s.band + 1
}

// near is the number of rows of a band that are worked on together.
func (s *sweep) near(places int) int { return min(s.band, max(1, places/s.phases[0].cols)) }

func forwardSweep[T graph.Float](s *sweep, act kernel.Activation, slope float64) func(*graph.Args) {
	row := s.dst.cols * s.dst.channels
	var packed, biases []T // biases of a row of places
	return func(a *graph.Args) {
		src, w, dst := of[T](&a.In[0]), of[T](&a.In[1]), of[T](&a.Out)
		if biases == nil {
			packed, biases = make([]T, s.packed()), make([]T, row)
		}
		if len(packed) > 0 {
			w = weights(s, packed, w)
		}
		for i := 0; len(a.In) == 3 && i < row; i += s.dst.channels {
			copy(biases[i:], of[T](&a.In[2]))
		}
		kernel.Parallel(s.n*s.bands, func(i int) {
			image, lo := i/s.bands, i%s.bands*s.band
			hi := min(lo+s.band, s.phases[0].rows)
			x, out := src[image*s.src.len():(image+1)*s.src.len()], dst[image*s.dst.len():(image+1)*s.dst.len()]
			for near := s.near(nearPlaces); lo < hi; lo += near {
				end := min(lo+near, hi)
				part := out[lo*s.spread*row : min(end*s.spread*row, len(out))]
				for y := 0; y < len(part); y += row {
					copy(part[y:], biases)
				}
				sweepRows(s, out, x, w, lo, end)
				if act != kernel.ActIdentity {
					kernel.BiasActivate(part, nil, act, T(slope))
				}
			}
		})
	}
}

// sweepRows adds to rows lo to hi-1 of places of one image.
func sweepRows[T graph.Float](s *sweep, dst, src, w []T, lo, hi int) {
	in, out := s.src.channels, s.dst.channels
	for j := 0; j < out; j += stripCols {
		n := min(stripCols, out-j)
		strip := w[j*len(s.order)*in:]
		for _, p := range s.phases {
			for _, r := range p.runs {
				l := s.lines(r, lo, hi)
				if l.count == 0 {
					continue
				}
				c := dst[((p.y+l.y*s.spread)*s.dst.cols+p.x+l.x*s.spread)*out+j:]
				a := src[((l.y*s.step+r.dy)*s.src.cols+l.x*s.step+r.dx)*in:]
				cLine, cRow := l.steps(s.spread*s.dst.cols*out, s.spread*out)
				aLine, aRow := l.steps(s.step*s.src.cols*in, s.step*in)
				terms := r.taps * in
				depth := (terms-1)/((terms-1)/nearTerms+1) + 1
				for k := 0; k < terms; k += depth {
					b := strip[(r.first*in+k)*n:]
					for i := range l.count {
						kernel.StridedMatMul(c[i*cLine:], cRow, a[i*aLine+k:], aRow, 1, b, n, l.places, n, min(depth, terms-k), true)
					}
				}
			}
		}
	}
}

// lines are places of a rectangle that begins at (y, x), along its longer side.
type lines struct {
	y, x          int
	count, places int
	down          bool
}

// lines are the places of rows lo to hi-1 that see a run.
func (s *sweep) lines(r run, lo, hi int) lines {
	lo, hi = max(lo, r.top), min(hi, r.bottom)
	rows, cols := max(0, hi-lo), r.end-r.left
	if rows > cols {
		return lines{lo, r.left, cols, rows, true}
	}
	return lines{lo, r.left, rows, cols, false}
}

// steps are those from line to line and along a line, in memory with the given steps down and across.
func (l lines) steps(down, across int) (line, place int) {
	if l.down {
		return across, down
	}
	return down, across
}
