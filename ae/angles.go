package ae

import (
	"math"
	"slices"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// PrincipalAngles returns the angles between the subspaces that the columns of a and b span, in
// degrees, ascending, as many as the smaller one has dimensions: all 0 if it lies in the other, and 90
// for each direction that is orthogonal to it. Both are (d, k), k up to d, of independent columns.
// Sines and cosines are both used, so that small angles are exact too (Björck & Golub 1973).
func PrincipalAngles(a, b *mat.Dense) ([]float64, error) {
	qa, err := orthonormal(a)
	if err != nil {
		return nil, err
	}
	qb, err := orthonormal(b)
	if err != nil {
		return nil, err
	}
	da, ka := qa.Dims()
	db, kb := qb.Dims()
	if da != db {
		return nil, errors.Wrapf(graph.ErrShape, "angles between subspaces of %d and of %d dimensions", da, db)
	}
	if ka < kb {
		qa, qb = qb, qa
	}
	var projection, rest mat.Dense
	projection.Mul(qa.T(), qb)
	rest.Mul(qa, &projection)
	rest.Sub(qb, &rest)
	cosines, err := singularValues(&projection)
	if err != nil {
		return nil, err
	}
	sines, err := singularValues(&rest)
	if err != nil {
		return nil, err
	}
	slices.Reverse(sines) // ascending, as the angles are while cosines descend
	angles := make([]float64, len(cosines))
	for i, c := range cosines {
		angles[i] = math.Atan2(sines[i], c) * 180 / math.Pi
	}
	return angles, nil
}

// orthonormal returns an orthonormal basis (d, k) of the columns of m (d, k).
func orthonormal(m *mat.Dense) (*mat.Dense, error) {
	d, k := m.Dims()
	if k < 1 || k > d {
		return nil, errors.Wrapf(graph.ErrShape, "%d columns of %d numbers span no subspace of that dimension", k, d)
	}
	var qr mat.QR
	qr.Factorize(m)
	if !(qr.Cond() < 1e12) { // NaN too
		return nil, errors.Wrapf(graph.ErrRange, "the %d columns are not independent, or not finite", k)
	}
	var q mat.Dense
	qr.QTo(&q)
	return mat.DenseCopyOf(q.Slice(0, d, 0, k)), nil
}

// singularValues are those of m, descending.
func singularValues(m *mat.Dense) ([]float64, error) {
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDNone) {
		return nil, errors.New("ae: the singular values do not converge")
	}
	return svd.Values(nil), nil
}
