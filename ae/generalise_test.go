//go:build !purego

package ae

import (
	"context"
	"os"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
)

// TestConvolutionsGeneralise trains on few digits, in as many steps and with as large a code as a dense
// autoencoder, which has fifteen times the weights. Each has the rate that is best for it.
func TestConvolutionsGeneralise(t *testing.T) {
	if os.Getenv("LATENT_KERNEL") == "generic" {
		t.Skip("without vector instructions this takes minutes; the bits are the same")
	}
	all, test, err := mnist.Embedded()
	ok(t, err)
	few := must(data.NewSet(all.X.Rows(0, 2000), graph.Array{}))(t)
	gelu, code := op.GELUActivation, dense(30, op.Identity)
	trained := func(cfg Config, rate float64) (m *Model, loss float64) {
		cfg.Shape, cfg.Loss, cfg.Seed = test.Shape(), CrossEntropy, 1
		m = must(New(cfg))(t)
		r := must(train.Run(context.Background(), m, few, train.Config{Epochs: 12, BatchSize: 25, Key: graph.NewKey(1),
			Optim: optim.Config{Rate: rate, Schedule: optim.Schedule{Kind: optim.Cosine, Steps: 960, Final: 0.02}}}))(t)
		loss = must(train.Evaluate(context.Background(), m, graph.Key{}, test, 500))(t)["error"]
		t.Logf("squared error %.3f of test digits after %d steps, %d weights", loss, r.Step, m.Params().Count())
		return m, loss
	}
	_, plain := trained(Config{Encoder: []nn.Dense{dense(500, gelu), code}}, 4e-3)
	conv := []nn.Conv{{Units: 8, Size: 5, Stride: 2, Activation: gelu}, {Units: 16, Size: 5, Stride: 2, Activation: gelu}}
	m, convolved := trained(Config{Conv: conv, Encoder: []nn.Dense{code}}, 8e-3)
	if convolved > 0.95*plain {
		t.Errorf("squared error %.3f with convolutions, %.3f without", convolved, plain)
	}
	if c := m.Config(); c.CodeSize() != 30 || c.features() != 7*7*16 {
		t.Errorf("code of %d numbers of %d features", c.CodeSize(), c.features())
	}
}
