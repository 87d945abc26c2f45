package vae

import (
	"math"
	"runtime"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
)

func TestObjective(t *testing.T) {
	for name, cfg := range kinds() {
		m := model(t, cfg, graph.Float32)
		if err := graphtest.CheckObjective(m, batches(cfg), 1, 2, 7); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var _ train.Evaluator = m
	}
}

func TestGradients(t *testing.T) {
	for name, cfg := range kinds() {
		m := model(t, cfg, graph.Float64)
		if err := graphtest.GradCheck(m, graph.NewKey(5).At(3), batches(cfg)(4)); err != nil { // amid the warm-up
			t.Errorf("%s: %v", name, err)
		}
	}
}

// wrongGradient is a model that forgets the gradient of one weight.
type wrongGradient struct{ *Model }

func (m wrongGradient) Gradient(key graph.Key, b data.Batch) (train.Metrics, error) {
	metrics, err := m.Model.Gradient(key, b)
	clear(m.params.Lookup("enc/logvar/w").Grad().F64)
	return metrics, err
}

func TestGradCheckRejectsWrongGradient(t *testing.T) {
	cfg := kinds()["plain"]
	if err := graphtest.GradCheck(wrongGradient{model(t, cfg, graph.Float64)}, graph.NewKey(5), batches(cfg)(4)); err == nil {
		t.Error("a missing gradient of the log-variance passes")
	}
}

// TestLossOfTerms puts the loss together from the other metrics and the units' divergences.
func TestLossOfTerms(t *testing.T) {
	for name, cfg := range kinds() {
		if cfg.samples() > 1 || name == "dropout" {
			continue
		}
		m := model(t, cfg, graph.Float64)
		b := batches(cfg)(5)
		const step = 6 // of 8, if there is a warm-up
		got := must(m.Gradient(graph.NewKey(1).At(step), b))(t)
		units := must(m.Units(b.X, b.Y.Int...))(t)
		kl, pressed, weight := 0.0, 0.0, 1.0
		if cfg.WarmUp > 0 {
			weight = step / float64(cfg.WarmUp)
		}
		for _, v := range units.KL {
			kl += v
			pressed += max(v, cfg.FreeBits)
		}
		if !cfg.Binarize { // Units sees the probabilities themselves
			near(t, name+": kl", got["kl"], kl, 1e-10)
			near(t, name+": loss", got["loss"], got["reconstruction"]+cfg.beta()*weight*pressed, 1e-10)
		}
		eval := must(m.Evaluate(graph.NewKey(1), b))(t)
		near(t, name+": Evaluate", eval["loss"], eval["reconstruction"]+eval["kl"], 1e-10)
	}
}

// TestWarmUp follows the weight of the KL divergence through its steps, in training alone.
func TestWarmUp(t *testing.T) {
	cfg := kinds()["plain"]
	cfg.WarmUp, cfg.Beta = 10, 3
	m := model(t, cfg, graph.Float64)
	b := batches(cfg)(4)
	for step, want := range map[uint64]float64{0: 0, 1: 0.3, 5: 1.5, 9: 2.7, 10: 3, 11: 3, 1 << 50: 3} {
		key := graph.NewKey(2).At(step)
		got, eval := must(m.Gradient(key, b))(t), must(m.Evaluate(key, b))(t)
		near(t, "loss in training", got["loss"], got["reconstruction"]+want*got["kl"], 1e-12)
		near(t, "loss in evaluation", eval["loss"], eval["reconstruction"]+eval["kl"], 1e-12)
	}
}

// TestWarmUpResumes: a training that is interrupted amid the warm-up and goes on ends with the bits of one that
// is not.
func TestWarmUpResumes(t *testing.T) {
	cfg := kinds()["dropout"]
	cfg.WarmUp, cfg.Binarize = 12, true
	set := must(data.NewSet(uniform(4, 30, 6), graph.Array{}))(t)
	run := func(m *Model, dir string, steps int) {
		t.Helper()
		_, err := train.Run(t.Context(), m, set, train.Config{Steps: steps, BatchSize: 7, Checkpoint: train.Checkpoint{Dir: dir, Resume: true}})
		if err != nil {
			t.Fatal(err)
		}
	}
	whole, first, second := model(t, cfg, graph.Float32), model(t, cfg, graph.Float32), must(New(cfg))(t)
	dir := t.TempDir()
	run(whole, t.TempDir(), 16)
	run(first, dir, 8)
	run(second, dir, 16)
	for i, q := range whole.params.List() {
		if !sameBits(q.Value(), second.params.List()[i].Value()) || sameBits(q.Value(), first.params.List()[i].Value()) {
			t.Errorf("%s is another after a resume, or the same as halfway", q.Name)
		}
	}
}

