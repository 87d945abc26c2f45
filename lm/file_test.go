package lm

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/data/text"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/pkg/errors"
)

func TestSaveAndLoad(t *testing.T) {
	for name, cfg := range kinds() {
		if cfg.Tied {
			cfg.Tokens = must(text.Words("a b", 2))(t)
		}
		m := model(t, cfg, graph.Float32)
		path := filepath.Join(t.TempDir(), "m.safetensors")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		loaded := must(Load(path))(t)
		if !reflect.DeepEqual(loaded.Config(), m.Config()) {
			t.Errorf("%s: configuration %+v", name, loaded.Config())
		}
		a, b := must(m.Next(t.Context(), []int{1, 2}))(t), must(loaded.Next(t.Context(), []int{1, 2}))(t)
		if !slices.Equal(a, b) {
			t.Errorf("%s: another distribution after loading", name)
		}
	}
}

func TestBadFiles(t *testing.T) {
	m := model(t, kinds()["transformer, tied"], graph.Float32)
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.safetensors")
	write := func(kind string, cfg any) string {
		if err := ckpt.SaveModel(bad, kind, cfg, nil, m.params); err != nil {
			t.Fatal(err)
		}
		return bad
	}
	change := func(f func(c *Config)) Config {
		cfg := m.cfg
		f(&cfg)
		return cfg
	}
	raw := func(tokens string) map[string]any {
		return map[string]any{"kind": "transformer", "vocabulary": 3, "context": 4, "units": 8, "heads": 2, "tied": true, "seed": 3,
			"tokens": map[string]any{"tokens": strings.Split(tokens, "")}}
	}
	plain := filepath.Join(dir, "text")
	if err := os.WriteFile(plain, []byte("no model at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	must(Load(write(kind, raw("\ufffdab"))))(t)
	for name, c := range map[string]struct {
		path func() string
		want error
	}{
		"another kind":        {func() string { return write("pixel", m.cfg) }, ckpt.ErrKind},
		"too few weights":     {func() string { return write(kind, change(func(c *Config) { c.Units = 1 << 12 })) }, ckpt.ErrMismatch},
		"wrong configuration": {func() string { return write(kind, change(func(c *Config) { c.Layers = -1 })) }, ErrConfig},
		"no vocabulary":       {func() string { return write(kind, change(func(c *Config) { c.Vocabulary = 0 })) }, ErrConfig},
		"another network":     {func() string { return write(kind, change(func(c *Config) { c.Kind, c.Units = Recurrent, 4 })) }, ckpt.ErrMismatch},
		"not tied":            {func() string { return write(kind, change(func(c *Config) { c.Tied = false })) }, ckpt.ErrMismatch},
		"tokens":              {func() string { return write(kind, raw("\ufffdabc")) }, ErrConfig},
		"equal tokens":        {func() string { return write(kind, raw("\ufffdaa")) }, ckpt.ErrFormat},
		"text":                {func() string { return plain }, ckpt.ErrFormat},
		"absent":              {func() string { return filepath.Join(dir, "absent") }, os.ErrNotExist},
	} {
		if _, err := Load(c.path()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	m.params.Lookup("1/wide/w").Value().F32[1] = float32(math.Inf(1))
	if _, err := Load(write(kind, m.cfg)); !errors.Is(err, graph.ErrNotFinite) {
		t.Errorf("infinite weight: %v", err)
	}
}

// TestConcurrentUse asks one model for all of its uses from many goroutines, and compares with what it says
// when it is asked alone. It runs under the race detector too.
func TestConcurrentUse(t *testing.T) {
	for k := FeedForward; k.valid(); k++ {
		m := model(t, kinds()[k.String()], graph.Float32)
		uses := map[string]func(ids []int) (any, error){
			"LogLikelihood": func(ids []int) (any, error) { return m.LogLikelihood(slices.Collect(slices.Chunk(ids, 5))) },
			"Perplexity":    func(ids []int) (any, error) { return m.Perplexity(t.Context(), ids) },
			"Next":          func(ids []int) (any, error) { return m.Next(t.Context(), ids) },
			"Generate": func(ids []int) (any, error) {
				return m.Generate(t.Context(), graph.NewKey(1), [][]int{ids[:5], ids[:2]}, len(ids), 1)
			},
		}
		if err := graphtest.CheckConcurrent(uses, tokens(4, 5, 3), tokens(4, 10, 3), tokens(4, 300, 3)); err != nil {
			t.Errorf("%v: %v", k, err)
		}
	}
}
