package lm

import (
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

func TestSeqWeights(t *testing.T) {
	for name, cfg := range seqConfigs() {
		m := seqModel(t, cfg, graph.Float32)
		if got, want := m.cfg.weights(), float64(m.Params().Count()); got != want {
			t.Errorf("%s: %g weights by the formula, the model has %g", name, got, want)
		}
	}
}

func TestSeqConfigErrors(t *testing.T) {
	for want, change := range map[string]func(c *SeqConfig){
		"Source 3":          func(c *SeqConfig) { c.Source = 3 },
		"Source 99999999":   func(c *SeqConfig) { c.Source = 99999999 },
		"Target 0":          func(c *SeqConfig) { c.Target = 0 },
		"Target 99999999":   func(c *SeqConfig) { c.Target = 99999999 },
		"SourceLength 0":    func(c *SeqConfig) { c.SourceLength = 0 },
		"SourceLength 1001": func(c *SeqConfig) { c.SourceLength = 1001 },
		"TargetLength -1":   func(c *SeqConfig) { c.TargetLength = -1 },
		"TargetLength 1001": func(c *SeqConfig) { c.TargetLength = 1001 },
		"2 SourceTokens":    func(c *SeqConfig) { c.SourceTokens = []string{"a", "b"} },
		"0 TargetTokens":    func(c *SeqConfig) { c.TargetTokens = []string{} },
		"Units 3":           func(c *SeqConfig) { c.Units = 3 },
		"Units -2":          func(c *SeqConfig) { c.Units = -2 },
		"Units 99999998":    func(c *SeqConfig) { c.Units = 99999998 },
		"Embedding -1":      func(c *SeqConfig) { c.Embedding = -1 },
		"Layers -1":         func(c *SeqConfig) { c.Layers = -1 },
		"Layers 101":        func(c *SeqConfig) { c.Layers = 101 },
		"Dropout 1":         func(c *SeqConfig) { c.Dropout = 1 },
		"weights, at most":  func(c *SeqConfig) { c.Units = 1 << 16 },
		"numbers for gates": func(c *SeqConfig) { c.Target, c.TargetLength = 1<<20, 1000 },
	} {
		cfg := seqConfigs()["plain"]
		change(&cfg)
		if _, err := NewSeq(cfg); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected an error with %q", err, want)
		}
	}
}

// TestSeqPairs: sources are padded on the left, targets on the right after an end for which there is a place.
func TestSeqPairs(t *testing.T) {
	set := must(SeqPairs(seqConfigs()["plain"], [][]int{{3, 5}, {5, 4, 3, 3}}, [][]int{{}, {4, 3, 4}}))(t)
	if !sameBits(set.X, graph.Ints([]int{0, 0, 3, 5, 5, 4, 3, 3}, 2, 4)) || !sameBits(set.Y, graph.Ints([]int{2, 0, 0, 4, 3, 4}, 2, 3)) {
		t.Errorf("inputs %v, targets %v", set.X, set.Y)
	}
}
