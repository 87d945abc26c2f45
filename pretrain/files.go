package pretrain

import (
	"strconv"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/ckpt"
	"github.com/latent-go/latent/rbm"
	"github.com/pkg/errors"
)

// Kinds of model files.
const (
	kindStack   = "pretrain-stack"
	kindNetwork = "pretrain-network"
)

// Save writes all layers to one file: those of layer i under the names of its own model, after "i/".
func (s *Stack) Save(path string) error {
	f, err := ckpt.NewModel(kindStack, s.layers, nil, graph.NewParams(graph.Float32, graph.Key{}))
	if err != nil {
		return errors.Wrapf(err, "write %q", path)
	}
	for i, m := range s.models {
		f.Put(strconv.Itoa(i)+"/", m.Params())
	}
	return ckpt.Write(path, f)
}

// LoadStack reads a stack that Save has written.
func LoadStack(path string) (*Stack, error) {
	var layers []Layer
	file, err := ckpt.ReadModel(path, kindStack, &layers)
	if err != nil {
		return nil, err
	}
	s, err := restoreStack(layers, file)
	if err != nil {
		return nil, errors.WithMessage(err, path)
	}
	return s, nil
}

func restoreStack(layers []Layer, file *ckpt.File) (*Stack, error) {
	s, known := &Stack{}, 0
	for i, l := range layers {
		m, err := l.restore(file, strconv.Itoa(i)+"/")
		if err == nil {
			err = s.add(m)
		}
		if err != nil {
			return nil, errors.WithMessagef(err, "layer %d", i)
		}
		known += len(m.Params().List())
	}
	if known != len(file.Tensors) {
		return nil, errors.Wrapf(ckpt.ErrMismatch, "the file holds %d tensors, its %d layers have %d", len(file.Tensors), len(layers), known)
	}
	if len(layers) == 0 {
		return nil, errors.Wrap(ckpt.ErrFormat, "a stack without layers")
	}
	return s, nil
}

// restore makes the layer's model with the weights of a file, under prefix.
func (l Layer) restore(file *ckpt.File, prefix string) (Model, error) {
	if (l.AE == nil) == (l.RBM == nil) {
		return nil, errors.Wrap(ErrConfig, "one of AE and RBM must be set, and not both")
	}
	if err := l.checkKind(); err != nil {
		return nil, err
	}
	err := file.CheckHolds(l.weights(), prefix)
	if err != nil {
		return nil, err
	}
	var m Model
	if l.AE != nil {
		m, err = ae.New(*l.AE)
	} else {
		m, err = rbm.New(*l.RBM)
	}
	if err != nil {
		return nil, err
	}
	return m, file.Restore(m.Params(), prefix)
}

// weights is how many numbers the layer has, at least: as a float64, since a damaged configuration may
// ask for any number.
func (l Layer) weights() float64 {
	d, h := 1.0, 0.0
	if l.AE == nil {
		d, h = float64(l.RBM.Visible), float64(l.RBM.Hidden)
		return d*h + float64(max(0, l.RBM.Chains))*d
	}
	for _, s := range l.AE.Shape {
		d *= float64(s)
	}
	h = float64(l.AE.Encoder[0].Units)
	return d * h
}
