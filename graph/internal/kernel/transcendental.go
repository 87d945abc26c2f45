package kernel

// The functions of this file set dst[i] = f(x[i]). dst and x have the same length and may
// be the same slice. A NaN gives a NaN.
//
// In float32 every level is within 2 units in the last place of the exact value, results
// in the denormal range included: nothing is flushed to zero.

// Exp sets dst[i] = e^x[i]. It overflows to +Inf and underflows gradually to 0.
func Exp[T Float](dst, x []T) {
	checkLen2(dst, x)
	vector[T]().exp(dst, x)
}

// Log sets dst[i] to the natural logarithm of x[i]: -Inf for 0 and NaN below.
func Log[T Float](dst, x []T) {
	checkLen2(dst, x)
	vector[T]().log(dst, x)
}

// Tanh sets dst[i] to the hyperbolic tangent of x[i].
func Tanh[T Float](dst, x []T) {
	checkLen2(dst, x)
	vector[T]().tanh(dst, x)
}

// Sigmoid sets dst[i] = 1/(1+e^-x[i]). For very negative x[i] the result is e^x[i], small
// but not 0 as long as that is representable.
func Sigmoid[T Float](dst, x []T) {
	checkLen2(dst, x)
	vector[T]().sigmoid(dst, x)
}

// Softplus sets dst[i] = log(1+e^x[i]), without overflow.
func Softplus[T Float](dst, x []T) {
	checkLen2(dst, x)
	vector[T]().softplus(dst, x)
}

// LogSigmoid sets dst[i] = log(1/(1+e^-x[i])) = -softplus(-x[i]).
func LogSigmoid[T Float](dst, x []T) {
	checkLen2(dst, x)
	vector[T]().logSigmoid(dst, x)
}

// Erf sets dst[i] to the error function of x[i].
func Erf[T Float](dst, x []T) {
	checkLen2(dst, x)
	vector[T]().erf(dst, x)
}
