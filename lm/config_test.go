package lm

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/text"
	"github.com/pkg/errors"
)

func TestWeights(t *testing.T) {
	for name, cfg := range kinds() {
		m := model(t, cfg, graph.Float32)
		if got, want := m.cfg.weights(), float64(m.Params().Count()); got != want {
			t.Errorf("%s: %g weights by the formula, the model has %g", name, got, want)
		}
	}
}

func TestDefaults(t *testing.T) {
	v := must(text.Characters("abc"))(t)
	cfg := must(New(Config{Tokens: v}))(t).Config()
	want := Config{Vocabulary: 4, Context: 64, Layers: 2, Units: 128, Heads: 4, Tokens: v}
	if cfg != want {
		t.Errorf("%+v, expected %+v", cfg, want)
	}
}

func TestConfigErrors(t *testing.T) {
	v := must(text.Characters("abcd"))(t)
	for want, change := range map[string]func(c *Config){
		"unknown kind 3":         func(c *Config) { c.Kind = 3 },
		"unknown kind -1":        func(c *Config) { c.Kind = -1 },
		"Vocabulary 0":           func(c *Config) { c.Vocabulary = 0 },
		"Vocabulary 1,":          func(c *Config) { c.Vocabulary = 1 },
		"Vocabulary 99999999":    func(c *Config) { c.Vocabulary = 99999999 },
		"but Tokens has 5":       func(c *Config) { c.Tokens = v },
		"Tokens has 0":           func(c *Config) { c.Tokens = &text.Vocabulary{} },
		"Context -1":             func(c *Config) { c.Context = -1 },
		"Context 9999999999999":  func(c *Config) { c.Context = 9999999999999 },
		"Layers -1":              func(c *Config) { c.Layers = -1 },
		"Layers 2000":            func(c *Config) { c.Layers = 2000 },
		"Units -2":               func(c *Config) { c.Units = -2 },
		"Units 99999999999":      func(c *Config) { c.Units = 99999999999 },
		"Heads 3":                func(c *Config) { c.Kind, c.Heads = Transformer, 3 },
		"Heads -1":               func(c *Config) { c.Heads = -1 },
		"Dropout 1":              func(c *Config) { c.Dropout = 1 },
		"Dropout -0.1":           func(c *Config) { c.Dropout = -0.1 },
		"Dropout NaN":            func(c *Config) { c.Dropout = math.NaN() },
		"weights, at most":       func(c *Config) { c.Units = 1 << 16 },
		"the network has 6597":   func(c *Config) { c.Vocabulary, c.Units = 1<<20, 1<<20 },
		"numbers in a window":    func(c *Config) { c.Vocabulary, c.Units, c.Context, c.Kind = 1<<20, 1, 1<<20, Recurrent },
		"has 8000750000 numbers": func(c *Config) { c.Layers, c.Context, c.Kind = 1000, 250_000, Recurrent },
	} {
		cfg := kinds()["feed-forward"]
		change(&cfg)
		_, err := New(cfg)
		if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected an error with %q", err, want)
		}
	}
}

func TestKindText(t *testing.T) {
	for k := FeedForward; k.valid(); k++ {
		name := must(json.Marshal(k))(t)
		var back Kind
		if err := json.Unmarshal(name, &back); err != nil || back != k {
			t.Errorf("%s is read as %v, %v", name, back, err)
		}
	}
	var k Kind
	if err := k.UnmarshalText([]byte("x")); err == nil || !strings.Contains(err.Error(), "feed-forward") {
		t.Errorf("unknown kind: %v", err)
	}
	if _, err := Kind(9).MarshalText(); err == nil || Kind(9).String() != "Kind(9)" {
		t.Error("a kind that there is not has a name")
	}
}
