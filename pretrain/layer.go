package pretrain

import (
	"math"

	"github.com/latent-go/latent/ae"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/train"
	"github.com/latent-go/latent/rbm"
	"github.com/pkg/errors"
)

// A Model is the model of one layer: an *ae.Model with one hidden layer, or an *rbm.Model.
type Model interface {
	train.Objective
	train.Evaluator
	Save(path string) error
}

// newModel makes the layer's model with initial weights.
func (l Layer) newModel() (Model, error) {
	if l.AE != nil {
		return ae.New(*l.AE)
	}
	return rbm.New(*l.RBM)
}

// loadModel reads the layer's model from a file.
func (l Layer) loadModel(path string) (Model, error) {
	if l.AE != nil {
		return ae.Load(path)
	}
	return rbm.Load(path)
}

// layerOf is the description of a model, without its training.
func layerOf(m Model) (Layer, error) {
	switch m := m.(type) {
	case *ae.Model:
		cfg := m.Config()
		l := Layer{AE: &cfg}
		return l, l.checkKind()
	case *rbm.Model:
		cfg := m.Config()
		return Layer{RBM: &cfg}, nil
	}
	return Layer{}, errors.Wrapf(ErrConfig, "a layer is an *ae.Model or an *rbm.Model, not a %T", m)
}

func (l Layer) inputs() int {
	if l.AE != nil {
		return l.AE.Inputs()
	}
	return l.RBM.Visible
}

func (l Layer) units() int {
	if l.AE != nil {
		return l.AE.CodeSize()
	}
	return l.RBM.Hidden
}

// activation is that of the codes.
func (l Layer) activation() op.Activation {
	if l.AE != nil {
		return l.AE.Encoder[0].Activation
	}
	switch l.RBM.HiddenUnits {
	case rbm.Gaussian:
		return op.Identity
	case rbm.Rectified:
		return op.ReLUActivation
	}
	return op.SigmoidActivation
}

// output is the activation of the reconstructions. Softmax units have none.
func (l Layer) output() op.Activation {
	if l.AE != nil && l.AE.Loss == ae.SquaredError {
		return l.AE.Output
	}
	if l.RBM != nil && l.RBM.VisibleUnits == rbm.Gaussian {
		return op.Identity
	}
	return op.SigmoidActivation
}

func (l Layer) givesProbabilities() bool { return l.activation() == op.SigmoidActivation }

// needsProbabilities reports whether inputs must be in [0, 1].
func (l Layer) needsProbabilities() bool {
	if l.AE != nil {
		return l.AE.Loss == ae.CrossEntropy
	}
	return l.RBM.VisibleUnits == rbm.Bernoulli
}

// needsCategories reports whether inputs must be one-hot.
func (l Layer) needsCategories() bool { return l.RBM != nil && l.RBM.VisibleUnits == rbm.Softmax }

// encode returns the codes (n, h) of examples (n, ...).
func encode(m Model, x graph.Array) (graph.Array, error) {
	if m, ok := m.(*ae.Model); ok {
		return m.Encode(x)
	}
	return m.(*rbm.Model).Transform(x)
}

// decode returns the means (n, d) of a layer's input for its codes (n, h).
func decode(m Model, code graph.Array) (graph.Array, error) {
	if m, ok := m.(*ae.Model); ok {
		return m.Decode(code)
	}
	return m.(*rbm.Model).VisibleMean(code)
}

// affine is a layer's weights (d, h) with a bias.
type affine struct{ w, b graph.Array }

// up is the map to the code: bias (h).
func up(m Model) affine {
	p := m.Params()
	if _, ok := m.(*ae.Model); ok {
		return affine{p.Lookup("enc/0/w").Value(), p.Lookup("enc/0/b").Value()}
	}
	w := p.Lookup("w").Value()
	if logVar := p.Lookup("logvar"); logVar != nil {
		w = perVariance(w, logVar.Value())
	}
	return affine{w, p.Lookup("c").Value()}
}

// perVariance is weights (d, h) divided by the variance of each input, as the hidden units of a machine see
// Gaussian ones.
func perVariance(w, logVar graph.Array) graph.Array {
	h := w.Shape[1]
	v := make([]float32, w.Len())
	for i := range v {
		v[i] = float32(w.At(i) * math.Exp(-logVar.At(i/h)))
	}
	return graph.Floats32(v, w.Shape...)
}

// down is the map from the code to the input, of weights (h, d) and bias (d).
func down(m Model) affine {
	p := m.Params()
	if a, ok := m.(*ae.Model); ok && !a.Config().Tied {
		return affine{p.Lookup("dec/0/w").Value(), p.Lookup("dec/0/b").Value()}
	} else if ok {
		return affine{transposed(p.Lookup("enc/0/w").Value()), p.Lookup("dec/0/b").Value()}
	}
	return affine{transposed(p.Lookup("w").Value()), p.Lookup("b").Value()}
}

// transposed is the transpose of a matrix.
func transposed(a graph.Array) graph.Array {
	rows, cols := a.Shape[0], a.Shape[1]
	t := make([]float32, a.Len())
	for i := range rows {
		for j := range cols {
			t[j*rows+i] = a.F32[i*cols+j]
		}
	}
	return graph.Floats32(t, cols, rows)
}
