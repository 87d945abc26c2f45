package show

import (
	"strconv"
	"strings"

	"github.com/latent-go/latent/graph/nn"
	"github.com/pkg/errors"
)

// LayersUsage is how a flag of layers is written, for its help.
const LayersUsage = "as units:activation:dropout,...; linear without dropout if left out"

// ConvUsage is how a flag of convolutions is written, for its help.
const ConvUsage = "as filters x size / stride : activation,..., such as 16x5/2:relu,32x5/2:relu; stride 1 and linear if left out"

// ParseConv reads convolutions as filters x size / stride : activation,... from the flag of the name what; an empty
// text is none.
func ParseConv(what, text string, init nn.Init) ([]nn.Conv, error) {
	var layers []nn.Conv
	if text == "" {
		return layers, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		l, err := parseConv(strings.ReplaceAll(part, " ", ""))
		if err == nil {
			err = l.Validate()
		}
		if err != nil {
			return nil, errors.Errorf("-%s: layer %q: %v; expected filters x size / stride : activation, such as 16x5/2:relu or 16x5", what, part, err)
		}
		l.Init = init
		layers = append(layers, l)
	}
	return layers, nil
}

// parseConv reads one convolution.
func parseConv(text string) (l nn.Conv, err error) {
	sizes, activation, named := strings.Cut(text, ":")
	if named {
		if err := l.Activation.UnmarshalText([]byte(activation)); err != nil {
			return l, err
		}
	}
	sizes, stride, strided := strings.Cut(sizes, "/")
	if strided {
		if l.Stride, err = strconv.Atoi(stride); err == nil && l.Stride < 1 {
			err = errors.Errorf("stride %d, expected at least 1", l.Stride)
		}
		if err != nil {
			return l, err
		}
	}
	filters, size, ok := strings.Cut(sizes, "x")
	if !ok {
		return l, errors.New("the size of the filters is missing")
	}
	if l.Units, err = strconv.Atoi(filters); err != nil {
		return l, err
	}
	l.Size, err = strconv.Atoi(size)
	return l, err
}

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
