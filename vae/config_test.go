package vae

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

func TestBadConfigs(t *testing.T) {
	good := Config{Shape: []int{6}, Latent: 2, Encoder: []nn.Dense{{Units: 3}}}
	must(New(good))(t)
	for says, spoil := range map[string]func(c *Config){
		"Shape is empty":               func(c *Config) { c.Shape = nil },
		"every dimension":              func(c *Config) { c.Shape = []int{2, -1} },
		"product":                      func(c *Config) { c.Shape = []int{1 << 15, 1 << 15} },
		"Latent 0":                     func(c *Config) { c.Latent = 0 },
		"encoder layer 0":              func(c *Config) { c.Encoder = []nn.Dense{{}} },
		"decoder layer 0":              func(c *Config) { c.Decoder = []nn.Dense{{Units: 2, Dropout: 1}} },
		"a layer of 2097152 units":     func(c *Config) { c.Decoder = []nn.Dense{{Units: 1 << 21}} },
		"weights":                      func(c *Config) { c.Encoder = []nn.Dense{{Units: 1 << 20}, {Units: 1 << 20}} },
		"unknown likelihood 7":         func(c *Config) { c.Likelihood = 7 },
		"Variance -1":                  func(c *Config) { c.Likelihood, c.Variance = Gaussian, -1 },
		"Variance NaN":                 func(c *Config) { c.Likelihood, c.Variance = Gaussian, math.NaN() },
		"needs the Gaussian":           func(c *Config) { c.Variance = 1 },
		"Binarize needs the Bernoulli": func(c *Config) { c.Likelihood, c.Binarize = Gaussian, true },
		"Beta -2":                      func(c *Config) { c.Beta = -2 },
		"Beta +Inf":                    func(c *Config) { c.Beta = math.Inf(1) },
		"FreeBits NaN":                 func(c *Config) { c.FreeBits = math.NaN() },
		"Samples -1":                   func(c *Config) { c.Samples = -1 },
		"WarmUp -1":                    func(c *Config) { c.WarmUp = -1 },
		"WarmUp 9 need Samples 1":      func(c *Config) { c.Samples, c.WarmUp = 2, 9 },
		"Categories 0":                 func(c *Config) { c.Likelihood = Categorical },
		"Categories 4":                 func(c *Config) { c.Likelihood, c.Categories = Categorical, 4 },
		"needs the Categorical":        func(c *Config) { c.Categories = 3 },
		"Classes 1":                    func(c *Config) { c.Classes = 1 },
		"Classes -2":                   func(c *Config) { c.Classes = -2 },
		"Normalizer":                   func(c *Config) { c.Normalizer = &data.Normalizer{Shift: make([]float32, 5), Scale: make([]float32, 5)} },
		"Beta 2":                       func(c *Config) { c.Samples, c.Beta = 2, 2 },
		"FreeBits 0.5":                 func(c *Config) { c.Samples, c.FreeBits = 2, 0.5 },
	} {
		c := good
		spoil(&c)
		if _, err := New(c); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

func TestDecoderMirrorsEncoder(t *testing.T) {
	a, b := nn.Dense{Units: 4, Activation: op.TanhActivation}, nn.Dense{Units: 3, Activation: op.ReLUActivation}
	c := Config{Shape: []int{2, 3}, Encoder: []nn.Dense{a, b}}
	if got, want := c.decoder(), []nn.Dense{b, a, {Units: 6}}; !reflect.DeepEqual(got, want) {
		t.Errorf("decoder %v, want %v", got, want)
	}
	c.Decoder = []nn.Dense{}
	if got := c.decoder(); len(got) != 1 {
		t.Errorf("an empty decoder has layers %v", got)
	}
}

func TestConfigInJSON(t *testing.T) {
	for name, want := range kinds() {
		text := must(json.Marshal(want))(t)
		var got Config
		if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %s gives %+v, %v", name, text, got, err)
		}
	}
	var l Likelihood
	if err := l.UnmarshalText([]byte("poisson")); err == nil {
		t.Error("an unknown likelihood is read")
	}
	if _, err := Likelihood(5).MarshalText(); err == nil {
		t.Error("an unknown likelihood is written")
	}
}

func TestSaveAndLoad(t *testing.T) {
	for name, cfg := range kinds() {
		of := batches(cfg)(5)
		m := model(t, cfg, graph.Float32)
		path := filepath.Join(t.TempDir(), "m.safetensors")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		loaded := must(Load(path))(t)
		if !reflect.DeepEqual(loaded.Config(), cfg) {
			t.Errorf("%s: configuration %+v", name, loaded.Config())
		}
		a, b := must(m.Bound(t.Context(), graph.NewKey(1), of.X, 3, of.Y.Int...))(t), must(loaded.Bound(t.Context(), graph.NewKey(1), of.X, 3, of.Y.Int...))(t)
		if !sameBits(a, b) {
			t.Errorf("%s: another bound after loading", name)
		}
	}
}

func TestBadFiles(t *testing.T) {
	m := model(t, kinds()["plain"], graph.Float32)
	dir := t.TempDir()
	write := func(kind string, cfg Config) string {
		path := filepath.Join(dir, "bad.safetensors")
		if err := ckpt.SaveModel(path, kind, cfg, nil, m.params); err != nil {
			t.Fatal(err)
		}
		return path
	}
	large, wrong, other := m.cfg, m.cfg, m.cfg
	large.Encoder = []nn.Dense{{Units: 1 << 14}}
	wrong.Latent = -1
	other.Decoder = []nn.Dense{}
	if _, err := Load(write("ae", m.cfg)); !errors.Is(err, ckpt.ErrKind) {
		t.Errorf("another kind: %v", err)
	}
	if _, err := Load(write(kind, large)); !errors.Is(err, ckpt.ErrMismatch) {
		t.Errorf("too few weights: %v", err)
	}
	if _, err := Load(write(kind, wrong)); !errors.Is(err, ErrConfig) {
		t.Errorf("wrong configuration: %v", err)
	}
	if _, err := Load(write(kind, other)); !errors.Is(err, ckpt.ErrMismatch) {
		t.Errorf("other layers: %v", err)
	}
	m.params.Lookup("dec/0/b").Value().F32[1] = float32(math.Inf(1))
	if _, err := Load(write(kind, m.cfg)); !errors.Is(err, graph.ErrNotFinite) {
		t.Errorf("infinite weight: %v", err)
	}
	path := filepath.Join(dir, "text")
	if err := os.WriteFile(path, []byte("no model at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); !errors.Is(err, ckpt.ErrFormat) {
		t.Errorf("text file: %v", err)
	}
	if _, err := Load(filepath.Join(dir, "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent file: %v", err)
	}
}
