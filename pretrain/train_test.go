package pretrain

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/rbm"
	"github.com/pkg/errors"
)

// TestLowerLayersKeepTheirBits compares the layers of a stack with those of a lower stack, which has
// nothing on top that could disturb them, and with a model that was trained without any stack.
func TestLowerLayersKeepTheirBits(t *testing.T) {
	src := bars(40, 12)
	whole := mustTrain(t, mixed(), src)
	for n := 1; n < 4; n++ {
		cfg := mixed()
		cfg.Layers = cfg.Layers[:n]
		sameBits(t, fmt.Sprintf("stack of %d", n), mustTrain(t, cfg, src), whole)
	}
	cfg, err := mixed().complete([]int{12})
	if err != nil {
		t.Fatal(err)
	}
	alone, err := cfg.Layers[0].newModel()
	if err != nil {
		t.Fatal(err)
	}
	before := bitsOf(alone)
	if _, err := train.Run(context.Background(), alone, src, cfg.Layers[0].Train); err != nil {
		t.Fatal(err)
	}
	if got := bitsOf(whole.Layer(0)); !slices.Equal(got, bitsOf(alone)) || slices.Equal(got, before) {
		t.Error("the lowest layer is not what its own training gives")
	}
	// The checker: a stack of another seed differs.
	cfg = mixed()
	cfg.Seed++
	for i := range 4 {
		if slices.Equal(bitsOf(mustTrain(t, cfg, src).Layer(i)), bitsOf(whole.Layer(i))) {
			t.Errorf("layer %d does not depend on the seed", i)
		}
	}
}

// TestLayersSeeCodes trains each upper layer by itself on codes that the layers below have computed.
func TestLayersSeeCodes(t *testing.T) {
	src := bars(40, 12)
	whole := mustTrain(t, mixed(), src)
	cfg, err := mixed().complete([]int{12})
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < 4; i++ {
		below, err := whole.Bottom(i)
		if err != nil {
			t.Fatal(err)
		}
		codes, err := below.Encode(src.X)
		if err != nil {
			t.Fatal(err)
		}
		m, err := cfg.Layers[i].newModel()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := train.Run(context.Background(), m, &data.Set{X: codes}, cfg.Layers[i].Train); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(bitsOf(m), bitsOf(whole.Layer(i))) {
			t.Errorf("layer %d was not trained on the codes of the one below", i)
		}
	}
}

// TestWhereCodesLie compares codes in memory, in a file, and computed on the fly.
func TestWhereCodesLie(t *testing.T) {
	src := bars(40, 12)
	for _, draw := range []bool{false, true} {
		make := func(change func(*Config)) Config {
			cfg := mixed()
			for i := range cfg.Layers {
				cfg.Layers[i].Draw = draw && i > 0
			}
			change(&cfg)
			return cfg
		}
		want := mustTrain(t, make(func(c *Config) {}), src)
		dir := t.TempDir()
		sameBits(t, "in a file", mustTrain(t, make(func(c *Config) { c.Memory, c.Dir = 40*4*9, dir }), src), want)
		sameBits(t, "in a temporary file", mustTrain(t, make(func(c *Config) { c.Memory = 1 }), src), want)
		sameBits(t, "on the fly", mustTrain(t, make(func(c *Config) { c.Stream = true }), src), want)
		if left, _ := filepath.Glob(filepath.Join(dir, "*.codes*")); len(left) > 0 {
			t.Errorf("files of codes are left: %v", left)
		}
	}
}

