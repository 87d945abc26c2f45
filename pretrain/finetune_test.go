package pretrain

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/rbm"
	"github.com/pkg/errors"
)

// TestUnrolled compares the first forward of the conversions with that of the stack, bit by bit.
func TestUnrolled(t *testing.T) {
	src := bars(40, 12)
	s := mustTrain(t, mixed(), src)
	code, err := s.Encode(src.X)
	if err != nil {
		t.Fatal(err)
	}
	want, err := s.Decode(code)
	if err != nil {
		t.Fatal(err)
	}
	deep, err := s.Unroll(UnrollConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() (graph.Array, graph.Array, error){
		"code":           func() (graph.Array, graph.Array, error) { x, err := deep.Encode(src.X); return x, code, err },
		"reconstruction": func() (graph.Array, graph.Array, error) { x, err := deep.Reconstruct(src.X); return x, want, err },
	} {
		got, want, err := f()
		if err != nil || !slices.Equal(got.Shape, want.Shape) || !slices.Equal(got.F32, want.F32) {
			t.Errorf("%s of the deep autoencoder differs from the stack's (%v)", name, err)
		}
	}
	if one, err := s.Bottom(1); err != nil {
		t.Error(err)
	} else if m, err := one.Unroll(UnrollConfig{Dropout: []float64{0.2}, Corruption: "masking:0.1"}); err != nil || len(m.Config().Decoder) != 0 {
		t.Error("a stack of one layer:", err)
	}
	// A machine alone reconstructs as it does itself.
	m := mustTrain(t, Config{Layers: []Layer{machine(6)}}, src)
	deep, err = m.Unroll(UnrollConfig{})
	if err != nil {
		t.Fatal(err)
	}
	own, err1 := m.RBM(0).Reconstruct(src.X)
	got, err2 := deep.Reconstruct(src.X)
	if err1 != nil || err2 != nil || !slices.Equal(own.F32, got.F32) {
		t.Error("a machine's reconstruction differs from the unrolled one", err1, err2)
	}
}

// TestUnrolledMachines compares the unrolled network of machines of all kinds with what the machines
// themselves compute.
func TestUnrolledMachines(t *testing.T) {
	x := make([]float32, 40*6)
	graph.Normal(graph.NewKey(1), x)
	src := &data.Set{X: graph.Floats32(x, 40, 6)}
	kinds := []rbm.Config{
		{VisibleUnits: rbm.Gaussian, Std: 0.7, LearnStd: true, Hidden: 5, HiddenUnits: rbm.Rectified},
		{VisibleUnits: rbm.Gaussian, Hidden: 7},
		{Hidden: 4, HiddenUnits: rbm.Gaussian},
	}
	var cfg Config
	for _, k := range kinds {
		k.Steps, k.InitStd = 1, 0.3
		l := machine(1)
		l.RBM, l.Train.Optim.Rate = &k, 0.01
		cfg.Layers = append(cfg.Layers, l)
	}
	s := mustTrain(t, cfg, src)
	deep, err := s.Unroll(UnrollConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if deep.Config().Loss != ae.SquaredError || deep.Config().Encoder[2].Activation != op.Identity {
		t.Errorf("the unrolled autoencoder is %+v", deep.Config())
	}
	h := src.X
	for i := range 3 {
		if h, err = s.RBM(i).Transform(h); err != nil {
			t.Fatal(err)
		}
	}
	y := h
	for i := 2; i >= 0; i-- {
		if y, err = s.RBM(i).VisibleMean(y); err != nil {
			t.Fatal(err)
		}
	}
	code, err1 := deep.Encode(src.X)
	back, err2 := deep.Reconstruct(src.X)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	for i := range h.F32 { // weights per variance are rounded once more than the machine's own product
		graphtest.Near(t, "code", code.At(i), h.At(i), 1e-5)
	}
	for i := range y.F32 {
		graphtest.Near(t, "reconstruction", back.At(i), y.At(i), 1e-5)
	}
	cfg.Layers[1].RBM.VisibleUnits = rbm.Bernoulli
	if _, _, err := Train(context.Background(), cfg, src); !errors.Is(err, ErrConfig) {
		t.Error("Bernoulli units above rectified ones:", err)
	}
	categories, err := rbm.New(rbm.Config{Visible: 6, VisibleUnits: rbm.Softmax, Categories: 3, Hidden: 4, Steps: 1})
	if err != nil {
		t.Fatal(err)
	}
	one, err := NewStack(categories)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.Unroll(UnrollConfig{}); !errors.Is(err, ErrConfig) {
		t.Error("categories are unrolled:", err)
	}
}

// TestNormalizerOfTheBottom sees that what the data went through stays with whatever becomes of a stack.
func TestNormalizerOfTheBottom(t *testing.T) {
	want := data.DivideBy(16)
	for name, l := range map[string]Layer{"autoencoder": denoising(5), "machine": machine(5)} {
		if l.AE != nil {
			l.AE.Normalizer = want
		} else {
			l.RBM.Normalizer = want
		}
		s := mustTrain(t, Config{Layers: []Layer{l, machine(4)}}, bars(20, 12))
		net, err1 := s.Network(Head{Outputs: 2})
		deep, err2 := s.Unroll(UnrollConfig{})
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		got := map[string]*data.Normalizer{"network": net.Config().Normalizer, "unrolled": deep.Config().Normalizer}
		if l.RBM != nil {
			d, err := s.DBN(DBNHead{Steps: 1})
			if err != nil {
				t.Fatal(err)
			}
			classifier, err := d.Network(Head{Outputs: 2})
			if err != nil {
				t.Fatal(err)
			}
			got["belief net"], got["its network"] = d.Config().Normalizer, classifier.Config().Normalizer
		}
		for what, z := range got {
			if z == nil || z.Scale[0] != 16 {
				t.Errorf("%s above the %s has the normalisation %v", what, name, z)
			}
		}
	}
	wide := &data.Normalizer{Shift: make([]float32, 3), Scale: []float32{1, 1, 1}}
	if _, err := NewNetwork(NetworkConfig{Shape: []int{12}, Outputs: 2, Normalizer: wide}); !errors.Is(err, ErrConfig) {
		t.Error("a network with the normalisation of other data:", err)
	}
	if _, err := NewDBN(DBNConfig{Visible: 12, Hidden: []int{3}, Steps: 1, Normalizer: wide}); !errors.Is(err, ErrConfig) {
		t.Error("a belief net with the normalisation of other data:", err)
	}
}

// TestNetworkStartsFromTheStack compares what the output layer makes of the codes with the prediction.
func TestNetworkStartsFromTheStack(t *testing.T) {
	src := bars(40, 12)
	s := mustTrain(t, mixed(), src)
	for _, task := range []Task{Classify, Regress} {
		head := Head{Task: task, Outputs: 3, Init: nn.FanIn, Seed: 5, Dropout: []float64{0.1, 0.2, 0, 0.5}}
		n, err := s.Network(head)
		if err != nil {
			t.Fatal(err)
		}
		random, err := s.Random(head)
		if err != nil {
			t.Fatal(err)
		}
		if w := n.Params().Lookup("output/w").Value(); !slices.Equal(w.F32, random.Params().Lookup("output/w").Value().F32) {
			t.Error("the output layers of the two networks differ")
		}
		if slices.Equal(n.Params().Lookup("hidden/0/w").Value().F32, random.Params().Lookup("hidden/0/w").Value().F32) {
			t.Error("the random network has the stack's weights")
		}
		code, err := s.Encode(src.X)
		if err != nil {
			t.Fatal(err)
		}
		p := graph.NewParams(graph.Float32, graph.Key{})
		top := graph.NewFunction(p, func(b *graph.Builder, size int) []*graph.Node {
			y := op.Affine(b.Input("code", size, 5), b.Param("w", graph.Zeros, 5, 3), b.Param("b", graph.Zeros, 3), op.Identity)
			if task == Classify {
				y = op.Softmax(y)
			}
			return []*graph.Node{y}
		})
		if err := top.Prepare(1); err != nil {
			t.Fatal(err)
		}
		if err := p.Lookup("w").Set(n.Params().Lookup("output/w").Value()); err != nil {
			t.Fatal(err)
		}
		want, err := top.Run(graph.Key{}, 40, code)
		if err != nil {
			t.Fatal(err)
		}
		got, err := n.Predict(src.X)
		if err != nil || !slices.Equal(got.F32, want[0].F32) {
			t.Errorf("%v: the network's first prediction is not that of the stack's codes (%v)", task, err)
		}
	}
}

func TestNetworkObjective(t *testing.T) {
	hidden := []nn.Dense{{Units: 5, Activation: op.SigmoidActivation, Dropout: 0.3}, {Units: 4, Activation: op.TanhActivation}}
	targets := func(n int) data.Batch {
		s := bars(n, 6)
		y := make([]float32, 2*n)
		graph.Normal(graph.NewKey(2), y)
		return data.Batch{N: n, X: s.X, Y: graph.Floats32(y, n, 2)}
	}
	labels := func(n int) data.Batch { s := bars(n, 6); return data.Batch{N: n, X: s.X, Y: s.Y} }
	for _, c := range []struct {
		task  Task
		batch func(n int) data.Batch
	}{{Classify, labels}, {Regress, targets}} {
		cfg := NetworkConfig{Shape: []int{6}, Hidden: hidden, Task: c.task, Outputs: 2, Seed: 1}
		n, err := NewNetwork(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := graphtest.CheckObjective(n, c.batch, 1, 2, 7); err != nil {
			t.Errorf("%v: %v", c.task, err)
		}
		exact, err := newNetwork(cfg, graph.Float64)
		if err != nil {
			t.Fatal(err)
		}
		if err := graphtest.GradCheck(exact, graph.NewKey(3), c.batch(5)); err != nil {
			t.Errorf("%v: %v", c.task, err)
		}
	}
}

// TestFinetune trains with early stopping and rates by layer, of which one is zero, and saves the result.
func TestFinetune(t *testing.T) {
	src := bars(60, 12)
	s := mustTrain(t, mixed(), src)
	before := [][]uint64{bitsOf(s.Layer(0)), bitsOf(s.Layer(3))}
	cfg := train.Config{
		Epochs: 60, BatchSize: 10, Valid: bars(30, 12), Stop: train.EarlyStop{Metric: "error", Patience: 30, Restore: true},
		Optim: optim.Config{Rate: 0.02, RateScales: LayerRates(0, 1, 1, 1, 2)},
	}
	n, r, err := Finetune(context.Background(), s, Head{Outputs: 2}, src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if r.Best.Value > 0.1 {
		t.Errorf("error on held-out bars: %g", r.Best.Value)
	}
	if !slices.Equal(bitsOf(s.Layer(0)), before[0]) || !slices.Equal(bitsOf(s.Layer(3)), before[1]) {
		t.Error("fine-tuning has changed the stack")
	}
	if !slices.Equal(n.Params().Lookup("hidden/0/w").Value().F32, s.AE(0).Params().Lookup("enc/0/w").Value().F32) {
		t.Error("a layer with rate 0 has moved")
	}
	path := t.TempDir() + "/n.safetensors"
	if err := n.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadNetwork(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err1 := n.Labels(src.X)
	got, err2 := loaded.Labels(src.X)
	if err1 != nil || err2 != nil || !slices.Equal(got, want) {
		t.Error("a loaded network differs", err1, err2)
	}
	wrong := 0
	for i, label := range want {
		if label != src.Y.Int[i] {
			wrong++
		}
	}
	m, err := n.Evaluate(graph.Key{}, data.Batch{N: 60, X: src.X, Y: src.Y})
	if err != nil || m["error"] != float64(wrong)/60 {
		t.Errorf("error %v by Evaluate, %d of 60 by Labels (%v)", m["error"], wrong, err)
	}
}

// TestRegression fine-tunes a regressor of the number of bits that are on.
func TestRegression(t *testing.T) {
	count := func(n int) *data.Set {
		s := bars(n, 12)
		y := make([]float32, n)
		for i, v := range s.X.F32 {
			y[i/12] += v / 12
		}
		return &data.Set{X: s.X, Y: graph.Floats32(y, n)}
	}
	src, test := count(100), count(40)
	s := mustTrain(t, machines(), src)
	cfg := train.Config{Epochs: 100, BatchSize: 10, Optim: optim.Config{Rate: 0.01}}
	n, _, err := Finetune(context.Background(), s, Head{Task: Regress, Outputs: 1}, src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	y, err := n.Predict(test.X)
	if err != nil {
		t.Fatal(err)
	}
	square, variance := 0.0, 0.0
	for i := range 40 {
		square += math.Pow(y.At(i)-test.Y.At(i), 2)
		variance += math.Pow(0.5-test.Y.At(i), 2)
	}
	if square > 0.2*variance {
		t.Errorf("squared error %g, that of a constant %g", square, variance)
	}
}
