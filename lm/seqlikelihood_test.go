package lm

import (
	"fmt"
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// TestSeqSumsToOne adds up p(target | source) over all targets there are.
func TestSeqSumsToOne(t *testing.T) {
	for name, cfg := range seqConfigs() {
		if cfg.TargetLength > 4 {
			continue
		}
		m := seqModel(t, cfg, graph.Float64)
		sources, _ := seqSome(cfg, 4, false)
		for _, source := range sources {
			_, logp := seqProbabilities(t, m, source)
			near(t, name, seqTotal(logp), 1, 1e-12)
		}
	}
}

// TestSeqNaive compares log p, and the weights of attention, with loops over single numbers.
func TestSeqNaive(t *testing.T) {
	for name, cfg := range seqConfigs() {
		m := seqModel(t, cfg, graph.Float64)
		sources, targets := seqSome(cfg, 9, false)
		logp := must(m.LogLikelihood(sources, targets))(t)
		maps := must(m.Attention(sources, targets))(t)
		for i := range sources {
			want, weights := seqNaive(m, sources[i], targets[i])
			near(t, name, logp.F64[i], want, 1e-12)
			if s := maps[i].Shape; s[0] != len(weights) || s[1] != len(sources[i]) {
				t.Fatalf("%s: weights of shape %v for %d choices and %d tokens", name, s, len(weights), len(sources[i]))
			}
			for at, v := range maps[i].F64 {
				near(t, name+": attention", v, weights[at/len(sources[i])][at%len(sources[i])], 1e-12)
			}
		}
	}
}

// seqNaive is log p(target | source), and the weights of attention at each choice.
func seqNaive(m *SeqModel, source, target []int) (logp float64, weights [][]float64) {
	cfg := m.cfg
	value := func(name string) graph.Array { return m.params.Lookup(name).Value() }
	times := func(x []float64, name string) []float64 { // x times a matrix
		w := value(name)
		y := make([]float64, w.Shape[1])
		for i, v := range x {
			for j := range y {
				y[j] += v * w.At(i*len(y)+j)
			}
		}
		return y
	}
	row := func(name string, id int) []float64 {
		y := make([]float64, cfg.Embedding)
		for j := range y {
			y[j] = value(name).At(id*len(y) + j)
		}
		return y
	}
	step := func(scope string, x, h, c []float64) (h2, c2 []float64) {
		z, u, b := times(x, scope+"/w"), times(h, scope+"/u"), value(scope+"/b")
		n := len(h)
		gate := func(g, j int) float64 { return z[g*n+j] + u[g*n+j] + b.At(g*n+j) }
		sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
		for j := range n {
			cell := sigmoid(gate(1, j))*c[j] + sigmoid(gate(0, j))*math.Tanh(gate(3, j))
			c2 = append(c2, cell)
			h2 = append(h2, sigmoid(gate(2, j))*math.Tanh(cell))
		}
		return h2, c2
	}
	var xs [][]float64
	for _, id := range source {
		xs = append(xs, row("source/w", id))
	}
	var h, c [][]float64 // of the decoder's layers
	for l := range cfg.Layers {
		next := make([][]float64, len(xs))
		var lastH, lastC []float64
		for d, scope := range []string{"forward", "backward"} {
			hd, cd := make([]float64, cfg.Units/2), make([]float64, cfg.Units/2)
			for i := range xs {
				if d == 1 {
					i = len(xs) - 1 - i
				}
				hd, cd = step(fmt.Sprintf("encoder/%d/%s", l, scope), xs[i], hd, cd)
				next[i] = append(next[i], hd...)
			}
			lastH, lastC = append(lastH, hd...), append(lastC, cd...)
		}
		xs, h, c = next, append(h, lastH), append(c, lastC)
	}
	id := SeqBegin
	for at := 0; at <= len(target) && at < cfg.TargetLength; at++ {
		x := row("target/w", id)
		for l := range cfg.Layers {
			h[l], c[l] = step(fmt.Sprintf("decoder/%d", l), x, h[l], c[l])
			x = h[l]
		}
		scores := make([]float64, len(xs))
		sum := 0.0
		for i, e := range xs {
			for j, k := range times(e, "attention/w") {
				scores[i] += k * x[j]
			}
			scores[i] = math.Exp(scores[i] / math.Sqrt(float64(cfg.Units)))
			sum += scores[i]
		}
		both := make([]float64, cfg.Units)
		for i, e := range xs {
			scores[i] /= sum
			for j, v := range e {
				both[j] += scores[i] * v
			}
		}
		weights = append(weights, scores)
		mixed := times(append(both, x...), "mix/w")
		for j, v := range mixed {
			mixed[j] = math.Tanh(v)
		}
		sum = 0
		logits := times(mixed, "out/w")
		for j := range logits {
			logits[j] += value("out/b").At(j)
			sum += math.Exp(logits[j])
		}
		if id = SeqEnd; at < len(target) {
			id = target[at]
		}
		logp += logits[id-SeqEnd] - math.Log(sum)
	}
	return logp, weights
}

// TestSeqPadding: what a model says of a pair depends neither on the other pairs nor on how long sequences could be.
func TestSeqPadding(t *testing.T) {
	for name, cfg := range seqConfigs() {
		m := seqModel(t, cfg, graph.Float32)
		longer := cfg
		longer.SourceLength, longer.TargetLength = cfg.SourceLength+13, cfg.TargetLength+6
		long := seqModel(t, longer, graph.Float32)
		sources, targets := seqSome(cfg, 12, false)
		all := must(m.LogLikelihood(sources, targets))(t)
		padded := must(long.LogLikelihood(sources, targets))(t)
		found := must(m.Translate(t.Context(), sources, 2))(t)
		for i := range sources {
			alone := must(m.LogLikelihood(sources[i:i+1], targets[i:i+1]))(t)
			if alone.F64[0] != all.F64[i] {
				t.Errorf("%s: log p %v alone, %v among others", name, alone.F64[0], all.F64[i])
			}
			if len(targets[i]) < cfg.TargetLength { // longer ones end by choice in the longer model
				near(t, name+": with more padding", padded.F64[i], all.F64[i], 1e-6)
			}
			if one := must(m.Translate(t.Context(), sources[i:i+1], 2))(t); one[0].LogProb != found[i].LogProb {
				t.Errorf("%s: a translation depends on the others: %v, %v", name, one[0], found[i])
			}
		}
	}
}

// TestSeqPaddingOfGradients: a gradient is the same with more padding.
func TestSeqPaddingOfGradients(t *testing.T) {
	for name, cfg := range seqConfigs() {
		if cfg.Dropout > 0 || cfg.TargetLength == 1 { // other draws; targets that end without a choice
			continue
		}
		sources, targets := seqSome(cfg, 12, false)
		for i := range targets {
			targets[i] = targets[i][:min(len(targets[i]), cfg.TargetLength-1)]
		}
		var grads [3][]float64
		for i := range grads {
			longer := cfg
			longer.SourceLength, longer.TargetLength = cfg.SourceLength*(1+2*i), cfg.TargetLength*(1+2*i)
			m := seqModel(t, longer, graph.Float64)
			set := must(SeqPairs(longer, sources, targets))(t)
			must(m.Gradient(graph.NewKey(1), data.Batch{N: 12, X: set.X, Y: set.Y}))(t)
			_, grads[i] = graph.Slab[float64](m.params)
		}
		for i, v := range grads[0] {
			near(t, name, grads[1][i], v, 1e-12)
			near(t, name, grads[2][i], v, 1e-12)
		}
	}
}