// TestStream trains on a source that does not know its length, whose codes must be those of the same examples
// in memory.
func TestStream(t *testing.T) {
	set := bars(40, 12)
	src, err := data.NewStream(data.StreamConfig{Len: -1, Shape: []int{12}, Open: func() iter.Seq2[data.Example, error] {
		return func(yield func(data.Example, error) bool) {
			for i := range 40 {
				if !yield(data.Example{X: graph.Floats32(set.X.F32[12*i:12*i+12], 12)}, nil) {
					return
				}
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Layers: []Layer{machine(9), machine(7)}}
	got := mustTrain(t, cfg, src)
	codes, err := got.models[0].(*rbm.Model).Transform(set.X)
	if err != nil {
		t.Fatal(err)
	}
	full, err := cfg.complete([]int{12})
	if err != nil {
		t.Fatal(err)
	}
	m, err := full.Layers[1].newModel()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := train.Run(context.Background(), m, &data.Set{X: codes}, full.Layers[1].Train); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(bitsOf(m), bitsOf(got.Layer(1))) {
		t.Error("the upper layer saw other codes")
	}
}

func TestFileOfCodesIsLikeASet(t *testing.T) {
	src := bars(30, 12)
	stack := mustTrain(t, Config{Layers: []Layer{machine(5)}}, src)
	sources := map[string]data.Source{}
	for name, limit := range map[string]int64{"memory": 1 << 20, "file": 0} {
		c := &cache{units: 5, limit: limit, dir: t.TempDir(), name: "codes"}
		s, err := c.fill(context.Background(), src, stack.Layer(0), 8)
		if err != nil {
			t.Fatal(err)
		}
		defer closeSource(s)
		sources[name] = s
	}
	if _, ok := sources["file"].(*fileSet); !ok {
		t.Fatalf("codes above the limit are a %T", sources["file"])
	}
	sources["on the fly"] = stack.Codes(src)
	for name, s := range sources {
		var got []data.Batch
		for _, in := range []data.Source{s, ordered(s)} {
			for b, err := range data.Prefetch(in).Batches(graph.NewKey(7), 8) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, data.Batch{N: b.N, X: graph.Floats32(slices.Clone(b.X.F32), b.X.Shape...), Y: graph.Ints(slices.Clone(b.Y.Int), b.Y.Shape...)})
			}
		}
		i := 0
		for _, in := range []data.Source{sources["memory"], ordered(sources["memory"])} {
			if name == "on the fly" {
				in = sources["memory"] // it has no order of its own
			}
			for b := range in.Batches(graph.NewKey(7), 8) {
				if b.N != got[i].N || !slices.Equal(b.X.F32, got[i].X.F32) || !slices.Equal(b.Y.Int, got[i].Y.Int) {
					t.Errorf("%s: batch %d differs", name, i)
				}
				i++
			}
		}
		for _, err := range s.Batches(graph.Key{}, 31) {
			if !errors.Is(err, data.ErrBatch) {
				t.Errorf("%s: a batch larger than the set: %v", name, err)
			}
		}
		if s.Len() != 30 || !slices.Equal(s.Shape(), []int{5}) {
			t.Errorf("%s: %d examples of shape %v", name, s.Len(), s.Shape())
		}
	}
}

// TestResume interrupts the training at many steps and in all layers, and compares with a training that
// was never interrupted.
func TestResume(t *testing.T) {
	src := bars(40, 12) // 5 steps an epoch, 10 a layer
	with := func(dir string, hook train.Hook) Config {
		cfg := mixed()
		cfg.Layers[1].RBM.Chains = 6
		cfg.Valid = bars(20, 12)
		cfg.Dir, cfg.Resume = dir, true
		for i := range cfg.Layers {
			l := &cfg.Layers[i].Train
			l.Hooks = []train.Hook{hook}
			l.Checkpoint.Every.Steps = 3
			l.Stop.Restore = i == 2
		}
		return cfg
	}
	want := mustTrain(t, with(t.TempDir(), train.Hook{}), src)
	for _, after := range []int{1, 7, 9} { // steps between interruptions
		dir, steps, cuts := t.TempDir(), 0, 0
		for {
			ctx, cancel := context.WithCancel(context.Background())
			hook := train.Hook{OnStep: func(train.State) error {
				if steps++; steps%after == 0 {
					cancel()
				}
				return nil
			}}
			s, r, err := Train(ctx, with(dir, hook), src)
			cancel()
			if err == nil {
				sameBits(t, fmt.Sprintf("interrupted every %d steps", after), s, want)
				break
			}
			if !errors.Is(err, context.Canceled) || r == nil {
				t.Fatal(r, err)
			}
			cuts++
		}
		if cuts < 40/after-4 || steps != 40 {
			t.Errorf("%d interruptions in %d steps: nothing must be trained twice", cuts, steps)
		}
	}
}

func TestFolder(t *testing.T) {
	src, dir := bars(40, 12), t.TempDir()
	cfg := mixed()
	cfg.Dir = dir
	cfg.Layers = cfg.Layers[:2]
	two := mustTrain(t, cfg, src)
	file := filepath.Join(dir, "layer-1.safetensors")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Train(context.Background(), cfg, src); !errors.Is(err, ErrResume) {
		t.Error("a folder that is in use:", err)
	}
	cfg = mixed()
	cfg.Dir, cfg.Resume = dir, true
	four, r, err := Train(context.Background(), cfg, src)
	if err != nil {
		t.Fatal(err)
	}
	if r.Layers[1] != nil || r.Layers[2] == nil {
		t.Error("finished layers are trained again, or new ones are not")
	}
	sameBits(t, "more layers on top", two, four)
	if after, err := os.ReadFile(file); err != nil || !slices.Equal(before, after) {
		t.Error("the file of a lower layer has changed", err)
	}
	cfg.Layers[1].Train.Epochs++
	if _, _, err := Train(context.Background(), cfg, src); !errors.Is(err, ErrResume) {
		t.Error("other settings of a finished layer:", err)
	}
	if err := os.Remove(filepath.Join(dir, listFile)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Train(context.Background(), cfg, src); !errors.Is(err, ErrResume) {
		t.Error("layers of an unknown stack:", err)
	}
}
