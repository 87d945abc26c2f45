package pixel

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/pkg/errors"
)

func TestSaveAndLoad(t *testing.T) {
	for name, cfg := range kinds() {
		m := model(t, cfg, graph.Float32)
		path := filepath.Join(t.TempDir(), "m.safetensors")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		loaded := must(Load(path))(t)
		if !reflect.DeepEqual(loaded.Config(), m.Config()) {
			t.Errorf("%s: configuration %+v", name, loaded.Config())
		}
		x, key := uniform(4, 5, cfg.Shape...), graph.NewKey(1)
		a, b := must(m.LogLikelihood(key, x, labels(cfg, 5)...))(t), must(loaded.LogLikelihood(key, x, labels(cfg, 5)...))(t)
		if !sameBits(a, b) {
			t.Errorf("%s: another likelihood after loading", name)
		}
		text := must(json.Marshal(cfg))(t)
		var got Config
		if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(got, cfg) {
			t.Errorf("%s: %s gives %+v, %v", name, text, got, err)
		}
	}
}

func TestBadFiles(t *testing.T) {
	m := model(t, kinds()["convolutional"], graph.Float32)
	dir := t.TempDir()
	write := func(kind string, cfg Config) string {
		path := filepath.Join(dir, "bad.safetensors")
		if err := ckpt.SaveModel(path, kind, cfg, nil, m.params); err != nil {
			t.Fatal(err)
		}
		return path
	}
	change := func(f func(c *Config)) Config {
		cfg := m.cfg
		f(&cfg)
		return cfg
	}
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("no model at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path func() string
		want error
	}{
		"another kind":        {func() string { return write("vae", m.cfg) }, ckpt.ErrKind},
		"too few weights":     {func() string { return write(kind, change(func(c *Config) { c.Features = 1 << 12 })) }, ckpt.ErrMismatch},
		"wrong configuration": {func() string { return write(kind, change(func(c *Config) { c.Layers = -1 })) }, ErrConfig},
		"no shape":            {func() string { return write(kind, change(func(c *Config) { c.Shape = nil })) }, ErrConfig},
		"another network":     {func() string { return write(kind, change(func(c *Config) { c.Kind = SelfAttention })) }, ckpt.ErrMismatch},
		"text":                {func() string { return text }, ckpt.ErrFormat},
		"absent":              {func() string { return filepath.Join(dir, "absent") }, os.ErrNotExist},
	} {
		if _, err := Load(c.path()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	m.params.Lookup("0/down/w").Value().F32[1] = float32(math.Inf(1))
	if _, err := Load(write(kind, m.cfg)); !errors.Is(err, graph.ErrNotFinite) {
		t.Errorf("infinite weight: %v", err)
	}
}

// TestConcurrentUse asks one model for all of its uses from many goroutines, and compares with what it says
// when it is asked alone. It runs under the race detector too.
func TestConcurrentUse(t *testing.T) {
	m, key := model(t, kinds()["self-attention"], graph.Float32), graph.NewKey(1)
	uses := map[string]func(x graph.Array) (graph.Array, error){
		"LogLikelihood": func(x graph.Array) (graph.Array, error) { return m.LogLikelihood(key, x) },
		"Predict":       func(x graph.Array) (graph.Array, error) { return m.Predict(x) },
		"Complete":      func(x graph.Array) (graph.Array, error) { return m.Complete(t.Context(), key, x, 3) },
		"Sample":        func(x graph.Array) (graph.Array, error) { return m.Sample(t.Context(), key, x.Shape[0]) },
	}
	// 300 are more than one run takes.
	if err := graphtest.CheckConcurrent(uses, uniform(4, 1, 6), uniform(4, 10, 6), uniform(4, 300, 6)); err != nil {
		t.Error(err)
	}
}
