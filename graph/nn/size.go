package nn

import "github.com/pkg/errors"

// What a configuration may ask for, so that a damaged one cannot ask for any amount of memory.
const (
	MaxUnits   = 1 << 20 // of a layer, and elements of an example
	MaxWeights = 1 << 30 // of a model: 4 GiB
)

// ValidateShape says what is wrong with the shape of one example, if anything: it has at least one
// dimension, and 1 to MaxUnits elements.
func ValidateShape(shape []int) error {
	if len(shape) == 0 {
		return errors.New("Shape is empty, expected the shape of one example, such as [784]")
	}
	d := 1
	for _, s := range shape {
		if s < 1 || s > MaxUnits || d > MaxUnits/s {
			return errors.Errorf("Shape %v: every dimension must be at least 1 and their product at most %d", shape, MaxUnits)
		}
		d *= s
	}
	return nil
}

// Weights is the number of weights and biases of a stack on inputs of a width, and the width of its
// result. The number is a float64, since a configuration that has not been validated may ask for any.
func Weights(in int, layers []Dense) (total float64, width int) {
	for _, l := range layers {
		total += float64(l.Units) * (float64(in) + 1)
		in = l.Units
	}
	return total, in
}
