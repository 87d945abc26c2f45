package lm

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
)

// seqConfigs are small configurations, one for each thing that a model can have.
func seqConfigs() map[string]SeqConfig {
	plain := SeqConfig{Source: 6, Target: 5, SourceLength: 4, TargetLength: 3, Units: 4, Embedding: 3, Seed: 3}
	configs := map[string]SeqConfig{"plain": plain}
	for name, change := range map[string]func(c *SeqConfig){
		"layers":  func(c *SeqConfig) { c.Layers, c.Target, c.TargetLength = 3, 6, 2 },
		"dropout": func(c *SeqConfig) { c.Dropout, c.Layers = 0.25, 2 },
		"one":     func(c *SeqConfig) { c.SourceLength, c.TargetLength, c.Source, c.Target = 1, 1, 4, 4 },
		"words":   func(c *SeqConfig) { c.Source, c.Target, c.TargetLength = 300, 300, 1 },
		"wide":    func(c *SeqConfig) { c.Units, c.Embedding, c.SourceLength, c.TargetLength = 34, 17, 7, 5 },
	} {
		c := plain
		change(&c)
		configs[name] = c
	}
	return configs
}

// seqModel makes a model whose biases are not at 0 either.
func seqModel(t testing.TB, cfg SeqConfig, dtype graph.DType) *SeqModel {
	t.Helper()
	m := must(newSeq(cfg, dtype))(t)
	graphtest.Shake(m.Params(), 9)
	return m
}

// seqSome are n pairs of all lengths that a model takes, or, if full, sources of the greatest length alone.
func seqSome(cfg SeqConfig, n int, full bool) (source, target [][]int) {
	draw := seqDraws(17)
	for i := range n {
		length := cfg.SourceLength
		if !full {
			length = 1 + i%cfg.SourceLength
		}
		source = append(source, draw.tokens(length, cfg.Source))
		target = append(target, draw.tokens(i%(cfg.TargetLength+1), cfg.Target))
	}
	return source, target
}

// seqDraws returns numbers one after the other.
func seqDraws(seed uint64) *seqDrawer { return &seqDrawer{key: graph.NewKey(seed)} }

type seqDrawer struct {
	key   graph.Key
	count int
}

// upTo is a number from 0 to n-1.
func (d *seqDrawer) upTo(n int) int {
	var u [1]float64
	d.count++
	graph.Uniform(d.key.ForkN(d.count), u[:])
	return int(u[0] * float64(n))
}

func (d *seqDrawer) tokens(n, vocabulary int) []int {
	tokens := make([]int, n)
	for i := range tokens {
		tokens[i] = SeqFirst + d.upTo(vocabulary-SeqFirst)
	}
	return tokens
}

// seqBatches makes batches of sources of full length, which stay sources when they are reversed.
func seqBatches(t testing.TB, cfg SeqConfig) func(n int) data.Batch {
	return func(n int) data.Batch { return seqBatch(t, cfg, n, true) }
}

func seqBatch(t testing.TB, cfg SeqConfig, n int, full bool) data.Batch {
	source, target := seqSome(cfg, n, full)
	set := must(SeqPairs(cfg, source, target))(t)
	return data.Batch{N: n, X: set.X, Y: set.Y}
}

// seqAll are all targets of a model.
func seqAll(cfg SeqConfig) [][]int {
	all, longest := [][]int{{}}, [][]int{{}}
	for range cfg.TargetLength {
		var longer [][]int
		for _, tokens := range longest {
			for id := SeqFirst; id < cfg.Target; id++ {
				longer = append(longer, append(append([]int{}, tokens...), id))
			}
		}
		all, longest = append(all, longer...), longer
	}
	return all
}

// seqProbabilities are log p of all targets given one source.
func seqProbabilities(t testing.TB, m *SeqModel, source []int) (all [][]int, logp []float64) {
	t.Helper()
	all = seqAll(m.cfg)
	var sources [][]int
	for range all {
		sources = append(sources, source)
	}
	return all, must(m.LogLikelihood(sources, all))(t).F64
}

func seqTotal(logp []float64) float64 {
	sum := 0.0
	for _, v := range logp {
		sum += math.Exp(v)
	}
	return sum
}