// TestReconstructionByLoops recomputes -log p(x|z), where q has so small a variance that z is its mean.
func TestReconstructionByLoops(t *testing.T) {
	for _, name := range []string{"plain", "fixed", "learnt", "images", "IWAE learnt"} {
		cfg := kinds()[name]
		m := model(t, cfg, graph.Float64)
		set(t, m, "enc/logvar/b", []float64{-60, -60, -60})
		b := batches(cfg)(3)
		y := must(m.Reconstruct(b.X))(t)
		want := 0.0
		for i := range y.Len() {
			x, variance := b.X.At(i), cfg.Variance
			if cfg.Likelihood == Bernoulli {
				want -= (x*math.Log(y.At(i)) + (1-x)*math.Log(1-y.At(i))) / 3
				continue
			}
			if variance == 0 {
				variance = math.Exp(m.params.Lookup("dec/logvar").Value().At(i % 6))
			}
			want += (math.Log(2*math.Pi*variance) + (x-y.At(i))*(x-y.At(i))/variance) / 2 / 3
		}
		near(t, name, must(m.Evaluate(graph.NewKey(2), b))(t)["reconstruction"], want, 1e-9)
	}
}

func TestBinarisationDrawsAnew(t *testing.T) {
	cfg := kinds()["binarised"]
	m := model(t, cfg, graph.Float32)
	// A batch of 0 and 1 is left as it is: then the model without binarisation gives the same loss.
	x := uniform(6, 40, 6)
	for i, v := range x.F32 {
		x.F32[i] = float32(math.Round(float64(v)))
	}
	cfg.Binarize = false
	plain := model(t, cfg, graph.Float32)
	b, key := data.Batch{N: 40, X: x}, graph.NewKey(3)
	near(t, "binary data", must(m.Evaluate(key, b))(t)["kl"], must(plain.Evaluate(key, b))(t)["kl"], 1e-6)
	b.X = uniform(6, 40, 6)
	one, two := must(m.Evaluate(key, b))(t)["kl"], must(m.Evaluate(key.At(1), b))(t)["kl"]
	if one == two || one == must(plain.Evaluate(key, b))(t)["kl"] {
		t.Errorf("kl %g and %g: grey pixels are not drawn", one, two)
	}
}

func TestBitsForAnyNumberOfThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	cfg := Config{Shape: []int{196}, Latent: 11, Samples: 3, Binarize: true, Encoder: []nn.Dense{{Units: 130, Activation: op.TanhActivation}}}
	b := batches(cfg)(70)
	var grads, bounds [2]graph.Array
	var losses [2]float64
	for i := range 2 {
		runtime.GOMAXPROCS(i + 1)
		m := model(t, cfg, graph.Float32)
		losses[i] = must(m.Gradient(graph.NewKey(1), b))(t)["loss"]
		_, g := graph.Slab[float32](m.params)
		grads[i] = graph.Floats32(g, len(g))
		bounds[i] = must(m.Bound(t.Context(), graph.NewKey(2), b.X, 9))(t)
	}
	if losses[0] != losses[1] || !sameBits(grads[0], grads[1]) || !sameBits(bounds[0], bounds[1]) {
		t.Errorf("one and two threads differ: losses %v", losses)
	}
}

// TestBoundDrawsEachExampleOnce uses a model of p(x|z) = p(x), whose bound is exact: it must be the
// likelihood of one vector of 0 and 1, the same for all samples.
func TestBoundDrawsEachExampleOnce(t *testing.T) {
	m := must(newModel(kinds()["binarised"], graph.Float64))(t)
	for _, q := range m.params.List() {
		set(t, m, q.Name, make([]float64, q.Size))
	}
	logits := []float64{0.1, -0.2, 0.4, 0.8, -1.6, 3.2}
	set(t, m, "dec/1/b", logits)
	const n = 400
	x := graph.Floats32(make([]float32, 6*n), n, 6)
	for i := range x.F32 {
		x.F32[i] = 0.3
	}
	got := must(m.Bound(t.Context(), graph.NewKey(1), x, 5))(t)
	none, grey := 0.0, 0.0 // log p of zeros, and the mean over draws
	for _, c := range logits {
		none -= math.Log1p(math.Exp(c))
		grey += 0.3 * c
	}
	seen := map[int]bool{}
	for _, v := range got.F64 {
		for pattern := range 64 {
			p := none
			for i, c := range logits {
				p += c * float64(pattern>>i&1)
			}
			if math.Abs(v-p) < 1e-9 {
				seen[pattern] = true
				v = math.NaN()
			}
		}
		if !math.IsNaN(v) {
			t.Fatalf("the bound %g is the likelihood of no binary example", v)
		}
	}
	mean, stderr := moments(got.F64)
	if len(seen) < 20 || math.Abs(mean-none-grey) > 4*stderr {
		t.Errorf("%d different examples, bound %g +- %g, want %g", len(seen), mean, stderr, none+grey)
	}
}
