package kernel

import "math"

func addGeneric[T Float](dst, x, y []T) {
	for i := range dst {
		dst[i] = x[i] + y[i]
	}
}

func subGeneric[T Float](dst, x, y []T) {
	for i := range dst {
		dst[i] = x[i] - y[i]
	}
}

func mulGeneric[T Float](dst, x, y []T) {
	for i := range dst {
		dst[i] = x[i] * y[i]
	}
}

func divGeneric[T Float](dst, x, y []T) {
	for i := range dst {
		dst[i] = x[i] / y[i]
	}
}

func mulAddGeneric[T Float](dst, x, y []T) {
	for i := range dst {
		dst[i] += x[i] * y[i]
	}
}

func addScalarGeneric[T Float](dst, x []T, s T) {
	for i, v := range x {
		dst[i] = s + v
	}
}

func scaleGeneric[T Float](dst, x []T, s T) {
	for i, v := range x {
		dst[i] = s * v
	}
}

func axpyGeneric[T Float](dst, x []T, s T) {
	for i, v := range x {
		dst[i] += s * v
	}
}

func squareGeneric[T Float](dst, x []T) {
	for i, v := range x {
		dst[i] = v * v
	}
}

func sqrtGeneric[T Float](dst, x []T) { mapGeneric(dst, x, math.Sqrt) }

func absGeneric[T Float](dst, x []T) { mapGeneric(dst, x, math.Abs) }

func negGeneric[T Float](dst, x []T) {
	for i, v := range x {
		dst[i] = -v
	}
}
