package kernel

import "math"

func reluGeneric[T Float](dst, x []T) {
	for i, v := range x {
		if v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

func reluGradGeneric[T Float](dst, x, y []T) {
	for i, d := range y {
		if x[i] > 0 {
			dst[i] = d
		} else {
			dst[i] = 0
		}
	}
}

func leakyReLUGeneric[T Float](dst, x []T, s T) {
	for i, v := range x {
		if v > 0 {
			dst[i] = v
		} else {
			dst[i] = s * v
		}
	}
}

func leakyReLUGradGeneric[T Float](dst, x, y []T, s T) {
	for i, d := range y {
		if x[i] > 0 {
			dst[i] = d
		} else {
			dst[i] = s * d
		}
	}
}

func eluGeneric[T Float](dst, x []T, s T) {
	for i, v := range x {
		if v > 0 {
			dst[i] = v
		} else {
			dst[i] = s * T(math.Expm1(float64(v)))
		}
	}
}

func eluGradGeneric[T Float](dst, x, y []T, s T) {
	for i, d := range y {
		if x[i] > 0 {
			dst[i] = d
		} else {
			dst[i] = d * (x[i] + s)
		}
	}
}

// normalCDF is the standard normal distribution function.
func normalCDF(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

func geluGeneric[T Float](dst, x []T) {
	mapGeneric(dst, x, func(v float64) float64 {
		if math.IsInf(v, -1) {
			return 0
		}
		return v * normalCDF(v)
	})
}

func geluGradGeneric[T Float](dst, x, y []T) {
	for i, d := range y {
		v := float64(x[i])
		density := math.Exp(-0.5*v*v) / math.Sqrt(2*math.Pi)
		if density == 0 {
			v = math.Copysign(1, v) // so that an infinity times 0 is 0
		}
		dst[i] = d * T(normalCDF(float64(x[i]))+v*density)
	}
}

func sigmoidGradGeneric[T Float](dst, x, y []T) {
	for i, d := range y {
		dst[i] = d * (x[i] * (1 - x[i]))
	}
}

func tanhGradGeneric[T Float](dst, x, y []T) {
	for i, d := range y {
		dst[i] = d * (1 - x[i]*x[i])
	}
}

func softplusGradGeneric[T Float](dst, x, y []T) {
	for i, d := range y {
		dst[i] = d * T(sigmoid(float64(x[i])))
	}
}
