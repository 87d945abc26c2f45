package pretrain

import (
	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/rbm"
	"github.com/pkg/errors"
)

// A Stack is a sequence of layers, each of which takes the codes of the one below. It is safe for
// concurrent use as long as none of its models is trained.
type Stack struct {
	models []Model
	layers []Layer // without their training
}

// NewStack makes a stack of models that are trained already, from the bottom up.
func NewStack(models ...Model) (*Stack, error) {
	if len(models) == 0 {
		return nil, errors.Wrap(ErrConfig, "the stack is empty, expected at least one layer")
	}
	s := &Stack{}
	for i, m := range models {
		if err := s.add(m); err != nil {
			return nil, errors.WithMessagef(err, "layer %d", i)
		}
	}
	return s, nil
}

// add puts a model on top.
func (s *Stack) add(m Model) error {
	l, err := layerOf(m)
	if err != nil {
		return err
	}
	if n := len(s.layers); n > 0 && s.layers[n-1].units() != l.inputs() {
		return errors.Wrapf(ErrConfig, "it takes %d numbers, but the layer below has %d units", l.inputs(), s.layers[n-1].units())
	}
	s.models, s.layers = append(s.models, m), append(s.layers, l)
	return nil
}

// Len is the number of layers.
func (s *Stack) Len() int { return len(s.models) }

// Layer returns the model of layer i, from 0, the bottom: an *ae.Model or an *rbm.Model.
func (s *Stack) Layer(i int) Model { return s.models[i] }

// AE returns the model of layer i if that is an autoencoder, else nil.
func (s *Stack) AE(i int) *ae.Model { m, _ := s.models[i].(*ae.Model); return m }

// RBM returns the model of layer i if that is a machine, else nil.
func (s *Stack) RBM(i int) *rbm.Model { m, _ := s.models[i].(*rbm.Model); return m }

// Inputs is the number of elements of an example.
func (s *Stack) Inputs() int { return s.layers[0].inputs() }

// CodeSize is the number of units of the top layer.
func (s *Stack) CodeSize() int { return s.layers[len(s.layers)-1].units() }

// Bottom is the stack of the lowest n layers, which share their models with s.
func (s *Stack) Bottom(n int) (*Stack, error) {
	if n < 1 || n > s.Len() {
		return nil, errors.Wrapf(ErrConfig, "the lowest %d layers of %d", n, s.Len())
	}
	return NewStack(s.models[:n]...)
}

// Encode returns the codes (n, h) of the top layer for examples (n, ...): of autoencoders the clean codes,
// of machines the means of the hidden units.
func (s *Stack) Encode(x graph.Array) (graph.Array, error) {
	var err error
	for i, m := range s.models {
		if x, err = encode(m, x); err != nil {
			return graph.Array{}, errors.WithMessagef(err, "layer %d", i)
		}
	}
	return x, nil
}

// Decode returns the reconstructions (n, d) of codes (n, h) of the top layer, by the mean of every layer
// down to the input.
func (s *Stack) Decode(code graph.Array) (graph.Array, error) {
	if err := code.Check(); err != nil {
		return graph.Array{}, err
	}
	if len(code.Shape) != 2 || code.Shape[1] != s.CodeSize() || code.Int != nil {
		return graph.Array{}, errors.Wrapf(graph.ErrShape, "codes of shape %v, expected floats (n, %d)", code.Shape, s.CodeSize())
	}
	for i := len(s.models) - 1; i >= 0; i-- {
		var err error
		if code, err = decode(s.models[i], code); err != nil {
			return graph.Array{}, errors.WithMessagef(err, "layer %d", i)
		}
	}
	return code, nil
}

// hidden describes the encoders as layers of a network, all with the given initialisation.
func (s *Stack) hidden(init nn.Init) []nn.Dense {
	var layers []nn.Dense
	for _, l := range s.layers {
		d := l.hidden()
		d.Init = init
		layers = append(layers, d)
	}
	return layers
}
