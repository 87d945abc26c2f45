package kernel

import "math"

func sumGeneric[T Float](x []T) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v)
	}
	return sum
}

func sumSquaresGeneric[T Float](x []T) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}

func dotGeneric[T Float](x, y []T) float64 {
	sum := 0.0
	for i, v := range x {
		sum += float64(v) * float64(y[i])
	}
	return sum
}

func maxGeneric[T Float](x []T) T {
	m := T(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m
}

// sumZerosGeneric returns the sum of 0*x[i]: 0, or NaN if an element is not finite.
func sumZerosGeneric[T Float](x []T) T {
	var sum T
	for _, v := range x {
		sum += 0 * v
	}
	return sum
}

// columnSumsGeneric sets dst[c] to the sum of x[c], x[c+len(dst)], ... It takes a strip of
// columns at a time, so that the sums can stay in float64.
func columnSumsGeneric[T Float](dst, x []T) {
	const strip = 16
	cols := len(dst)
	for lo := 0; lo < cols; lo += strip {
		var sums [strip]float64
		hi := min(lo+strip, cols)
		for row := 0; row < len(x); row += cols {
			for i, v := range x[row+lo : row+hi] {
				sums[i] += float64(v)
			}
		}
		for i := range hi - lo {
			dst[lo+i] = T(sums[i])
		}
	}
}
