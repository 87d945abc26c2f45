package vae

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"gonum.org/v1/gonum/mat"
)

// A linear decoder with a Gaussian likelihood, x = z W + b + noise, has an exact p(x), normal with
// mean b and covariance W'W + variance I, and an exact posterior, normal with covariance
// (I + WW'/variance)^-1, which is diagonal if the rows of W are orthogonal.

const variance = 0.4

var (
	linearW = []float64{1, 0.5, -0.5, 0.2, 0.3, -0.4, 0.2, 0} // (2, 4), orthogonal rows
	linearB = []float64{0.1, -0.2, 0.3, 0.4}
)

// linear returns the model with the exact posterior.
func linear(t *testing.T, samples int) *Model {
	m := must(newModel(Config{Shape: []int{4}, Latent: 2, Decoder: []nn.Dense{}, Likelihood: Gaussian, Variance: variance, Samples: samples}, graph.Float64))(t)
	set(t, m, "dec/0/w", linearW)
	set(t, m, "dec/0/b", linearB)
	w, b, logVar := make([]float64, 8), make([]float64, 2), make([]float64, 2)
	for j := range 2 {
		squares := 0.0
		for i := range 4 {
			squares += linearW[4*j+i] * linearW[4*j+i]
		}
		s := 1 / (1 + squares/variance)
		logVar[j] = math.Log(s)
		for i := range 4 {
			w[2*i+j] = s * linearW[4*j+i] / variance
			b[j] -= w[2*i+j] * linearB[i]
		}
	}
	set(t, m, "enc/mean/w", w)
	set(t, m, "enc/mean/b", b)
	set(t, m, "enc/logvar/w", make([]float64, 8))
	set(t, m, "enc/logvar/b", logVar)
	return m
}

// disturb makes the posterior a wrong one, and returns by how much its ELBO lies below log p(x): its
// divergence from the exact one, the same for every x.
func disturb(t *testing.T, m *Model) float64 {
	t.Helper()
	b, logVar := m.params.Lookup("enc/mean/b").Value(), m.params.Lookup("enc/logvar/b").Value()
	shift, spread := []float64{0.5, -0.4}, []float64{0.6, -0.7}
	gap := 0.0
	for j := range 2 {
		gap += (math.Exp(spread[j]) + shift[j]*shift[j]/math.Exp(logVar.F64[j]) - 1 - spread[j]) / 2
	}
	set(t, m, "enc/mean/b", []float64{b.F64[0] + shift[0], b.F64[1] + shift[1]})
	set(t, m, "enc/logvar/b", []float64{logVar.F64[0] + spread[0], logVar.F64[1] + spread[1]})
	return gap
}

// exact is log p(x) (n) of x (n, 4).
func exact(t *testing.T, x graph.Array) []float64 {
	t.Helper()
	w := mat.NewDense(2, 4, linearW)
	var product mat.Dense
	product.Mul(w.T(), w)
	cov := mat.NewSymDense(4, nil)
	for i := range 4 {
		for j := i; j < 4; j++ {
			cov.SetSym(i, j, product.At(i, j))
		}
		cov.SetSym(i, i, cov.At(i, i)+variance)
	}
	var chol mat.Cholesky
	if !chol.Factorize(cov) {
		t.Fatal("the covariance is not positive")
	}
	logs := make([]float64, x.Shape[0])
	for e := range logs {
		d := mat.NewVecDense(4, nil)
		for i := range 4 {
			d.SetVec(i, x.At(4*e+i)-linearB[i])
		}
		var solved mat.VecDense
		if err := chol.SolveVecTo(&solved, d); err != nil {
			t.Fatal(err)
		}
		logs[e] = -(4*math.Log(2*math.Pi) + chol.LogDet() + mat.Dot(d, &solved)) / 2
	}
	return logs
}

func normals(n int) graph.Array {
	x := make([]float64, 4*n)
	graph.Normal(graph.NewKey(77), x)
	return graph.Floats64(x, n, 4)
}

