package optim

import (
	"fmt"
	"math"
	"slices"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/internal/named"
)

// A Method is a rule that turns gradients into steps. In JSON it is its name in lower case.
type Method int

const (
	Adam     Method = iota // Kingma and Ba, ICLR 2015, algorithm 1
	AdamW                  // Loshchilov and Hutter, ICLR 2019: Adam with decoupled decay
	SGD                    // steepest descent
	Momentum               // Polyak's heavy ball, 1964
	Nesterov               // Nesterov 1983, as in Sutskever and others, ICML 2013
	RMSProp                // Tieleman and Hinton, Coursera lecture 6.5, 2012
	AdaGrad                // Duchi, Hazan and Singer, JMLR 2011
)

var methodNames = named.Constants[Method]{
	Unknown: "optim: unknown method",
	Cause:   graph.ErrRange,
	Names:   []string{"adam", "adamw", "sgd", "momentum", "nesterov", "rmsprop", "adagrad"},
}

func (m Method) String() string { return methodNames.String(m) }

// MarshalText and UnmarshalText give a Method its name in flags and files.
func (m Method) MarshalText() ([]byte, error) { return methodNames.MarshalText(m) }

// UnmarshalText is the inverse of MarshalText.
func (m *Method) UnmarshalText(text []byte) error { return methodNames.UnmarshalText(m, text) }

// A RateScale multiplies the learning rate of some parameters.
type RateScale struct {
	// Prefix is the path, or the first whole parts of the path, of the parameters: "enc" stands
	// for "enc" and "enc/0/w" but not for "encoder/w". The longest prefix that fits counts.
	Prefix string
	// Scale is the factor, at least 0. With 0 the parameters do not move, and their gradients
	// are neither looked at nor part of the gradient's norm.
	Scale float64
}

// Config chooses a method and its numbers. A field that the method does not use must be zero;
// a zero elsewhere stands for the default. The zero Config is Adam with its authors' settings.
type Config struct {
	// Method is the rule. Default Adam.
	Method Method

	// Rate is the learning rate: above 0. Default 0.001 for Adam, AdamW and RMSProp, which move
	// every weight by about Rate a step, and 0.01 for the others. Too high diverges.
	Rate float64
	// Schedule multiplies Rate by a factor that depends on the step. Default: always 1.
	Schedule Schedule
	// RateScales multiplies Rate for some parameters: fine-tuning moves pretrained layers less.
	RateScales []RateScale

	// Momentum, for Momentum and Nesterov, is the part of the velocity that survives a step:
	// between 0 and 1, default 0.9. As in PyTorch the velocity sums gradients, not steps, so
	// that the total effect of a gradient is Rate/(1-Momentum) times it.
	Momentum float64
	// EarlyMomentum, if set, takes the place of Momentum during the first EarlySteps steps. The
	// practice for RBMs is 0.5, then 0.9 (Hinton, A Practical Guide to Training RBMs, 2010).
	EarlyMomentum float64
	EarlySteps    int

	// Beta1, for Adam and AdamW, is the decay of the average of gradients: between 0 and 1,
	// default 0.9. Nearer to 1 is smoother and slower to turn.
	Beta1 float64
	// Beta2, for Adam, AdamW and RMSProp, is the decay of the average of squared gradients:
	// between 0 and 1, default 0.999 (RMSProp: 0.9).
	Beta2 float64
	// Epsilon, for Adam, AdamW, RMSProp and AdaGrad, is added to the root of the average of
	// squares: above 0, default 1e-8. It limits the steps of weights with tiny gradients.
	Epsilon float64

	// L1 and L2 add the gradients of the penalties L1 |w| and L2/2 |w|² to the gradient, before
	// the method sees it and after clipping: at least 0, default 0. Decay, for AdamW, instead
	// shrinks w by the factor 1 - rate·Decay in every step, default 0.01. None of the three acts
	// on parameters with fewer than two dimensions: biases and gains.
	L1, L2, Decay float64

	// ClipValue limits each element of the gradient to ±ClipValue, and ClipNorm then scales the
	// whole gradient down to that Euclidean norm if it is longer: above 0; 0 is no limit.
	ClipValue, ClipNorm float64

	// EMA, if set, keeps an exponential moving average of the weights with that decay: between
	// 0 and 1, typically 0.999. At step t the decay is at most (1+t)/(10+t), so that the initial
	// weights are forgotten soon. See Optimizer.WithAverage.
	EMA float64
}

