package show_test

import (
	"testing"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
)

func TestParseLayers(t *testing.T) {
	got, err := show.ParseLayers("encoder", "256:relu:0.5, 30", nn.He)
	want := []nn.Dense{{Units: 256, Activation: op.ReLUActivation, Dropout: 0.5, Init: nn.He}, {Units: 30, Init: nn.He}}
	if err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
	if got, err := show.ParseLayers("decoder", "", nn.He); err != nil || len(got) != 0 {
		t.Errorf("no layers: %v, %v", got, err)
	}
}
