package graph

import "math"

// An Init fills w, the initial value of a parameter of the given shape, with numbers drawn from key.
type Init func(key Key, shape []int, w []float64)

// Zeros is the initial value 0.
func Zeros(Key, []int, []float64) {}

// Constant is the initial value c everywhere.
func Constant(c float64) Init {
	return func(_ Key, _ []int, w []float64) {
		for i := range w {
			w[i] = c
		}
	}
}

// UniformIn draws from U(-limit, limit).
func UniformIn(limit float64) Init {
	return func(key Key, _ []int, w []float64) { fillUniform(key, w, limit) }
}

// NormalWith draws from N(0, std^2).
func NormalWith(std float64) Init {
	return func(key Key, _ []int, w []float64) {
		Normal(key, w)
		for i := range w {
			w[i] *= std
		}
	}
}

// Glorot draws from U(+-sqrt(6/(fan-in + fan-out))) (Glorot & Bengio 2010, equation 16), right for tanh
// and linear units.
func Glorot(key Key, shape []int, w []float64) {
	in, out := fans(shape)
	fillUniform(key, w, math.Sqrt(6/float64(in+out)))
}

// GlorotSigmoid is four times as wide as Glorot, as the logistic function asks for.
func GlorotSigmoid(key Key, shape []int, w []float64) {
	in, out := fans(shape)
	fillUniform(key, w, 4*math.Sqrt(6/float64(in+out)))
}

// FanIn draws from U(+-1/sqrt(fan-in)), the initialisation of the years before 2010, under which
// layer-wise pretraining shows its effect.
func FanIn(key Key, shape []int, w []float64) {
	in, _ := fans(shape)
	fillUniform(key, w, 1/math.Sqrt(float64(in)))
}

// He draws from N(0, 2/fan-in) (He et al. 2015, equation 10), right for rectified units.
func He(key Key, shape []int, w []float64) {
	in, _ := fans(shape)
	NormalWith(math.Sqrt(2/float64(in)))(key, shape, w)
}

func fillUniform(key Key, w []float64, limit float64) {
	Uniform(key, w)
	for i := range w {
		w[i] = limit * (2*w[i] - 1)
	}
}

// fans returns the numbers of inputs and outputs of one unit: (in, out) for a matrix,
// (out, in, rows, columns) for a convolution's filters, both the length for a vector.
func fans(shape []int) (in, out int) {
	switch len(shape) {
	case 0:
		return 1, 1
	case 1:
		return shape[0], shape[0]
	case 2:
		return shape[0], shape[1]
	}
	field := 1
	for _, d := range shape[2:] {
		field *= d
	}
	return shape[1] * field, shape[0] * field
}
