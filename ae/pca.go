package ae

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// PCA is principal component analysis: the best linear code (Baldi & Hornik 1989), with which every
// autoencoder has to be compared.
type PCA struct {
	Mean       []float64  // (d)
	Components *mat.Dense // (d, k): orthonormal columns, the largest variance first
	Variances  []float64  // (d), of all components, descending
}

// FitPCA finds the k leading components of examples (n, ...), n at least 2, in float64. The variance
// is the mean, not the unbiased estimate.
func FitPCA(x graph.Array, k int) (*PCA, error) {
	if err := x.Check(); err != nil {
		return nil, err
	}
	if len(x.Shape) < 2 || x.Int != nil || x.Shape[0] < 2 {
		return nil, errors.Wrapf(graph.ErrShape, "PCA of an array of shape %v, expected at least two examples (n, ...) of floats", x.Shape)
	}
	n := x.Shape[0]
	d := x.Len() / n
	if k < 1 || k > d {
		return nil, errors.Wrapf(ErrConfig, "%d principal components of %d dimensions", k, d)
	}
	x = x.Reshape(n, d)
	mean, err := moment(x, func(x *graph.Node) *graph.Node { return op.Sum(x, 0) })
	if err != nil {
		return nil, err
	}
	second, err := moment(x, func(x *graph.Node) *graph.Node { return op.MatMul(x, x, true, false) })
	if err != nil {
		return nil, err
	}
	cov := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			cov.SetSym(i, j, second[i*d+j]-mean[i]*mean[j])
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(cov, true) {
		return nil, errors.New("ae: the eigenvalues of the covariance do not converge")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	p := &PCA{Mean: mean, Components: mat.NewDense(d, k, nil), Variances: eigen.Values(nil)}
	for j := range k { // gonum's order is ascending
		for i := range d {
			p.Components.Set(i, j, vectors.At(i, d-1-j))
		}
	}
	for i, j := 0, d-1; i < j; i, j = i+1, j-1 {
		p.Variances[i], p.Variances[j] = p.Variances[j], p.Variances[i]
	}
	return p, nil
}

// moment is the mean over examples (n, d) of a statistic that adds over examples, in float64.
func moment(x graph.Array, statistic func(*graph.Node) *graph.Node) ([]float64, error) {
	n, d := x.Shape[0], x.Shape[1]
	f := graph.NewFunction(graph.NewParams(graph.Float64, graph.Key{}), func(b *graph.Builder, n int) []*graph.Node {
		return []*graph.Node{statistic(b.Input("x", n, d))}
	})
	const rows = 1000
	var sum []float64
	for lo := 0; lo < n; lo += rows {
		hi := min(lo+rows, n)
		outs, err := f.Run(graph.Key{}, hi-lo, x.Rows(lo, hi))
		if err != nil {
			return nil, errors.WithMessagef(err, "examples %d to %d", lo, hi-1)
		}
		if sum == nil {
			sum = make([]float64, outs[0].Len())
		}
		for i, v := range outs[0].F64 {
			sum[i] += v / float64(n)
		}
	}
	return sum, nil
}

// Encode returns the codes (n, k) of examples (n, ...).
func (p *PCA) Encode(x graph.Array) (graph.Array, error) {
	centred, err := p.centred(x)
	if err != nil {
		return graph.Array{}, err
	}
	var code mat.Dense
	code.Mul(centred, p.Components)
	return toArray(&code, nil), nil
}

// Reconstruct returns the projections (n, d) of examples (n, ...) on the components.
func (p *PCA) Reconstruct(x graph.Array) (graph.Array, error) {
	centred, err := p.centred(x)
	if err != nil {
		return graph.Array{}, err
	}
	var code, y mat.Dense
	code.Mul(centred, p.Components)
	y.Mul(&code, p.Components.T())
	return toArray(&y, p.Mean), nil
}

// Error is the squared error of the reconstruction, summed over an example and averaged over examples.
func (p *PCA) Error(x graph.Array) (float64, error) {
	centred, err := p.centred(x)
	if err != nil {
		return 0, err
	}
	// |x - m|^2 - |(x - m) C|^2, by Pythagoras, as C is orthonormal.
	var code mat.Dense
	code.Mul(centred, p.Components)
	total, kept := mat.Norm(centred, 2), mat.Norm(&code, 2)
	n, _ := centred.Dims()
	return max(0, total*total-kept*kept) / float64(n), nil // rounding may leave it below 0
}

func (p *PCA) centred(x graph.Array) (*mat.Dense, error) {
	d := len(p.Mean)
	x, err := x.Examples(d)
	if err != nil {
		return nil, err
	}
	if err := x.CheckFinite(); err != nil {
		return nil, err
	}
	m := mat.NewDense(x.Shape[0], d, nil)
	m.Apply(func(i, j int, _ float64) float64 { return x.At(i*d+j) - p.Mean[j] }, m)
	return m, nil
}

func toArray(m *mat.Dense, add []float64) graph.Array {
	n, d := m.Dims()
	out := make([]float32, n*d)
	for i := range n {
		for j := range d {
			v := m.At(i, j)
			if add != nil {
				v += add[j]
			}
			out[i*d+j] = float32(v)
		}
	}
	return graph.Floats32(out, n, d)
}
