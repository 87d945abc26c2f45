package op

import (
	"fmt"
	"math"

	"github.com/latent-go/latent/graph/internal/kernel"
	"github.com/latent-go/latent/internal/named"
)

// Sigmoid is the logistic function 1 / (1 + e^-x).
func Sigmoid(x *node) *node {
	return unary("sigmoid", x, kernel.Sigmoid[float32], kernel.Sigmoid[float64],
		func(_, y, dy *node) *node { return activationGrad(y, dy, kernel.ActSigmoid, 0) })
}

// Tanh is the hyperbolic tangent.
func Tanh(x *node) *node {
	return unary("tanh", x, kernel.Tanh[float32], kernel.Tanh[float64],
		func(_, y, dy *node) *node { return activationGrad(y, dy, kernel.ActTanh, 0) })
}

// ReLU is max(x, 0); its gradient at 0 is taken as 0.
func ReLU(x *node) *node {
	return unary("relu", x, kernel.ReLU[float32], kernel.ReLU[float64],
		func(_, y, dy *node) *node { return activationGrad(y, dy, kernel.ActReLU, 0) })
}

// LeakyReLU is x where that is positive and slope x elsewhere (Maas et al. 2013). slope is in [0, 1).
func LeakyReLU(x *node, slope float64) *node {
	if !(slope >= 0 && slope < 1) { // the gradient tells the two sides by the sign of the result
		return outOfRange("leakyrelu", x, "slope %g is outside [0, 1)", slope)
	}
	return unary(fmt.Sprintf("leakyrelu(%g)", slope), x,
		func(dst, x []float32) { kernel.LeakyReLU(dst, x, float32(slope)) },
		func(dst, x []float64) { kernel.LeakyReLU(dst, x, slope) },
		func(_, y, dy *node) *node { return activationGrad(y, dy, kernel.ActLeakyReLU, slope) })
}

// ELU is x where that is positive and alpha (e^x - 1) elsewhere (Clevert et al. 2016). alpha is not
// negative.
func ELU(x *node, alpha float64) *node {
	if !(alpha >= 0 && !math.IsInf(alpha, 0)) {
		return outOfRange("elu", x, "alpha %g is negative or not finite", alpha)
	}
	return unary(fmt.Sprintf("elu(%g)", alpha), x,
		func(dst, x []float32) { kernel.ELU(dst, x, float32(alpha)) },
		func(dst, x []float64) { kernel.ELU(dst, x, alpha) },
		func(_, y, dy *node) *node { return activationGrad(y, dy, kernel.ActELU, alpha) })
}

// Softplus is log(1 + e^x), without overflow.
func Softplus(x *node) *node {
	return unary("softplus", x, kernel.Softplus[float32], kernel.Softplus[float64],
		func(x, _, dy *node) *node { return Mul(dy, Sigmoid(x)) })
}

// GELU is x Phi(x), Phi the normal distribution function (Hendrycks & Gimpel 2016), exact.
func GELU(x *node) *node {
	return unary("gelu", x, kernel.GELU[float32], kernel.GELU[float64],
		func(x, _, dy *node) *node {
			// The second derivative is not offered: gradients are not differentiated again.
			return gradOf("gelugrad", x, dy, kernel.GELUGrad[float32], kernel.GELUGrad[float64])
		})
}

// activationGrad is the gradient at the input of an activation, from its output y.
func activationGrad(y, dy *node, act kernel.Activation, slope float64) *node {
	return gradOf("actgrad", y, dy,
		func(dz, y, dy []float32) { kernel.ActivationGrad(dz, y, dy, act, float32(slope)) },
		func(dz, y, dy []float64) { kernel.ActivationGrad(dz, y, dy, act, slope) })
}

// gradOf is an element-wise operation that only gradients use and that is not itself differentiable.
func gradOf(name string, a, dy *node, f32 func(dst, a, dy []float32), f64 func(dst, a, dy []float64)) *node {
	return binary(name, a, dy, f32, f64, nil)
}

// An Activation is the non-linearity at the end of a layer.
type Activation int

const (
	Identity          Activation = iota // linear
	SigmoidActivation                   // logistic
	TanhActivation
	ReLUActivation
	LeakyReLUActivation // slope 0.01
	ELUActivation       // alpha 1
	GELUActivation
	SoftplusActivation
)

var activationNames = named.Constants[Activation]{
	Unknown: "op: unknown activation",
	Names:   []string{"linear", "sigmoid", "tanh", "relu", "leakyrelu", "elu", "gelu", "softplus"},
}

// Valid reports whether a is one of the constants.
func (a Activation) Valid() bool { return activationNames.Valid(a) }

func (a Activation) String() string { return activationNames.String(a) }

// MarshalText and UnmarshalText give an Activation its name in flags and files.
func (a Activation) MarshalText() ([]byte, error) { return activationNames.MarshalText(a) }

// UnmarshalText is the inverse of MarshalText.
func (a *Activation) UnmarshalText(text []byte) error { return activationNames.UnmarshalText(a, text) }

const leakySlope = 0.01

// fused returns the kernel's name for an activation that can be part of an affine map, one whose
// gradient follows from its output.
func (a Activation) fused() (act kernel.Activation, slope float64, ok bool) {
	switch a {
	case Identity:
		return kernel.ActIdentity, 0, true
	case SigmoidActivation:
		return kernel.ActSigmoid, 0, true
	case TanhActivation:
		return kernel.ActTanh, 0, true
	case ReLUActivation:
		return kernel.ActReLU, 0, true
	case LeakyReLUActivation:
		return kernel.ActLeakyReLU, leakySlope, true
	case ELUActivation:
		return kernel.ActELU, 1, true
	}
	return 0, 0, false
}

// Activate applies a to x.
func Activate(x *node, a Activation) *node {
	switch a {
	case Identity:
		return x
	case SigmoidActivation:
		return Sigmoid(x)
	case TanhActivation:
		return Tanh(x)
	case ReLUActivation:
		return ReLU(x)
	case LeakyReLUActivation:
		return LeakyReLU(x, leakySlope)
	case ELUActivation:
		return ELU(x, 1)
	case GELUActivation:
		return GELU(x)
	case SoftplusActivation:
		return Softplus(x)
	}
	return outOfRange("activate", x, "unknown %v", a)
}
