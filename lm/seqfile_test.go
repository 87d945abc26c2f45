package lm

import (
	"encoding/json"
	"fmt"
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

func TestSeqSaveAndLoad(t *testing.T) {
	for name, cfg := range seqConfigs() {
		for id := range cfg.Source {
			cfg.SourceTokens = append(cfg.SourceTokens, fmt.Sprint("token ", id))
		}
		m := seqModel(t, cfg, graph.Float32)
		path := filepath.Join(t.TempDir(), "m.safetensors")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		loaded := must(LoadSeq(path))(t)
		if !reflect.DeepEqual(loaded.Config(), m.Config()) {
			t.Errorf("%s: configuration %+v", name, loaded.Config())
		}
		sources, targets := seqSome(cfg, 5, false)
		if a, b := must(m.LogLikelihood(sources, targets))(t), must(loaded.LogLikelihood(sources, targets))(t); !sameBits(a, b) {
			t.Errorf("%s: another likelihood after loading", name)
		}
		text := must(json.Marshal(cfg))(t)
		var got SeqConfig
		if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(got, cfg) {
			t.Errorf("%s: %s gives %+v, %v", name, text, got, err)
		}
	}
}

func TestSeqBadFiles(t *testing.T) {
	m := seqModel(t, seqConfigs()["plain"], graph.Float32)
	dir := t.TempDir()
	write := func(kind string, change func(c *SeqConfig)) string {
		path, cfg := filepath.Join(dir, "bad.safetensors"), m.cfg
		change(&cfg)
		if err := ckpt.SaveModel(path, kind, cfg, nil, m.params); err != nil {
			t.Fatal(err)
		}
		return path
	}
	same := func(*SeqConfig) {}
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("no model at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path func() string
		want error
	}{
		"another kind":        {func() string { return write("lm", same) }, ckpt.ErrKind},
		"too few weights":     {func() string { return write(seqKind, func(c *SeqConfig) { c.Units = 1 << 12 }) }, ckpt.ErrMismatch},
		"wrong configuration": {func() string { return write(seqKind, func(c *SeqConfig) { c.Layers = -1 }) }, ErrConfig},
		"tokens":              {func() string { return write(seqKind, func(c *SeqConfig) { c.TargetTokens = []string{"a"} }) }, ErrConfig},
		"lengths":             {func() string { return write(seqKind, func(c *SeqConfig) { c.SourceLength = 1 << 40 }) }, ErrConfig},
		"another network":     {func() string { return write(seqKind, func(c *SeqConfig) { c.Source, c.Target = c.Target, c.Source }) }, ckpt.ErrMismatch},
		"text":                {func() string { return text }, ckpt.ErrFormat},
		"absent":              {func() string { return filepath.Join(dir, "absent") }, os.ErrNotExist},
	} {
		if _, err := LoadSeq(c.path()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	m.params.Lookup("encoder/0/backward/u").Value().F32[1] = float32(math.Inf(1))
	if _, err := LoadSeq(write(seqKind, same)); !errors.Is(err, graph.ErrNotFinite) {
		t.Errorf("infinite weight: %v", err)
	}
}

// TestSeqConcurrentUse asks one model for all of its uses from many goroutines, and compares with what it says when it
// is asked alone. It runs under the race detector too.
func TestSeqConcurrentUse(t *testing.T) {
	m := seqModel(t, seqConfigs()["layers"], graph.Float32)
	uses := map[string]func(n int) (any, error){}
	for name, use := range map[string]func(source, target [][]int) (any, error){
		"LogLikelihood": func(source, target [][]int) (any, error) { return m.LogLikelihood(source, target) },
		"Attention":     func(source, target [][]int) (any, error) { return m.Attention(source, target) },
		"greedy":        func(source, _ [][]int) (any, error) { return m.Translate(t.Context(), source, 1) },
		"beam":          func(source, _ [][]int) (any, error) { return m.Translate(t.Context(), source, 3) },
		"wide beam":     func(source, _ [][]int) (any, error) { return m.Translate(t.Context(), source, 7) },
		"Sample":        func(source, _ [][]int) (any, error) { return m.Sample(t.Context(), graph.NewKey(1), source) },
	} {
		uses[name] = func(n int) (any, error) { return use(seqSome(m.cfg, n, false)) }
	}
	// 300 are more than one run takes.
	if err := graphtest.CheckConcurrent(uses, 1, 10, 300); err != nil {
		t.Error(err)
	}
}
