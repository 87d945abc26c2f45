package pixel

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
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

func TestConfigErrors(t *testing.T) {
	for want, change := range map[string]func(c *Config){
		"Shape is empty":       func(c *Config) { c.Shape = nil },
		"one channel":          func(c *Config) { c.Shape = []int{3, 4, 4} },
		"expected (y, x)":      func(c *Config) { c.Shape = []int{16} },
		"at least 1":           func(c *Config) { c.Shape = []int{4, 0} },
		"Levels 1":             func(c *Config) { c.Levels = 1 },
		"Levels 257":           func(c *Config) { c.Levels = 257 },
		"unknown kind 3":       func(c *Config) { c.Kind = 3 },
		"Layers -1":            func(c *Config) { c.Layers = -1 },
		"Features -2":          func(c *Config) { c.Features = -2 },
		"Heads 3":              func(c *Config) { c.Kind, c.Heads = SelfAttention, 3 },
		"Heads -1":             func(c *Config) { c.Heads = -1 },
		"Classes 1":            func(c *Config) { c.Classes = 1 },
		"Binarize needs":       func(c *Config) { c.Binarize, c.Levels = true, 3 },
		"weights, at most":     func(c *Config) { c.Features = 1 << 16 },
		"Layers 2000":          func(c *Config) { c.Layers = 2000 },
		"Classes 99999999":     func(c *Config) { c.Classes = 99999999 },
		"Features 99999999999": func(c *Config) { c.Features = 99999999999 },
	} {
		cfg := kinds()["convolutional"]
		change(&cfg)
		_, err := New(cfg)
		if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected an error with %q", err, want)
		}
	}
}

func TestKindText(t *testing.T) {
	for k := Convolutional; k.valid(); k++ {
		text := must(json.Marshal(k))(t)
		var back Kind
		if err := json.Unmarshal(text, &back); err != nil || back != k {
			t.Errorf("%s is read as %v, %v", text, back, err)
		}
	}
	var k Kind
	if err := k.UnmarshalText([]byte("x")); err == nil || !strings.Contains(err.Error(), "convolutional") {
		t.Errorf("unknown kind: %v", err)
	}
	if _, err := Kind(9).MarshalText(); err == nil || Kind(9).String() != "Kind(9)" {
		t.Error("a kind that there is not has a name")
	}
}
