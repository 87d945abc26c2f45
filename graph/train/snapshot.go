package train

import (
	"slices"

	"github.com/latent-go/latent/graph"
)

// A snapshot is a copy of some parameters' values.
type snapshot struct {
	params []*graph.Param
	copies []graph.Array
	taken  bool
}

// newSnapshot makes room for a copy of the parameters that want picks.
func newSnapshot(p *graph.Params, want func(*graph.Param) bool) *snapshot {
	s := &snapshot{}
	for _, q := range p.List() {
		if want(q) {
			v := q.Value()
			s.params = append(s.params, q)
			s.copies = append(s.copies, graph.Array{Shape: q.Shape, F32: slices.Clone(v.F32), F64: slices.Clone(v.F64)})
		}
	}
	return s
}

func isBuffer(q *graph.Param) bool { return !q.Trainable }
func isAny(*graph.Param) bool      { return true }

// take copies the values.
func (s *snapshot) take() {
	for i, q := range s.params {
		copyFloats(s.copies[i], q.Value())
	}
	s.taken = true
}

// restore puts the copied values back.
func (s *snapshot) restore() {
	for i, q := range s.params {
		copyFloats(q.Value(), s.copies[i])
	}
}

func copyFloats(dst, src graph.Array) {
	copy(dst.F32, src.F32)
	copy(dst.F64, src.F64)
}
