package kernel

import "math"

// mapGeneric sets dst[i] = f(x[i]), evaluated in float64.
func mapGeneric[T Float](dst, x []T, f func(float64) float64) {
	for i, v := range x {
		dst[i] = T(f(float64(v)))
	}
}

func expGeneric[T Float](dst, x []T)        { mapGeneric(dst, x, exponential) }
func logGeneric[T Float](dst, x []T)        { mapGeneric(dst, x, logarithm) }
func tanhGeneric[T Float](dst, x []T)       { mapGeneric(dst, x, math.Tanh) }
func sigmoidGeneric[T Float](dst, x []T)    { mapGeneric(dst, x, sigmoid) }
func softplusGeneric[T Float](dst, x []T)   { mapGeneric(dst, x, softplus) }
func logSigmoidGeneric[T Float](dst, x []T) { mapGeneric(dst, x, logSigmoid) }
func erfGeneric[T Float](dst, x []T)        { mapGeneric(dst, x, math.Erf) }

// exponential is math.Exp, which on amd64 is infinite from half the largest number on.
func exponential(x float64) float64 {
	if x > 709 && x < 710 {
		root := math.Exp(x / 2)
		return root * root
	}
	return math.Exp(x)
}

// logarithm is math.Log, which on amd64 is wrong below the normal numbers.
func logarithm(x float64) float64 {
	if x > 0 && x < 0x1p-1022 {
		return math.Log(x*0x1p54) - 54*math.Ln2
	}
	return math.Log(x)
}

// sigmoid is 1/(1+e^-x). The exponential is taken of -|x|, so that it cannot overflow.
func sigmoid(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	if x < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}

// softplus is log(1+e^x).
func softplus(x float64) float64 {
	return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

func logSigmoid(x float64) float64 { return -softplus(-x) }
