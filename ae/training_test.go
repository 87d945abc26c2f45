package ae

import (
	"context"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// patterns are n examples of 24 pixels: one of eight random images of six blocks of four pixels,
// drawn with grey levels, so that a missing pixel can be told from the others.
func patterns(seed uint64, n int) graph.Array {
	x := uniform(seed, n, 24)
	prototypes, which := uniform(99, 8, 6), uniform(seed+1, n)
	for e := range n {
		k := int(8 * which.F32[e])
		for i := range 24 {
			x.F32[24*e+i] = 0.1*x.F32[24*e+i] + 0.9*float32(math.Round(float64(prototypes.F32[6*k+i/4])))
		}
	}
	return x
}

func squaredError(a, b graph.Array) float64 {
	sum := 0.0
	for i := range a.Len() {
		sum += (a.At(i) - b.At(i)) * (a.At(i) - b.At(i))
	}
	return sum / float64(a.Shape[0])
}

// TestDenoisingUndoesCorruption trains the recipe and repairs new examples.
func TestDenoisingUndoesCorruption(t *testing.T) {
	recipe := Denoising(24, 20, "0.3")
	m := must(New(recipe.Model))(t)
	set := must(data.NewSet(patterns(1, 1000), graph.Array{}))(t)
	must(train.Run(context.Background(), m, set, recipe.Train))(t)
	clean := patterns(50, 500)
	damaged := uniform(0, 500, 24)
	ok(t, data.Masking{Rate: 0.3}.Corrupt(graph.NewKey(77), damaged, clean))
	repaired := must(m.Reconstruct(damaged))(t)
	before, after := squaredError(damaged, clean), squaredError(repaired, clean)
	t.Logf("squared error %.3f before, %.3f after", before, after)
	if after > before/2 {
		t.Errorf("squared error %.3f before, %.3f after the repair", before, after)
	}
}

// TestCorruptionRate looks at what the network sees in training.
func TestCorruptionRate(t *testing.T) {
	const n, d, rate = 400, 24, 0.3
	m := must(New(Denoising(d, 5, "0.3").Model))(t)
	ones := uniform(1, n, d)
	for i := range ones.F32 {
		ones.F32[i] = 1
	}
	zeros := 0
	seen := must(m.corrupt(graph.NewKey(3), ones))(t)
	for i, v := range seen.F32 {
		if v == 0 {
			zeros++
		} else if v != 1 || ones.F32[i] != 1 {
			t.Fatalf("element %d became %g", i, v)
		}
	}
	if sigma := math.Sqrt(n * d * rate * (1 - rate)); math.Abs(float64(zeros)-n*d*rate) > 4*sigma {
		t.Errorf("%d of %d elements masked", zeros, n*d)
	}
	b := data.Batch{N: n, X: ones}
	a, c := must(m.Gradient(graph.NewKey(1), b))(t)["loss"], must(m.Gradient(graph.NewKey(1).At(1), b))(t)["loss"]
	if a == c {
		t.Error("two steps have the same noise")
	}
	x, y := must(m.Evaluate(graph.NewKey(1), b))(t)["loss"], must(m.Evaluate(graph.NewKey(2), b))(t)["loss"]
	if x != y {
		t.Error("evaluation has noise")
	}
}

// noisyConfig has every source of randomness, and is large enough to be worth several threads.
func noisyConfig() Config {
	return Config{
		Shape:      []int{1, 16, 16},
		Encoder:    []nn.Dense{{Units: 128, Activation: op.ReLUActivation, Dropout: 0.2}, dense(32, op.SigmoidActivation)},
		Loss:       CrossEntropy,
		Corruption: "masking:0.25,shift:1",
		L1:         1e-3, SparsityTarget: 0.1, SparsityWeight: 0.1,
	}
}

// trained runs for some epochs of five steps, in turn, each run going on from the checkpoint of the last.
func trained(t *testing.T, seed uint64, epochs ...int) []float32 {
	t.Helper()
	dir := t.TempDir()
	set := must(data.NewSet(uniform(30, 300, 1, 16, 16), graph.Array{}))(t)
	var m *Model
	for i, n := range epochs {
		m = must(New(noisyConfig()))(t)
		cfg := train.Config{Epochs: n, BatchSize: 64, Key: graph.NewKey(seed), Checkpoint: train.Checkpoint{Dir: dir, Resume: i > 0}}
		cfg.Valid = set
		r := must(train.Run(context.Background(), m, set, cfg))(t)
		if r.Epoch != n || (r.Resumed != "") != (i > 0) {
			t.Fatalf("the run came to %+v", r)
		}
	}
	values, _ := graph.Slab[float32](m.Params())
	return slices.Clone(values)
}

// TestResumeAndThreads asks for the same bits whether a run is interrupted or not, and on any number
// of threads.
func TestResumeAndThreads(t *testing.T) {
	whole := trained(t, 1, 3)
	if !slices.Equal(trained(t, 1, 1, 2, 3), whole) {
		t.Error("stopped and resumed, the run ends elsewhere")
	}
	if slices.Equal(trained(t, 2, 3), whole) {
		t.Error("another key makes no difference: the comparison shows nothing")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, n := range []int{1, 2, 4} {
		runtime.GOMAXPROCS(n)
		if !slices.Equal(trained(t, 1, 3), whole) {
			t.Errorf("other weights with %d threads", n)
		}
	}
}

// TestBadDataStopsTraining leaves the weights as they were.
func TestBadDataStopsTraining(t *testing.T) {
	m := must(New(kinds()["cross-entropy"]))(t)
	before, _ := graph.Slab[float32](m.Params())
	before = slices.Clone(before)
	x := uniform(3, 10, 6)
	x.F32[20] = -0.5
	set := must(data.NewSet(x, graph.Array{}))(t)
	_, err := train.Run(context.Background(), m, set, train.Config{Steps: 3, BatchSize: 10})
	if !errors.Is(err, graph.ErrRange) {
		t.Errorf("a pixel of -0.5 under cross-entropy: %v", err)
	}
	if after, _ := graph.Slab[float32](m.Params()); !slices.Equal(after, before) {
		t.Error("the weights moved")
	}
}

// TestRecipes makes every published model and takes a step.
func TestRecipes(t *testing.T) {
	for name, r := range map[string]Recipe{
		"linear": Linear(20, 4, 10), "denoising": Denoising(20, 8, "0.25"), "contractive": Contractive(20, 8, 0.1), "deep": Deep(),
	} {
		m := must(New(r.Model))(t)
		set := must(data.NewSet(uniform(1, 20, r.Model.Shape...), graph.Array{}))(t)
		r.Train.Steps, r.Train.BatchSize = 1, 10
		before := must(m.Evaluate(graph.Key{}, data.Batch{N: 20, X: set.X}))(t)["loss"]
		must(train.Run(context.Background(), m, set, r.Train))(t)
		if after := must(m.Evaluate(graph.Key{}, data.Batch{N: 20, X: set.X}))(t)["loss"]; !(after < before) {
			t.Errorf("%s: one step takes the loss from %g to %g", name, before, after)
		}
		if r.Paper == "" {
			t.Errorf("%s: no paper", name)
		}
	}
}
