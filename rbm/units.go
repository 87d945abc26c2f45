package rbm

import "github.com/latent-go/latent/internal/named"

// Units is a kind of unit. In JSON and flags it is its name in lower case.
type Units int

const (
	// Bernoulli units, visible or hidden, are 0 or 1. Data may lie between: probabilities.
	Bernoulli Units = iota

	// Gaussian units are real numbers with normal noise. Visible ones have a standard deviation that is
	// fixed or learnt (Cho, Ilin & Raiko 2011, "Improved learning of Gaussian-Bernoulli restricted
	// Boltzmann machines", section 2); hidden ones are linear with noise of variance 1, as in the code
	// layer of Hinton & Salakhutdinov 2006.
	Gaussian

	// Softmax units, visible only, are groups of which exactly one element is 1: categories.
	Softmax

	// Rectified units, hidden only, are max(0, x + N(0, sigmoid(x))) of their logit x (Nair & Hinton
	// 2010, "Rectified linear units improve restricted Boltzmann machines", section 2): an approximation
	// of many Bernoulli units of one weight vector with biases 1 apart. They have no free energy in
	// closed form.
	Rectified
)

var unitNames = named.Constants[Units]{
	Unknown: "unknown units",
	Cause:   ErrConfig,
	Names:   []string{"bernoulli", "gaussian", "softmax", "rectified"},
}

func (u Units) valid() bool { return unitNames.Valid(u) }

func (u Units) String() string { return unitNames.String(u) }

// MarshalText and UnmarshalText give Units their name in flags and files.
func (u Units) MarshalText() ([]byte, error) { return unitNames.MarshalText(u) }

// UnmarshalText is the inverse of MarshalText.
func (u *Units) UnmarshalText(text []byte) error { return unitNames.UnmarshalText(u, text) }
