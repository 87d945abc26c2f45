package kernel

import "math"

func squaredErrorSumGeneric[T Float](x, y []T) float64 {
	sum := 0.0
	for i, v := range x {
		d := float64(v) - float64(y[i])
		sum += d * d
	}
	return sum
}

func squaredErrorGradGeneric[T Float](dst, x, y []T, s T) {
	for i := range dst {
		dst[i] = s * (x[i] - y[i])
	}
}

// bernoulliNLL is softplus(l) - x*l. The large terms meet first: for x = 1 and a large l
// they cancel exactly, and what is left is log1p(e^-l), accurate however small.
func bernoulliNLL(l, x float64) float64 {
	return (max(l, 0) - x*l) + math.Log1p(math.Exp(-math.Abs(l)))
}

func bernoulliSumGeneric[T Float](x, y []T) float64 {
	sum := 0.0
	for i, l := range x {
		sum += bernoulliNLL(float64(l), float64(y[i]))
	}
	return sum
}

func bernoulliGradGeneric[T Float](dst, x, y []T, s T) {
	for i, l := range x {
		dst[i] = s * T(sigmoid(float64(l))-float64(y[i]))
	}
}

func bernoulliSumGradGeneric[T Float](dst, x, y []T, s T) float64 {
	sum := bernoulliSumGeneric(x, y) // first: dst may be x or y
	bernoulliGradGeneric(dst, x, y, s)
	return sum
}
