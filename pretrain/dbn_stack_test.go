package pretrain

import (
	"context"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

func machines() Config { return Config{Layers: []Layer{machine(9), machine(7)}, Seed: 3} }

// TestStackToDBN compares a net with the stack it is made of.
func TestStackToDBN(t *testing.T) {
	src := bars(40, 12)
	s := mustTrain(t, machines(), src)
	d, err := s.DBN(DBNHead{Steps: 1})
	if err != nil {
		t.Fatal(err)
	}
	want, err1 := s.RBM(0).Transform(src.X)
	got, err2 := d.Encode(src.X)
	if err1 != nil || err2 != nil || !slices.Equal(got.F32, want.F32) {
		t.Error("the codes of the net are not those of the stack", err1, err2)
	}
	top, err := d.Top()
	if err != nil {
		t.Fatal(err)
	}
	f1, err1 := top.FreeEnergy(got)
	f2, err2 := s.RBM(1).FreeEnergy(got)
	if err1 != nil || err2 != nil || !slices.Equal(f1.F32, f2.F32) {
		t.Error("the top machine is not the stack's", err1, err2)
	}
	a, err1 := s.Network(Head{Outputs: 2, Seed: 4})
	b, err2 := d.Network(Head{Outputs: 2, Seed: 4})
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	for _, q := range a.Params().List() {
		if !slices.Equal(q.Value().F32, b.Params().Lookup(q.Name).Value().F32) {
			t.Errorf("%s of the two networks differs", q.Name)
		}
	}
	if _, err := mustTrain(t, mixed(), src).DBN(DBNHead{Steps: 1}); !errors.Is(err, ErrConfig) {
		t.Error("a stack with autoencoders:", err)
	}
	if _, err := s.DBN(DBNHead{}); !errors.Is(err, ErrConfig) {
		t.Error("k of 0:", err)
	}
	if _, err := s.DBN(DBNHead{Steps: 1, Labels: 1}); !errors.Is(err, ErrConfig) {
		t.Error("one label:", err)
	}
}

// TestDBNTraining trains the top machine with labels, then the whole net, and classifies.
func TestDBNTraining(t *testing.T) {
	src, test := bars(200, 12), bars(100, 12)
	s := mustTrain(t, Config{Layers: []Layer{machine(10), machine(8)}, Seed: 1}, src)
	d, err := s.DBN(DBNHead{Labels: 2, Hidden: 12, Steps: 1})
	if err != nil {
		t.Fatal(err)
	}
	before := valuesOf(d)
	if _, err := d.TrainTop(context.Background(), src, sgd(20)); err != nil {
		t.Fatal(err)
	}
	for name, was := range before {
		if moved := !slices.Equal(was, d.Params().Lookup(name).Value().F32); moved != (name[:3] == "top") {
			t.Errorf("after the training of the top machine, moved is %v of %s", moved, name)
		}
	}
	score := func() train.Metrics {
		m, err := d.Evaluate(graph.Key{}, data.Batch{N: 100, X: test.X, Y: test.Y})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	greedy := score()
	if greedy["error"] > 0.1 {
		t.Errorf("error after greedy training: %v", greedy)
	}
	cfg := sgd(20)
	cfg.Optim.Rate = 0.02
	if _, err := train.Run(context.Background(), d, src, cfg); err != nil {
		t.Fatal(err)
	}
	tuned := score()
	if tuned["error"] > 0.1 || !(tuned["loss"] < greedy["loss"]+0.3) {
		t.Errorf("after the up-down algorithm %v, before %v", tuned, greedy)
	}
	for name := range before {
		if slices.Equal(before[name], d.Params().Lookup(name).Value().F32) {
			t.Errorf("%s has not moved", name)
		}
	}
	path := t.TempDir() + "/dbn.safetensors"
	if err := d.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadDBN(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err1 := d.Predict(test.X)
	got, err2 := loaded.Predict(test.X)
	if err1 != nil || err2 != nil || !slices.Equal(got.F32, want.F32) {
		t.Error("a loaded net differs", err1, err2)
	}
	if _, err := LoadStack(path); !errors.Is(err, ckpt.ErrKind) {
		t.Error("a net is loaded as a stack:", err)
	}
	bad := data.Batch{N: 2, X: test.X.Rows(0, 2), Y: graph.Ints([]int{0, 2}, 2)}
	if _, err := d.Gradient(graph.Key{}, bad); !errors.Is(err, data.ErrLabel) {
		t.Error("label out of range:", err)
	}
	bad.Y = graph.Array{}
	if _, err := d.Gradient(graph.Key{}, bad); !errors.Is(err, data.ErrLabel) {
		t.Error("no labels:", err)
	}
	outside := graph.Floats32(slices.Repeat([]float32{1.5}, 12), 1, 12)
	if _, err := d.Predict(outside); !errors.Is(err, graph.ErrRange) {
		t.Error("inputs outside [0, 1]:", err)
	}
}

func valuesOf(d *DBN) map[string][]float32 {
	values := map[string][]float32{}
	for _, q := range d.Params().List() {
		values[q.Name] = slices.Clone(q.Value().F32)
	}
	return values
}
