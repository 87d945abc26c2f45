package kernel

import "math"

// expSumGeneric sets dst[i] = e^(x[i]-s) and returns the sum of dst.
func expSumGeneric[T Float](dst, x []T, s T) float64 {
	sum := 0.0
	for i, v := range x {
		e := math.Exp(float64(v - s))
		dst[i] = T(e)
		sum += e
	}
	return sum
}

// sumExpGeneric returns the sum of e^(x[i]-s).
func sumExpGeneric[T Float](x []T, s T) float64 {
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(float64(v - s))
	}
	return sum
}

func softmaxGradGeneric[T Float](dst, x, y []T, s T) {
	for i, d := range y {
		dst[i] = x[i] * (d - s)
	}
}

func logSoftmaxGradGeneric[T Float](dst, x, y []T, s T) {
	for i, d := range y {
		dst[i] = d - T(math.Exp(float64(x[i])))*s
	}
}
