package show

import (
	"strconv"
	"strings"

	"github.com/latent-go/latent/graph/nn"
	"github.com/pkg/errors"
)

// LayersUsage is how a flag of layers is written, for its help.
const LayersUsage = "as units:activation:dropout,...; linear without dropout if left out"

// ParseLayers reads layers as units:activation:dropout,... from the flag of the name what; an empty text is no
// layer.
func ParseLayers(what, text string, init nn.Init) ([]nn.Dense, error) {
	layers := []nn.Dense{}
	if text == "" {
		return layers, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		fields := strings.Split(strings.TrimSpace(part), ":")
		bad := func(why error) error {
			return errors.Errorf("-%s: layer %q: %v; expected units:activation:dropout, such as 256:relu or 30", what, part, why)
		}
		l := nn.Dense{Init: init}
		var err error
		if l.Units, err = strconv.Atoi(fields[0]); err != nil {
			return nil, bad(err)
		}
		if len(fields) > 1 {
			if err := l.Activation.UnmarshalText([]byte(fields[1])); err != nil {
				return nil, bad(err)
			}
		}
		if len(fields) > 2 {
			if l.Dropout, err = strconv.ParseFloat(fields[2], 64); err != nil {
				return nil, bad(err)
			}
		}
		if len(fields) > 3 {
			return nil, bad(errors.New("too many parts"))
		}
		layers = append(layers, l)
	}
	return layers, nil
}