// TestBoundIsExactAtTheExactPosterior: all importance weights are then p(x), whatever is drawn.
func TestBoundIsExactAtTheExactPosterior(t *testing.T) {
	x := normals(7)
	want := exact(t, x)
	for _, k := range []int{1, 3, 600} {
		got := must(linear(t, 1).Bound(t.Context(), graph.NewKey(1), x, k))(t)
		for e := range want {
			near(t, "bound", got.At(e), want[e], 1e-12)
		}
	}
	score := must(linear(t, 5).Score(graph.NewKey(2), x))(t)
	for e := range want {
		near(t, "score", score.At(e), -want[e], 1e-12)
	}
	wrong := linear(t, 1)
	disturb(t, wrong)
	if got := must(wrong.Bound(t.Context(), graph.NewKey(1), x, 1))(t); math.Abs(got.At(0)-want[0]) < 1e-3 {
		t.Error("a wrong posterior passes for the exact one")
	}
}

// elbos are n estimates of the mean over x of the ELBO.
func elbos(t *testing.T, m *Model, x graph.Array, n int) []float64 {
	t.Helper()
	values := make([]float64, n)
	for i := range values {
		values[i] = -must(m.Evaluate(graph.NewKey(uint64(i)), data.Batch{N: x.Shape[0], X: x}))(t)["loss"]
	}
	return values
}

// TestELBOAgainstExactLikelihood: the ELBO is log p(x) less the divergence of the posterior from the
// exact one.
func TestELBOAgainstExactLikelihood(t *testing.T) {
	x := normals(50)
	want, _ := moments(exact(t, x))
	for _, name := range []string{"exact posterior", "wrong posterior"} {
		m, gap := linear(t, 1), 0.0
		if name == "wrong posterior" {
			gap = disturb(t, m)
		}
		mean, stderr := moments(elbos(t, m, x, 2000))
		if stderr > 0.01 || math.Abs(mean-(want-gap)) > 4*stderr {
			t.Errorf("%s: ELBO %g +- %g, want %g - %g", name, mean, stderr, want, gap)
		}
		if gap > 0 && gap < 20*stderr {
			t.Errorf("%s: the gap %g is not to be seen with an error of %g", name, gap, stderr)
		}
	}
}

// TestBoundRisesWithSamples to log p(x).
func TestBoundRisesWithSamples(t *testing.T) {
	x := normals(20)
	logs := exact(t, x)
	want, _ := moments(logs)
	m := linear(t, 1)
	gap := disturb(t, m)
	last, lastError := math.Inf(-1), 0.0
	for _, run := range []struct{ k, repeats int }{{1, 1500}, {3, 500}, {10, 150}, {100, 30}, {4000, 20}} {
		values := make([]float64, run.repeats)
		for i := range values {
			values[i], _ = moments(must(m.Bound(t.Context(), graph.NewKey(uint64(100*i+run.k)), x, run.k))(t).F64)
		}
		mean, stderr := moments(values)
		if mean < last+2*(stderr+lastError) && run.k < 4000 {
			t.Errorf("k %d: bound %g +- %g, not above %g +- %g", run.k, mean, stderr, last, lastError)
		}
		if mean > want+4*stderr+0.01 {
			t.Errorf("k %d: bound %g +- %g is above log p(x) %g", run.k, mean, stderr, want)
		}
		if run.k == 1 && math.Abs(mean-(want-gap)) > 4*stderr {
			t.Errorf("one sample: %g +- %g, want the ELBO %g", mean, stderr, want-gap)
		}
		if run.k == 4000 && math.Abs(mean-want) > 0.01 {
			t.Errorf("4000 samples: %g, want %g", mean, want)
		}
		last, lastError = mean, stderr
	}
}

// TestTrainingBoundIsTheBound compares the graph's bound of k samples with the streaming one.
func TestTrainingBoundIsTheBound(t *testing.T) {
	const k = 4
	x := normals(20)
	m := linear(t, k)
	disturb(t, m)
	trained := elbos(t, m, x, 400)
	streamed := make([]float64, 400)
	for i := range streamed {
		streamed[i], _ = moments(must(m.Bound(t.Context(), graph.NewKey(uint64(i)), x, k))(t).F64)
	}
	a, aError := moments(trained)
	b, bError := moments(streamed)
	single := linear(t, 1)
	disturb(t, single)
	c, _ := moments(elbos(t, single, x, 400))
	if limit := 4 * math.Hypot(aError, bError); math.Abs(a-b) > limit || b-c < 2*limit {
		t.Errorf("bound by %d samples %g +- %g in the graph, %g +- %g streamed, ELBO %g", k, a, aError, b, bError, c)
	}
}
