package kernel

// The functions of this file work element by element. All slices have the same length, and
// dst may be any of the inputs.

// Add sets dst[i] = a[i] + b[i].
func Add[T Float](dst, a, b []T) {
	checkLen3(dst, a, b)
	vector[T]().add(dst, a, b)
}

// Sub sets dst[i] = a[i] - b[i].
func Sub[T Float](dst, a, b []T) {
	checkLen3(dst, a, b)
	vector[T]().sub(dst, a, b)
}

// Mul sets dst[i] = a[i] * b[i].
func Mul[T Float](dst, a, b []T) {
	checkLen3(dst, a, b)
	vector[T]().mul(dst, a, b)
}

// Div sets dst[i] = a[i] / b[i].
func Div[T Float](dst, a, b []T) {
	checkLen3(dst, a, b)
	vector[T]().div(dst, a, b)
}

// MulAdd adds a[i]*b[i] to dst[i].
func MulAdd[T Float](dst, a, b []T) {
	checkLen3(dst, a, b)
	vector[T]().mulAdd(dst, a, b)
}

// AddScalar sets dst[i] = a + x[i].
func AddScalar[T Float](dst []T, a T, x []T) {
	checkLen2(dst, x)
	vector[T]().addScalar(dst, x, a)
}

// Scale sets dst[i] = a * x[i].
func Scale[T Float](dst []T, a T, x []T) {
	checkLen2(dst, x)
	vector[T]().scale(dst, x, a)
}

// AXPY adds a*x[i] to dst[i].
func AXPY[T Float](dst []T, a T, x []T) {
	checkLen2(dst, x)
	vector[T]().axpy(dst, x, a)
}

// Square sets dst[i] = x[i] * x[i].
func Square[T Float](dst, x []T) {
	checkLen2(dst, x)
	vector[T]().square(dst, x)
}

// Sqrt sets dst[i] to the square root of x[i], NaN if x[i] is negative.
func Sqrt[T Float](dst, x []T) {
	checkLen2(dst, x)
	vector[T]().sqrt(dst, x)
}

// Abs sets dst[i] = |x[i]|.
func Abs[T Float](dst, x []T) {
	checkLen2(dst, x)
	vector[T]().abs(dst, x)
}

// Neg sets dst[i] = -x[i].
func Neg[T Float](dst, x []T) {
	checkLen2(dst, x)
	vector[T]().neg(dst, x)
}
