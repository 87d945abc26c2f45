package ae

import (
	"context"
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// lowRank is n examples of d features around a plane of k dimensions, with noise of deviation 0.3.
func lowRank(n, d, k int) graph.Array {
	factors, basis, noise := make([]float64, n*k), make([]float64, k*d), make([]float64, n*d)
	graph.Normal(graph.NewKey(1), factors)
	graph.Normal(graph.NewKey(2), basis)
	graph.Normal(graph.NewKey(3), noise)
	x := make([]float32, n*d)
	for i := range x {
		v := 0.5 + 0.3*noise[i]
		for j := range k {
			v += factors[i/d*k+j] * basis[j*d+i%d]
		}
		x[i] = float32(v)
	}
	return graph.Floats32(x, n, d)
}

func weights(t *testing.T, m *Model, name string) *mat.Dense {
	t.Helper()
	q := m.Params().Lookup(name)
	if q == nil {
		t.Fatalf("no parameter %q", name)
	}
	w := mat.NewDense(q.Shape[0], q.Shape[1], nil)
	w.Apply(func(i, j int, _ float64) float64 { return q.Value().At(i*q.Shape[1] + j) }, w)
	return w
}

// TestLinearReachesPCA is Baldi & Hornik's theorem: the best linear autoencoder spans the leading
// principal components.
func TestLinearReachesPCA(t *testing.T) {
	const n, d, k = 400, 12, 3
	x := lowRank(n, d, k)
	pca := must(FitPCA(x, k))(t)
	best := must(pca.Error(x))(t)
	recipe := Linear(d, k, 4000)
	recipe.Train.BatchSize = 100
	m := must(New(recipe.Model))(t)
	set := must(data.NewSet(x, graph.Array{}))(t)
	must(train.Run(context.Background(), m, set, recipe.Train))(t)
	got := must(m.Evaluate(graph.Key{}, data.Batch{N: n, X: x}))(t)
	near(t, "loss and error", got["loss"], got["error"], 1e-6)
	excess := got["loss"]/best - 1
	var decoder mat.Dense
	decoder.CloneFrom(weights(t, m, "dec/0/w").T())
	mean := 0.0
	for _, a := range must(PrincipalAngles(&decoder, pca.Components))(t) {
		mean += a / k
	}
	t.Logf("error %.6f, of PCA %.6f (%+.4f %%); mean angle %.3f degrees", got["loss"], best, 100*excess, mean)
	if excess > 1e-3 || excess < -1e-5 {
		t.Errorf("error %.6f, of PCA %.6f", got["loss"], best)
	}
	if mean > 5 {
		t.Errorf("mean angle to the components: %.2f degrees", mean)
	}
}

// TestPCA compares with power iteration on a covariance computed by loops.
func TestPCA(t *testing.T) {
	const n, d, k = 1500, 8, 3 // more examples than one pass of moment takes
	x := lowRank(n, d, k)
	p := must(FitPCA(x, k))(t)
	mean := make([]float64, d)
	for i := range n * d {
		mean[i%d] += x.At(i) / n
	}
	cov := make([]float64, d*d)
	for e := range n {
		for i := range d {
			for j := range d {
				cov[i*d+j] += (x.At(e*d+i) - mean[i]) * (x.At(e*d+j) - mean[j]) / n
			}
		}
	}
	trace := 0.0
	for i := range d {
		near(t, "mean", p.Mean[i], mean[i], 1e-10)
		trace += cov[i*d+i]
	}
	total := 0.0
	for _, v := range p.Variances {
		total += v
	}
	near(t, "total variance", total, trace, 1e-9)
	left := trace
	for c := range k {
		v, variance := powerIteration(cov, d)
		near(t, "variance", p.Variances[c], variance, 1e-8)
		along := 0.0
		for i := range d {
			along += v[i] * p.Components.At(i, c)
		}
		near(t, "direction", math.Abs(along), 1, 1e-8)
		for i := range d {
			for j := range d {
				cov[i*d+j] -= variance * v[i] * v[j]
			}
		}
		left -= variance
	}
	if e := must(must(FitPCA(x, d))(t).Error(x))(t); !(e >= 0 && e < 1e-9) {
		t.Errorf("all components leave an error of %g", e)
	}
	e := must(p.Error(x))(t)
	near(t, "error and the variance that is left", e, left, 1e-8)
	y, direct := must(p.Reconstruct(x))(t), 0.0
	for i := range n * d {
		direct += (x.At(i) - y.At(i)) * (x.At(i) - y.At(i)) / n
	}
	near(t, "error of Reconstruct", direct, e, 1e-5)
	code := must(p.Encode(x))(t)
	for i := range d {
		v := p.Mean[i]
		for c := range k {
			v += code.At(7*k+c) * p.Components.At(i, c)
		}
		near(t, "decoded code", v, y.At(7*d+i), 1e-5)
	}
}

// powerIteration returns the leading eigenvector and eigenvalue of a symmetric matrix.
func powerIteration(a []float64, d int) (v []float64, value float64) {
	v = make([]float64, d)
	for i := range v {
		v[i] = 1 / float64(i+1)
	}
	for range 2000 {
		next := make([]float64, d)
		for i := range d {
			for j := range d {
				next[i] += a[i*d+j] * v[j]
			}
		}
		value = 0
		for _, x := range next {
			value += x * x
		}
		value = math.Sqrt(value)
		for i := range next {
			v[i] = next[i] / value
		}
	}
	return v, value
}

func TestPCARefuses(t *testing.T) {
	x := lowRank(9, 4, 2)
	for name, err := range map[string]error{
		"no components":   second(FitPCA(x, 0)),
		"too many":        second(FitPCA(x, 5)),
		"one example":     second(FitPCA(x.Rows(0, 1), 2)),
		"integers":        second(FitPCA(graph.Ints([]int{1, 2, 3, 4}, 2, 2), 1)),
		"nothing":         second(FitPCA(graph.Array{}, 1)),
		"no batch axis":   second(FitPCA(graph.Floats32([]float32{1, 2}, 2), 1)),
		"NaN":             second(FitPCA(graph.Floats32([]float32{1, 2, float32(math.NaN()), 4}, 2, 2), 1)),
		"other width":     second(must(FitPCA(x, 2))(t).Encode(uniform(1, 3, 5))),
		"NaN to encode":   second(must(FitPCA(x, 2))(t).Error(graph.Floats32([]float32{1, 2, float32(math.NaN()), 4}, 1, 4))),
		"nothing to code": second(must(FitPCA(x, 2))(t).Reconstruct(graph.Array{})),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestPrincipalAngles(t *testing.T) {
	rad := math.Pi / 180
	tilted := func(angle float64) *mat.Dense { // one axis of the plane of x and y is tilted towards z
		return mat.NewDense(4, 2, []float64{3, 2, 0, math.Cos(angle * rad), 0, math.Sin(angle * rad), 0, 0})
	}
	plane := mat.NewDense(4, 2, []float64{1, 1, -2, 5, 0, 0, 0, 0})
	for _, angle := range []float64{0, 1e-9, 1e-3, 30, 89.9999, 90} {
		got := must(PrincipalAngles(plane, tilted(angle)))(t)
		if len(got) != 2 || math.Abs(got[0]) > 1e-12 || math.Abs(got[1]-angle) > 1e-12*(1+angle)*10 {
			t.Errorf("tilted by %g degrees: %v", angle, got)
		}
		back := must(PrincipalAngles(tilted(angle), plane))(t)
		near(t, "the other way round", back[1], got[1], 1e-12)
	}
	line := mat.NewDense(4, 1, []float64{0, 1, 1, 0})
	for _, got := range [][]float64{must(PrincipalAngles(plane, line))(t), must(PrincipalAngles(line, plane))(t)} {
		if len(got) != 1 {
			t.Fatalf("%d angles of a line and a plane", len(got))
		}
		near(t, "line and plane", got[0], 45, 1e-12)
	}
	for name, b := range map[string]*mat.Dense{
		"dependent columns": mat.NewDense(4, 2, []float64{1, 2, 1, 2, 0, 0, 3, 6}),
		"a column of zeros": mat.NewDense(4, 2, []float64{1, 0, 1, 0, 0, 0, 3, 0}),
		"NaN":               mat.NewDense(4, 1, []float64{1, math.NaN(), 0, 0}),
		"wide":              mat.NewDense(1, 2, []float64{1, 2}),
		"another space":     mat.NewDense(3, 1, []float64{1, 2, 3}),
		"nothing":           {},
	} {
		if got, err := PrincipalAngles(plane, b); err == nil {
			t.Errorf("%s: angles %v", name, got)
		} else if !errors.Is(err, graph.ErrShape) && !errors.Is(err, graph.ErrRange) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
