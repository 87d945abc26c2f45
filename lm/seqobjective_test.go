package lm

import (
	"runtime"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/train"
)

func TestSeqObjective(t *testing.T) {
	for name, cfg := range seqConfigs() {
		m := seqModel(t, cfg, graph.Float32)
		if err := graphtest.CheckObjective(m, seqBatches(t, cfg), 1, 2, 7); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var _ train.Evaluator = m
	}
}

func TestSeqGradients(t *testing.T) {
	for name, cfg := range seqConfigs() {
		m := seqModel(t, cfg, graph.Float64)
		if err := graphtest.GradCheck(m, graph.NewKey(5), seqBatch(t, cfg, 5, false)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSeqEvaluate: the loss is the mean of -log p, in training and without.
func TestSeqEvaluate(t *testing.T) {
	for name, cfg := range seqConfigs() {
		m := seqModel(t, cfg, graph.Float64)
		sources, targets := seqSome(cfg, 5, false)
		logp := must(m.LogLikelihood(sources, targets))(t)
		want := 0.0
		for _, v := range logp.F64 {
			want -= v / 5
		}
		b := seqBatch(t, cfg, 5, false)
		near(t, name+": evaluation", must(m.Evaluate(graph.Key{}, b))(t)["loss"], want, 1e-12)
		if loss := must(m.Gradient(graph.Key{}, b))(t)["loss"]; cfg.Dropout == 0 {
			near(t, name+": training", loss, want, 1e-12)
		} else if loss == want {
			t.Errorf("%s: nothing is left out in training", name)
		}
	}
}

func TestSeqBitsForAnyNumberOfThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	cfg := SeqConfig{Source: 30, Target: 40, SourceLength: 11, TargetLength: 13, Units: 66, Embedding: 20, Layers: 2, Dropout: 0.1}
	b := seqBatch(t, cfg, 37, false)
	sources, _ := seqSome(cfg, 6, false)
	var grads [2]graph.Array
	var logp [2]float64
	for i := range 2 {
		runtime.GOMAXPROCS(i + 1)
		m := seqModel(t, cfg, graph.Float32)
		must(m.Gradient(graph.NewKey(1), b))(t)
		_, g := graph.Slab[float32](m.params)
		grads[i] = graph.Floats32(g, len(g))
		for _, found := range must(m.Translate(t.Context(), sources, 3))(t) {
			logp[i] += found.LogProb
		}
	}
	if !sameBits(grads[0], grads[1]) || logp[0] != logp[1] {
		t.Error("one and two threads differ")
	}
}
