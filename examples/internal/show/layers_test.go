package show_test

import (
	"slices"
	"strings"
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

func TestParseConv(t *testing.T) {
	got, err := show.ParseConv("conv", "16x3/2:relu, 32 x 5 : tanh,8x1", nn.He)
	want := []nn.Conv{
		{Units: 16, Size: 3, Stride: 2, Activation: op.ReLUActivation, Init: nn.He},
		{Units: 32, Size: 5, Activation: op.TanhActivation, Init: nn.He},
		{Units: 8, Size: 1, Init: nn.He},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
	if got, err := show.ParseConv("conv", "", nn.He); err != nil || got != nil {
		t.Errorf("no layers: %v, %v", got, err)
	}
	for text, says := range map[string]string{
		"16":                                   "size of the filters is missing",
		"16:relu":                              "size of the filters is missing",
		"16x":                                  `parsing ""`,
		"x3":                                   `parsing ""`,
		"16x3x2":                               `parsing "3x2"`,
		"16x4":                                 "size 4, expected an odd number",
		"0x3":                                  "at least 1 unit",
		"16x3/":                                `parsing ""`,
		"16x3/0":                               "stride 0",
		"16x3/-2":                              "stride -2",
		"16x3/999":                             "stride 999",
		"16x3/2/2":                             `parsing "2/2"`,
		"16x3/2:swish":                         "swish",
		"16x3:relu:0.5":                        "relu:0.5",
		"16x3/2:relu,":                         `layer ""`,
		"99999999999999999999x3":               "out of range",
		"8x3,16x" + strings.Repeat("9", 30):    "out of range",
		"16x3/" + strings.Repeat("9", 30) + "": "out of range",
	} {
		if _, err := show.ParseConv("conv", text, nn.Auto); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "-conv: layer") {
			t.Errorf("%q: %v, expected an error with %q", text, err, says)
		}
	}
}
