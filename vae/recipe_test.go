package vae

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"gonum.org/v1/gonum/mat"
)

func TestBurda(t *testing.T) {
	r := must(Burda(5, BurdaStages))(t)
	epochs := 0
	for i, s := range r.Stages {
		epochs += s.Epochs
		near(t, "rate", s.Optim.Rate, 1e-3*math.Pow(10, -float64(i)/7), 1e-12)
	}
	if epochs != 3280 || r.Model.Samples != 5 || !r.Model.Binarize || r.Model.Latent != 50 {
		t.Errorf("%d epochs of %+v", epochs, r.Model)
	}
	m := must(New(r.Model))(t)
	set := must(data.NewSet(uniform(1, 40, 784), graph.Array{}))(t)
	for _, s := range r.Stages[:2] {
		s.Epochs, s.Steps = 0, 2
		if _, err := train.Run(t.Context(), m, set, s); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLearnsProbabilisticPCA trains a linear decoder with learnt variances on data of such a model. What
// is learnt must be as likely as the model that made the data, whose log-likelihood is exact.
func TestLearnsProbabilisticPCA(t *testing.T) {
	const n = 2000
	z, noise := make([]float64, 2*n), make([]float64, 4*n)
	graph.Normal(graph.NewKey(1), z)
	graph.Normal(graph.NewKey(2), noise)
	var x mat.Dense
	x.Mul(mat.NewDense(n, 2, z), mat.NewDense(2, 4, linearW))
	x.Apply(func(i, j int, v float64) float64 {
		return v + linearB[j] + math.Sqrt(variance)*noise[4*i+j]
	}, &x)
	examples := graph.Floats64(x.RawMatrix().Data, n, 4)
	want, stderr := moments(exact(t, examples))

	m := must(New(Config{Shape: []int{4}, Latent: 2, Decoder: []nn.Dense{}, Likelihood: Gaussian}))(t)
	f32 := make([]float32, 4*n)
	for i, v := range examples.F64 {
		f32[i] = float32(v)
	}
	set := must(data.NewSet(graph.Floats32(f32, n, 4), graph.Array{}))(t)
	before, _ := moments(must(m.Bound(t.Context(), graph.NewKey(3), examples, 1))(t).F64)
	_, err := train.Run(t.Context(), m, set, train.Config{Steps: 2500, BatchSize: 200, Optim: optim.Config{
		Rate: 0.01, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: 2500},
	}})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := moments(must(m.Bound(t.Context(), graph.NewKey(3), examples, 20))(t).F64)
	// The fit to the sample may be better than the truth by about half a nat for each of its 14 parameters,
	// over all n examples.
	if got < want-0.01 || got > want+0.01 || before > want-0.1 {
		t.Errorf("log p(x) %g before and %g after training, of the model that made the data %g +- %g", before, got, want, stderr)
	}
}
