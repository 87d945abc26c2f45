package optim

import (
	"math"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/internal/named"
)

// A Kind is a law by which the learning rate falls. In JSON it is its name in lower case.
type Kind int

const (
	Constant    Kind = iota // 1
	StepDecay               // Factor^floor(s/Every)
	Exponential             // Factor^(s/Every)
	Cosine                  // Final + (1-Final)(1 + cos(π s/Steps))/2, and Final after Steps
)

var kindNames = named.Constants[Kind]{
	Unknown: "optim: unknown kind of schedule",
	Cause:   graph.ErrRange,
	Names:   []string{"constant", "step", "exponential", "cosine"},
}

func (k Kind) String() string { return kindNames.String(k) }

// MarshalText and UnmarshalText give a Kind its name in flags and files.
func (k Kind) MarshalText() ([]byte, error) { return kindNames.MarshalText(k) }

// UnmarshalText is the inverse of MarshalText.
func (k *Kind) UnmarshalText(text []byte) error { return kindNames.UnmarshalText(k, text) }

// A Schedule is the factor of the learning rate as a function of the step. It is plain data,
// so that a checkpoint can hold it. The formulas of the kinds count steps s from the end of the
// warm-up.
type Schedule struct {
	// Kind is the law. Default Constant.
	Kind Kind
	// Warmup is the number of steps, from the first, over which the factor rises in a straight
	// line: 1/Warmup, 2/Warmup, ..., 1. Default 0.
	Warmup int
	// Every, for StepDecay and Exponential, is the number of steps in which the rate falls by
	// Factor: at least 1.
	Every int
	// Factor, for StepDecay and Exponential: above 0, at most 1.
	Factor float64
	// Steps, for Cosine, is the number of steps from the end of the warm-up to the end of the
	// fall: at least 1. Loshchilov and Hutter, SGDR, ICLR 2017, equation 5 without restarts.
	Steps int
	// Final, for Cosine, is the factor at the end: at least 0, below 1. Default 0.
	Final float64
}

// At returns the factor of the learning rate at a step, counted from 0.
func (s Schedule) At(step int) float64 {
	if step < s.Warmup {
		return float64(step+1) / float64(s.Warmup)
	}
	step -= s.Warmup
	switch s.Kind {
	case StepDecay:
		return math.Pow(s.Factor, float64(step/s.Every))
	case Exponential:
		return math.Pow(s.Factor, float64(step)/float64(s.Every))
	case Cosine:
		done := min(1, float64(step)/float64(s.Steps))
		return s.Final + (1-s.Final)*(1+math.Cos(math.Pi*done))/2
	}
	return 1
}

func (s Schedule) validate() error {
	falls, cosine := s.Kind == StepDecay || s.Kind == Exponential, s.Kind == Cosine
	switch {
	case !kindNames.Valid(s.Kind):
		return errors.Wrapf(graph.ErrRange, "optim: schedule is %v, not one of %v", s.Kind, kindNames.Names)
	case s.Warmup < 0:
		return errors.Wrapf(graph.ErrRange, "optim: Warmup is %d steps", s.Warmup)
	case falls && s.Every < 1:
		return errors.Wrapf(graph.ErrRange, "optim: schedule %v needs Every of at least 1, got %d", s.Kind, s.Every)
	case falls && !(s.Factor > 0 && s.Factor <= 1):
		return errors.Wrapf(graph.ErrRange, "optim: schedule %v needs a Factor in (0, 1], got %v", s.Kind, s.Factor)
	case cosine && s.Steps < 1:
		return errors.Wrapf(graph.ErrRange, "optim: schedule %v needs Steps of at least 1, got %d", s.Kind, s.Steps)
	case cosine && !(s.Final >= 0 && s.Final < 1):
		return errors.Wrapf(graph.ErrRange, "optim: schedule %v needs a Final in [0, 1), got %v", s.Kind, s.Final)
	case !falls && (s.Every != 0 || s.Factor != 0), !cosine && (s.Steps != 0 || s.Final != 0):
		return errors.Wrapf(graph.ErrRange, "optim: schedule %v does not use all of the fields that are set: %+v", s.Kind, s)
	}
	return nil
}
