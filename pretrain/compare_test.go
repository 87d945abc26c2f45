package pretrain

import (
	"context"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/graph/view"
	"github.com/pkg/errors"
)

// plainSGD is the training of the years before 2010.
func plainSGD(epochs int) train.Config {
	return train.Config{Epochs: epochs, BatchSize: 10, Optim: optim.Config{Method: optim.SGD, Rate: 0.1}}
}

// old is a stack of logistic layers with the old uniform initialisation.
func old(depth, units, epochs int) Config {
	var cfg Config
	for range depth {
		l := denoising(units)
		l.AE.Encoder[0].Init = nn.FanIn
		l.Train = plainSGD(epochs)
		cfg.Layers = append(cfg.Layers, l)
	}
	return cfg
}

// TestPretrainingHelps is the effect that started deep learning (Bengio et al. 2006; Erhan et al. 2010,
// section 6): with logistic units, U(+-1/sqrt(fan-in)) and plain gradient descent, a network of five hidden
// layers does not learn from random weights, and learns from pretrained ones.
func TestPretrainingHelps(t *testing.T) {
	examples, test, seeds, units := 2000, 500, []uint64{1}, 60
	depths := []int{5}
	if os.Getenv("LATENT_LONG") != "" {
		examples, test, seeds, units, depths = 9000, 2000, []uint64{1, 2, 3}, 200, []int{1, 2, 3, 4, 5}
	}
	all, testSet, err := mnist.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	labelled, err1 := all.Slice(0, examples)
	valid, err2 := all.Slice(9000, 9000+test/2)
	testSet, err3 := testSet.Slice(0, test)
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	tuning := plainSGD(15)
	tuning.Stop = train.EarlyStop{Metric: "error", Restore: true}
	c, err := Compare(context.Background(), CompareConfig{
		Stack: old(5, units, 4), Head: Head{Outputs: 10, Init: nn.FanIn}, Train: tuning,
		Depths: depths, Seeds: seeds, Labelled: labelled, Valid: valid, Test: testSet,
		OnRun: func(r Run) { t.Logf("depth %d, pretrained %v: %v", r.Depth, r.Pretrained, r.Test) },
	})
	if err != nil {
		t.Fatal(err)
	}
	s := c.Summaries("error")
	if n := 2 * len(depths); len(s) != n {
		t.Fatalf("%d summaries, want %d", len(s), n)
	}
	random, pretrained := s[len(s)-2], s[len(s)-1]
	if random.Pretrained || !pretrained.Pretrained || random.Depth != 5 {
		t.Fatalf("%+v %+v", random, pretrained)
	}
	if random.Mean < 0.7 || pretrained.Mean > 0.2 {
		t.Errorf("test error at five layers: %g from random weights, %g from pretrained ones", random.Mean, pretrained.Mean)
	}
}

// TestCompare checks the bookkeeping of a comparison that is cut off once and resumed.
func TestCompare(t *testing.T) {
	src, test := bars(40, 12), bars(20, 12)
	config := func(dir string) CompareConfig {
		cfg := mixed()
		cfg.Dir, cfg.Resume, cfg.Seed = dir, true, 0
		return CompareConfig{
			Stack: cfg, Head: Head{Outputs: 2, Dropout: []float64{0, 0.1, 0, 0}}, Train: sgd(3),
			Depths: []int{1, 3}, Seeds: []uint64{4, 5}, Labelled: src, Valid: test, Test: test,
		}
	}
	want, err := Compare(context.Background(), config(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	cfg.OnRun = func(r Run) {
		if r.Seed == 4 && r.Depth == 3 {
			cancel()
		}
	}
	partial, err := Compare(ctx, cfg)
	if !errors.Is(err, context.Canceled) || len(partial.Runs) == 0 || len(partial.Runs) == 8 {
		t.Fatal(partial, err)
	}
	cfg.OnRun = nil
	got, err := Compare(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Runs) != 8 || len(got.Runs) != 8 {
		t.Fatalf("%d and %d runs", len(want.Runs), len(got.Runs))
	}
	for i, r := range got.Runs {
		w := want.Runs[i]
		if r.Depth != w.Depth || r.Seed != w.Seed || r.Pretrained != w.Pretrained || r.Test["loss"] != w.Test["loss"] || r.Steps != 15 {
			t.Errorf("run %d: %+v, want %+v", i, r, w)
		}
	}
	// What a run says is what training by hand gives.
	stack := mixed()
	stack.Seed = 5
	stack.Valid = nil
	s, err := mustTrain(t, stack, src).Bottom(3)
	if err != nil {
		t.Fatal(err)
	}
	by := sgd(3)
	by.Key = graph.NewKey(5).Fork("finetune")
	net, _, err := Finetune(context.Background(), s, Head{Outputs: 2, Dropout: []float64{0, 0.1, 0}, Seed: 5}, src, by)
	if err != nil {
		t.Fatal(err)
	}
	m, err := net.Evaluate(graph.Key{}, data.Batch{N: 20, X: test.X, Y: test.Y})
	if last := want.Runs[7]; err != nil || !last.Pretrained || math.Abs(last.Test["loss"]-m["loss"]) > 1e-6 {
		t.Errorf("by hand %v, by Compare %+v (%v)", m, last, err)
	}
	sum := want.Summaries("loss")
	a, b := want.Runs[1].Test["loss"], want.Runs[5].Test["loss"]
	if len(sum) != 4 || !slices.Equal(sum[1].Values, []float64{a, b}) {
		t.Fatalf("%+v", sum)
	}
	graphtest.Near(t, "mean", sum[1].Mean, (a+b)/2, 1e-12)
	graphtest.Near(t, "deviation", sum[1].Std, math.Abs(a-b)/math.Sqrt2, 1e-12)
	report := view.NewReport("test")
	if err := want.AddTo(report, "error", 100, "test error in %"); err != nil {
		t.Error(err)
	}
	if _, err := want.ByStep(3, train.Valid, "loss", 1, view.Axes{}); err != nil {
		t.Error(err)
	}
	if _, err := want.ByDepth("loss", 0, view.Axes{LogY: true}); err != nil {
		t.Error("zeros on a logarithmic axis:", err)
	}
	if _, err := want.ByDepth("no such metric", 1, view.Axes{}); !errors.Is(err, ErrConfig) {
		t.Error(err)
	}
	auto := config("")
	auto.Stack.Resume, auto.Unroll, auto.Seeds = false, &UnrollConfig{Init: nn.FanIn, Dropout: []float64{0, 0.1, 0, 0}}, []uint64{1}
	deep, err := Compare(context.Background(), auto)
	if err != nil {
		t.Fatal(err)
	}
	if e := deep.Summaries("error"); len(e) != 4 || !(e[1].Mean < e[0].Mean && e[3].Mean < e[2].Mean) {
		t.Errorf("squared errors of deep autoencoders: %+v", e)
	}
	for name, change := range map[string]func(*CompareConfig){
		"depth":     func(c *CompareConfig) { c.Depths = []int{5} },
		"no seeds":  func(c *CompareConfig) { c.Seeds = []uint64{} },
		"no test":   func(c *CompareConfig) { c.Test = nil },
		"dropout":   func(c *CompareConfig) { c.Head.Dropout = []float64{0.5} },
		"own seed":  func(c *CompareConfig) { c.Stack.Layers[0].AE.Seed = 3 },
		"own valid": func(c *CompareConfig) { c.Train.Valid = src },
	} {
		cfg := config("")
		cfg.Stack.Resume = false
		change(&cfg)
		if _, err := Compare(context.Background(), cfg); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
