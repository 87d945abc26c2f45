package vae

import "math"

// A logMeanExp is the logarithm of the mean of e^v over finite numbers v that come one by one, without
// overflow.
type logMeanExp struct {
	count int
	max   float64 // of the numbers so far
	sum   float64 // of e^(v - max)
}

func (s *logMeanExp) add(v float64) {
	switch {
	case s.count == 0:
		s.max, s.sum = v, 1
	case v <= s.max:
		s.sum += math.Exp(v - s.max)
	default:
		s.sum = s.sum*math.Exp(s.max-v) + 1
		s.max = v
	}
	s.count++
}

// value needs at least one number.
func (s *logMeanExp) value() float64 { return s.max + math.Log(s.sum/float64(s.count)) }
