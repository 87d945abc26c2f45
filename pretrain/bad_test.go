package pretrain

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/rbm"
	"github.com/pkg/errors"
)

func TestBadStack(t *testing.T) {
	src := bars(20, 12)
	for name, c := range map[string]struct {
		change func(*Config)
		want   error
	}{
		"empty":                  {func(c *Config) { c.Layers = nil }, ErrConfig},
		"neither model":          {func(c *Config) { c.Layers[1].RBM = nil }, ErrConfig},
		"both models":            {func(c *Config) { c.Layers[1].AE = c.Layers[0].AE }, ErrConfig},
		"too narrow":             {func(c *Config) { c.Layers[1].RBM.Visible = 9 }, ErrConfig},
		"wrong bottom":           {func(c *Config) { c.Layers[0].AE.Shape = []int{3, 5} }, ErrConfig},
		"two encoder layers":     {func(c *Config) { c.Layers[0].AE.Encoder = make([]nn.Dense, 2) }, ErrConfig},
		"a convolution":          {func(c *Config) { c.Layers[0].AE.Conv = []nn.Conv{{Units: 2, Size: 3}} }, ErrConfig},
		"no units":               {func(c *Config) { c.Layers[2].AE.Encoder[0].Units = 0 }, ae.ErrConfig},
		"k of 0":                 {func(c *Config) { c.Layers[3].RBM.Steps = 0 }, rbm.ErrConfig},
		"tanh below a machine":   {func(c *Config) { c.Layers[2].AE.Encoder[0].Activation = op.TanhActivation }, ErrConfig},
		"draws of tanh":          {func(c *Config) { c.Layers[2].AE.Encoder[0].Activation, c.Layers[2].Draw = op.TanhActivation, true }, ErrConfig},
		"a layer's own Valid":    {func(c *Config) { c.Layers[0].Train.Valid = src }, ErrConfig},
		"a layer's own folder":   {func(c *Config) { c.Layers[0].Train.Checkpoint.Dir = "x" }, ErrConfig},
		"negative memory":        {func(c *Config) { c.Memory = -1 }, ErrConfig},
		"resume without a place": {func(c *Config) { c.Resume = true }, ErrConfig},
		"no epochs":              {func(c *Config) { c.Layers[0].Train.Epochs = 0 }, train.ErrConfig},
		"batch larger than set":  {func(c *Config) { c.Layers[1].Train.BatchSize = 21 }, data.ErrBatch},
	} {
		cfg := mixed()
		c.change(&cfg)
		if _, _, err := Train(context.Background(), cfg, src); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := bars(20, 12)
	bad.X.F32[17] = float32(math.NaN())
	if _, _, err := Train(context.Background(), mixed(), bad); err == nil {
		t.Error("NaN is trained on")
	}
	if _, _, err := Train(context.Background(), mixed(), nil); !errors.Is(err, ErrConfig) {
		t.Error("no source:", err)
	}
	s := mustTrain(t, mixed(), src)
	if _, err := NewStack(s.Layer(1), s.Layer(0)); !errors.Is(err, ErrConfig) {
		t.Error("layers that do not fit:", err)
	}
	if _, err := s.Bottom(0); !errors.Is(err, ErrConfig) {
		t.Error(err)
	}
	if _, err := s.Encode(graph.Floats32(make([]float32, 6), 1, 6)); !errors.Is(err, graph.ErrShape) {
		t.Error(err)
	}
	if _, err := s.Decode(graph.Floats32(make([]float32, 6), 1, 6)); !errors.Is(err, graph.ErrShape) {
		t.Error(err)
	}
}

func TestBadNetwork(t *testing.T) {
	s := mustTrain(t, mixed(), bars(20, 12))
	for name, h := range map[string]Head{
		"one class":         {Outputs: 1},
		"no outputs":        {Task: Regress},
		"unknown task":      {Task: 7, Outputs: 2},
		"dropout of 1":      {Outputs: 2, Dropout: []float64{0, 0, 0, 1}},
		"dropout of layers": {Outputs: 2, Dropout: []float64{0, 0}},
		"unknown init":      {Outputs: 2, Init: 99},
	} {
		if _, err := s.Network(h); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	n, err := s.Network(Head{Outputs: 2})
	if err != nil {
		t.Fatal(err)
	}
	regressor, err := s.Network(Head{Task: Regress, Outputs: 2})
	if err != nil {
		t.Fatal(err)
	}
	good := bars(2, 12)
	for name, c := range map[string]struct {
		net  *Network
		b    data.Batch
		want error
	}{
		"label too large":  {n, data.Batch{N: 2, X: good.X, Y: graph.Ints([]int{0, 2}, 2)}, data.ErrLabel},
		"negative label":   {n, data.Batch{N: 2, X: good.X, Y: graph.Ints([]int{-1, 0}, 2)}, data.ErrLabel},
		"no labels":        {n, data.Batch{N: 2, X: good.X}, data.ErrLabel},
		"floats as labels": {n, data.Batch{N: 2, X: good.X, Y: graph.Floats32([]float32{0, 1}, 2)}, graph.ErrShape},
		"labels as floats": {regressor, data.Batch{N: 2, X: good.X, Y: good.Y}, graph.ErrShape},
		"NaN target":       {regressor, data.Batch{N: 2, X: good.X, Y: graph.Floats32([]float32{0, 1, 0, float32(math.NaN())}, 2, 2)}, graph.ErrNotFinite},
		"wrong width":      {n, data.Batch{N: 2, X: good.X.Reshape(4, 6), Y: good.Y}, graph.ErrShape},
		"NaN":              {n, data.Batch{N: 1, X: graph.Floats32(slices.Repeat([]float32{float32(math.NaN())}, 12), 1, 12), Y: graph.Ints([]int{0}, 1)}, graph.ErrNotFinite},
	} {
		if _, err := c.net.Gradient(graph.Key{}, c.b); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := regressor.Labels(good.X); !errors.Is(err, ErrConfig) {
		t.Error(err)
	}
}

func TestStackFile(t *testing.T) {
	src := bars(20, 12)
	s := mustTrain(t, mixed(), src)
	dir := t.TempDir()
	path := filepath.Join(dir, "stack.safetensors")
	if err := s.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadStack(path)
	if err != nil {
		t.Fatal(err)
	}
	sameBits(t, "loaded", loaded, s)
	if loaded.Len() != s.Len() {
		t.Errorf("%d layers", loaded.Len())
	}
	want, err1 := s.Encode(src.X)
	got, err2 := loaded.Encode(src.X)
	if err1 != nil || err2 != nil || !slices.Equal(want.F32, got.F32) {
		t.Error("a loaded stack differs", err1, err2)
	}
	if _, err := LoadNetwork(path); !errors.Is(err, ckpt.ErrKind) {
		t.Error("a stack is loaded as a network:", err)
	}
	if _, err := ae.Load(path); !errors.Is(err, ckpt.ErrKind) {
		t.Error("a stack is loaded as an autoencoder:", err)
	}
	n, err := s.Network(Head{Outputs: 2})
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "network.safetensors")
	if err := n.Save(other); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadStack(other); !errors.Is(err, ckpt.ErrKind) {
		t.Error("a network is loaded as a stack:", err)
	}
	damage := func(path string, change func(*ckpt.File)) string {
		f, err := ckpt.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		change(f)
		bad := filepath.Join(dir, "bad.safetensors")
		if err := ckpt.Write(bad, f); err != nil {
			t.Fatal(err)
		}
		return bad
	}
	for _, config := range []string{
		"[]", "{}", `[{}]`, `[{"rbm":{"visible":1000000,"hidden":1000,"steps":1,"seed":1}}]`,
		`[{"ae":{"shape":[1000000],"encoder":[{"units":1000,"activation":"linear"}],"loss":"squared-error","output":"linear","seed":1}}]`,
		`[{"ae":{"shape":[12],"encoder":[],"loss":"squared-error","output":"linear","seed":1}}]`,
	} {
		if _, err := LoadStack(damage(path, func(f *ckpt.File) { f.Meta[ckpt.MetaConfig] = config })); err == nil {
			t.Errorf("configuration %s is taken", config)
		}
	}
	if _, err := LoadStack(damage(path, func(f *ckpt.File) { delete(f.Tensors, "2/enc/0/b") })); !errors.Is(err, ckpt.ErrMismatch) {
		t.Error("a missing layer:", err)
	}
	if _, err := LoadNetwork(damage(other, func(f *ckpt.File) {
		f.Tensors["output/b"] = graph.Floats32([]float32{float32(math.Inf(1)), 0}, 2)
	})); !errors.Is(err, graph.ErrNotFinite) {
		t.Error("an infinite bias:", err)
	}
}
