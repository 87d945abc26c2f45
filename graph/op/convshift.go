package op

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// A shift is the taps of one dx, of a convolution of stride 1. What each of them sees is x from another place on:
// over all rows one product, with dy 0 in the columns that see nothing.
type shift struct {
	dx     int
	blocks []int // of weights
	dys    []int // of each
}

const (
	shiftChannels = 16  // from which a tap fills register tiles alone
	shiftPlaces   = 224 // that are worked on together
)

// shifts returns the taps by dx, nil if runs of taps do better.
func (g convolution) shifts(s *sweep) []shift {
	if g.window.Stride != 1 || g.c < shiftChannels {
		return nil
	}
	var all []shift
	at := make(map[int]int)
	for b, t := range s.order {
		dy, dx := g.window.Taps[t][0], g.window.Taps[t][1]
		i, ok := at[dx]
		if !ok {
			i = len(all)
			at[dx] = i
			all = append(all, shift{dx: dx})
		}
		all[i].blocks, all[i].dys = append(all[i].blocks, b), append(all[i].dys, dy)
	}
	return all
}

// shiftedWeights is rowsWeights by shifts. buf takes the columns of dy of one strip.
func shiftedWeights[T graph.Float](s *sweep, shifts []shift, sum, buf, x, dy []T, lo, hi int) {
	in, out, cols := s.src.channels, s.dst.channels, s.dst.cols
	for j := 0; j < out; j += stripCols {
		n := min(stripCols, out-j)
		for _, f := range shifts {
			left, right := max(0, -f.dx), max(0, f.dx) // columns that see nothing
			for y := range hi - lo {
				row := buf[y*cols*n : (y+1)*cols*n]
				clear(row[:left*n])
				from := dy[((lo+y)*cols+left)*out+j:]
				if n == out {
					copy(row[left*n:(cols-right)*n], from)
				}
				for c := left; n < out && c < cols-right; c++ {
					copy(row[c*n:(c+1)*n], from[(c-left)*out:])
				}
				clear(row[(cols-right)*n:])
			}
			for i, b := range f.blocks {
				top, bottom := max(lo, -f.dys[i]), min(hi, s.src.rows-f.dys[i])
				if top >= bottom {
					continue
				}
				places := (bottom-top)*cols - left - right
				seen := x[((top+f.dys[i])*cols+left+f.dx)*in:]
				kernel.StridedMatMul(sum[b*in*out+j:], out, seen, 1, in, buf[((top-lo)*cols+left)*n:], n, in, n, places, true)
			}
		}
	}
}
