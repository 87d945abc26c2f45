// Package nn holds layers made of operations: what models are stacked from.
package nn

import (
	"fmt"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/internal/named"
	"github.com/pkg/errors"
)

// A Dense layer is act(x w + b), with dropout on its result in training. It is a description, and
// part of model files.
type Dense struct {
	Units      int           `json:"units"`             // size of the result, 1 to MaxUnits
	Activation op.Activation `json:"activation"`        // default linear
	Init       Init          `json:"init,omitempty"`    // of the weights; biases start at 0
	Dropout    float64       `json:"dropout,omitempty"` // probability in [0, 1) of leaving a unit out; default 0
}

// Validate says what is wrong with the layer, if anything.
func (l Dense) Validate() error {
	switch {
	case l.Units < 1:
		return errors.Errorf("a layer needs at least 1 unit, got %d", l.Units)
	case l.Units > MaxUnits:
		return errors.Errorf("a layer of %d units, at most %d are possible", l.Units, MaxUnits)
	case !l.Activation.Valid():
		return errors.Errorf("unknown activation %d", int(l.Activation))
	case !l.Init.valid():
		return errors.Errorf("unknown initialisation %d", int(l.Init))
	case !(l.Dropout >= 0 && l.Dropout < 1):
		return errors.Errorf("dropout %g is outside [0, 1)", l.Dropout)
	}
	return nil
}

// ValidateStack checks every layer of a stack; what names it in errors.
func ValidateStack(what string, layers []Dense) error {
	for i, l := range layers {
		if err := l.Validate(); err != nil {
			return errors.WithMessagef(err, "%s layer %d", what, i)
		}
	}
	return nil
}

// Apply adds the layer to the graph: x (..., d), result (..., Units). Its parameters are w (d, Units)
// and b (Units) in b's scope.
func (l Dense) Apply(b *graph.Builder, x *graph.Node) *graph.Node {
	w := b.Param("w", l.Init.of(l.Activation), max(1, x.Dim(-1)), l.Units)
	affine := op.Affine
	if !x.NeedsGrad() { // data, and data are often mostly zeros
		affine = op.AffineSparse
	}
	y := affine(x, w, b.Param("b", graph.Zeros, l.Units), l.Activation)
	if b.Training() {
		y = op.Dropout(y, l.Dropout)
	}
	return y
}

// Stack applies layers one after the other, layer i in scope i.
func Stack(b *graph.Builder, x *graph.Node, layers []Dense) *graph.Node {
	for i, l := range layers {
		x = l.Apply(b.Scope(fmt.Sprint(i)), x)
	}
	return x
}

// Init chooses a layer's initial weights.
type Init int

const (
	Auto          Init = iota // He for rectifiers (ReLU, leaky ReLU, ELU, GELU), else Glorot
	Glorot                    // Glorot & Bengio 2010: U(+-sqrt(6/(in + out)))
	GlorotSigmoid             // four times Glorot, for logistic units
	FanIn                     // U(+-1/sqrt(in)), as before 2010
	He                        // He et al. 2015: N(0, 2/in)
)

var initNames = named.Constants[Init]{
	Unknown: "nn: unknown initialisation",
	Names:   []string{"auto", "glorot", "glorot-sigmoid", "fan-in", "he"},
}

func (i Init) valid() bool { return initNames.Valid(i) }

func (i Init) String() string { return initNames.String(i) }

// MarshalText and UnmarshalText give an Init its name in flags and files.
func (i Init) MarshalText() ([]byte, error) { return initNames.MarshalText(i) }

// UnmarshalText is the inverse of MarshalText.
func (i *Init) UnmarshalText(text []byte) error { return initNames.UnmarshalText(i, text) }

func (i Init) of(act op.Activation) graph.Init {
	switch i {
	case Glorot:
		return graph.Glorot
	case GlorotSigmoid:
		return graph.GlorotSigmoid
	case FanIn:
		return graph.FanIn
	case He:
		return graph.He
	}
	switch act {
	case op.ReLUActivation, op.LeakyReLUActivation, op.ELUActivation, op.GELUActivation:
		return graph.He
	}
	return graph.Glorot
}
