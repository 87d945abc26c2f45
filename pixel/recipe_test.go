package pixel

import (
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/train"
)

// TestRecipes runs every recipe for two steps.
func TestRecipes(t *testing.T) {
	set := must(data.NewSet(uniform(1, 32, 28, 28), graph.Array{}))(t)
	for _, r := range []Recipe{GatedPixelCNN(32, 1), RowLSTM(32, 1)} {
		result, err := train.Run(t.Context(), must(New(r.Model))(t), set, r.Train)
		if err != nil || result.Step != 2 {
			t.Errorf("%s: %+v, %v", r.Paper, result, err)
		}
	}
}