// usesMomentum, usesMoments and usesSquares say which fields the method reads.
func (m Method) usesMomentum() bool { return m == Momentum || m == Nesterov }
func (m Method) usesMoments() bool  { return m == Adam || m == AdamW }
func (m Method) usesSquares() bool  { return m.usesMoments() || m == RMSProp }

// defaults fills in what is zero.
func (c Config) defaults() Config {
	set := func(x *float64, use bool, value float64) {
		if use && *x == 0 {
			*x = value
		}
	}
	m := c.Method
	set(&c.Rate, m.usesSquares(), 1e-3)
	set(&c.Rate, true, 1e-2)
	set(&c.Momentum, m.usesMomentum(), 0.9)
	set(&c.Beta1, m.usesMoments(), 0.9)
	set(&c.Beta2, m.usesMoments(), 0.999)
	set(&c.Beta2, m == RMSProp, 0.9)
	set(&c.Epsilon, m.usesSquares() || m == AdaGrad, 1e-8)
	set(&c.Decay, m == AdamW, 0.01)
	c.RateScales = slices.Clone(c.RateScales)
	return c
}

// validate returns an error that names the field that is out of range. Defaults are set.
func (c Config) validate() error {
	if !methodNames.Valid(c.Method) {
		return errors.Wrapf(graph.ErrRange, "optim: Method is %v, not one of %v", c.Method, methodNames.Names)
	}
	m := c.Method
	early := m.usesMomentum() && c.EarlySteps > 0
	for _, f := range []struct {
		name  string
		value float64
		used  bool
		low   float64 // least value, which is excluded if open
		high  float64 // excluded
		open  bool
	}{
		{"Rate", c.Rate, true, 0, math.Inf(1), true},
		{"Momentum", c.Momentum, m.usesMomentum(), 0, 1, true},
		{"EarlyMomentum", c.EarlyMomentum, early, 0, 1, false},
		{"Beta1", c.Beta1, m.usesMoments(), 0, 1, true},
		{"Beta2", c.Beta2, m.usesSquares(), 0, 1, true},
		{"Epsilon", c.Epsilon, m.usesSquares() || m == AdaGrad, 0, math.Inf(1), true},
		{"L1", c.L1, true, 0, math.Inf(1), false},
		{"L2", c.L2, true, 0, math.Inf(1), false},
		{"Decay", c.Decay, m == AdamW, 0, math.Inf(1), false},
		{"ClipValue", c.ClipValue, true, 0, math.Inf(1), false},
		{"ClipNorm", c.ClipNorm, true, 0, math.Inf(1), false},
		{"EMA", c.EMA, true, 0, 1, false},
	} {
		switch {
		case !f.used && f.value != 0:
			return errors.Wrapf(graph.ErrRange, "optim: %s is %v, but %v does not use it; leave it zero", f.name, f.value, m)
		case f.used && !(f.value >= f.low && f.value < f.high) || f.used && f.open && f.value == f.low:
			return errors.Wrapf(graph.ErrRange, "optim: %s is %v, outside %s", f.name, f.value, interval(f.low, f.high, f.open))
		}
	}
	if c.EarlySteps < 0 || c.EarlySteps > 0 && !m.usesMomentum() {
		return errors.Wrapf(graph.ErrRange, "optim: EarlySteps is %d with method %v", c.EarlySteps, m)
	}
	largest := 1.0
	for _, s := range c.RateScales {
		if !(s.Scale >= 0 && s.Scale < math.Inf(1)) || s.Prefix == "" {
			return errors.Wrapf(graph.ErrRange, "optim: rate scale %v of %q: the prefix must not be empty nor the scale negative", s.Scale, s.Prefix)
		}
		largest = max(largest, s.Scale)
	}
	// A decay of 1 or more would turn the weights' sign.
	if c.Rate*largest*c.Decay >= 1 {
		return errors.Wrapf(graph.ErrRange, "optim: Rate times Decay is %v, must be below 1", c.Rate*largest*c.Decay)
	}
	return c.Schedule.validate()
}

// interval writes a range of numbers.
func interval(low, high float64, open bool) string {
	left := "["
	if open {
		left = "("
	}
	return fmt.Sprintf("%s%v, %v)", left, low, high)
}
