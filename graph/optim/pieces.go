package optim

import (
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// A piece is a part of the slabs that one call of a kernel updates.
type piece struct {
	lo, hi   int
	rate     float64 // factor of the learning rate, above 0
	penalise bool    // L1, L2 and Decay act on it
}

// pieceLen is the most elements in a piece. The cut depends on it and on the parameters
// alone, so that sums over pieces do not depend on the number of threads.
const pieceLen = 1 << 14

// cut divides the slabs of p, but for what does not move. A piece may span parameters that are
// treated alike, with the zeros between them.
func cut(p *graph.Params, scales []RateScale) ([]piece, error) {
	fits := make([]bool, len(scales))
	var runs []piece
	for _, q := range p.List() {
		if !q.Trainable {
			continue
		}
		for i, s := range scales {
			fits[i] = fits[i] || hasPrefix(q.Name, s.Prefix)
		}
		run := piece{q.Offset, q.Offset + q.Size, rateScale(q.Name, scales), len(q.Shape) >= 2}
		last := len(runs) - 1
		switch {
		case run.rate == 0:
		case last >= 0 && runs[last].adjoins(run):
			runs[last].hi = run.hi
		default:
			runs = append(runs, run)
		}
	}
	for i, ok := range fits {
		if !ok {
			return nil, errors.Wrapf(graph.ErrName, "optim: rate scale for %q, but no parameter's path starts so", scales[i].Prefix)
		}
	}
	var pieces []piece
	for _, r := range runs {
		for lo := r.lo; lo < r.hi; lo += pieceLen {
			pieces = append(pieces, piece{lo, min(lo+pieceLen, r.hi), r.rate, r.penalise})
		}
	}
	return pieces, nil
}

// adjoins reports whether only padding, which is less than 16 elements, lies between a and b
// and they are treated alike.
func (a piece) adjoins(b piece) bool {
	return b.lo >= a.hi && b.lo-a.hi < 16 && a.rate == b.rate && a.penalise == b.penalise
}

// rateScale is the factor of the learning rate of the parameter of that name.
func rateScale(name string, scales []RateScale) float64 {
	scale, longest := 1.0, -1
	for _, s := range scales {
		if len(s.Prefix) > longest && hasPrefix(name, s.Prefix) {
			scale, longest = s.Scale, len(s.Prefix)
		}
	}
	return scale
}

// hasPrefix reports whether prefix is the first whole parts of a path.
func hasPrefix(name, prefix string) bool {
	rest, ok := strings.CutPrefix(name, prefix)
	return ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(prefix, "/"))
}
