package kernel

import "math"

// The functions of this file treat every row of a rows by cols matrix by itself. An entry
// of -Inf has probability 0. dst may be x, and dx may be y or dy.

// Softmax sets dst[r,c] = e^x[r,c] / sum_j e^x[r,j], without overflow. A row of -Inf alone
// has no distribution: its result is all 0.
func Softmax[T Float](dst, x []T, rows, cols int) {
	checkRows(x, rows, cols)
	checkLen2(dst, x)
	v := vector[T]()
	for r := range rows {
		out, in := dst[r*cols:(r+1)*cols], x[r*cols:(r+1)*cols]
		if sum := v.expSum(out, in, shift(v, in)); sum != 0 {
			v.scale(out, out, T(1/sum))
		}
	}
}

// LogSoftmax sets dst[r,c] = x[r,c] - log sum_j e^x[r,j]. A row of -Inf alone stays -Inf.
func LogSoftmax[T Float](dst, x []T, rows, cols int) {
	checkRows(x, rows, cols)
	checkLen2(dst, x)
	v := vector[T]()
	for r := range rows {
		out, in := dst[r*cols:(r+1)*cols], x[r*cols:(r+1)*cols]
		m := shift(v, in)
		if sum := v.sumExp(in, m); sum != 0 {
			// In two steps, as m may be so large that m + log(sum) loses the logarithm.
			v.addScalar(out, in, -m)
			v.addScalar(out, out, T(-math.Log(sum)))
		} else {
			copy(out, in)
		}
	}
}

// LogSumExp sets dst[r] = log sum_j e^x[r,j], without overflow; -Inf for a row of -Inf
// alone or of no columns. dst must not overlap x.
func LogSumExp[T Float](dst, x []T, rows, cols int) {
	checkRows(x, rows, cols)
	checkRows(dst, rows, 1)
	v := vector[T]()
	for r := range rows {
		in := x[r*cols : (r+1)*cols]
		m := shift(v, in)
		dst[r] = T(float64(m) + math.Log(v.sumExp(in, m)))
	}
}

// shift returns what to subtract from a row before exponentiation: its maximum, or 0 if
// that is -Inf, since the difference of two infinities is NaN.
func shift[T Float](v *vectorKernels[T], row []T) T {
	m := v.max(row)
	if math.IsInf(float64(m), -1) {
		return 0
	}
	return m
}

// SoftmaxGrad sets dx[r,c] = y[r,c]*(dy[r,c] - sum_j dy[r,j]*y[r,j]), from the output y of
// Softmax.
func SoftmaxGrad[T Float](dx, y, dy []T, rows, cols int) {
	checkRows(y, rows, cols)
	checkLen3(dx, y, dy)
	v := vector[T]()
	for r := range rows {
		lo, hi := r*cols, (r+1)*cols
		v.softmaxGrad(dx[lo:hi], y[lo:hi], dy[lo:hi], T(v.dot(dy[lo:hi], y[lo:hi])))
	}
}

// LogSoftmaxGrad sets dx[r,c] = dy[r,c] - e^y[r,c]*sum_j dy[r,j], from the output y of
// LogSoftmax.
func LogSoftmaxGrad[T Float](dx, y, dy []T, rows, cols int) {
	checkRows(y, rows, cols)
	checkLen3(dx, y, dy)
	v := vector[T]()
	for r := range rows {
		lo, hi := r*cols, (r+1)*cols
		v.logSoftmaxGrad(dx[lo:hi], y[lo:hi], dy[lo:hi], T(v.sum(dy[lo:hi])))
	}
}

// The functions below are the steps of Softmax, for callers who fuse it with others.

// SoftmaxShift returns what Softmax subtracts from a row before exponentiation: its maximum, or 0 if that
// is -Inf.
func SoftmaxShift[T Float](row []T) T { return shift(vector[T](), row) }

// ExpSum sets dst[i] = e^(x[i]-s) and returns their sum.
func ExpSum[T Float](dst, x []T, s T) float64 {
	checkLen2(dst, x)
	return vector[T]().expSum(dst, x, s)
}

// SoftmaxGradFrom sets dx[i] = y[i]*(dy[i]-s): the gradient of Softmax for s = sum_j dy[j]*y[j].
func SoftmaxGradFrom[T Float](dx, y, dy []T, s T) {
	checkLen3(dx, y, dy)
	vector[T]().softmaxGrad(dx, y, dy, s)
}
