package op

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// weights returns the blocks of w, one below the other and by strips of columns, in buf.
func weights[T graph.Float](s *sweep, buf, w []T) []T {
	in, out := s.src.channels, s.dst.channels
	strips := (out-1)/stripCols + 1
	kernel.Parallel(strips*len(s.order), func(i int) {
		j, b := i/len(s.order)*stripCols, i%len(s.order)
		n := min(stripCols, out-j)
		block := buf[j*len(s.order)*in+b*in*n:][:in*n]
		if s.transposed {
			kernel.Transpose(block, w[(s.order[b]*out+j)*in:][:n*in], n, in)
			return
		}
		for r := range in {
			copy(block[r*n:(r+1)*n], w[(s.order[b]*in+r)*out+j:])
		}
	})
	return buf
}

// packed is the size of weights in the order of their blocks, 0 if they need no other.
func (s *sweep) packed() int {
	given := !s.transposed && s.dst.channels <= stripCols
	for b, t := range s.order {
		given = given && b == t
	}
	if given {
		return 0
	}
	return len(s.order) * s.src.channels * s.dst.channels
}
