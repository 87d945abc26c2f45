package ae

import (
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/train"
)

func TestObjective(t *testing.T) {
	for name, cfg := range kinds() {
		m := model(t, cfg, graph.Float32)
		if err := graphtest.CheckObjective(m, batches(cfg), 1, 2, 7); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var _ train.Evaluator = m
	}
}

func TestGradients(t *testing.T) {
	for name, cfg := range kinds() {
		m := model(t, cfg, graph.Float64)
		if err := graphtest.GradCheck(m, graph.NewKey(5), batches(cfg)(4)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
