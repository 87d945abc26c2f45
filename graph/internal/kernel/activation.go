package kernel

// ReLU sets dst[i] = max(x[i], 0).
func ReLU[T Float](dst, x []T) {
	checkLen2(dst, x)
	vector[T]().relu(dst, x)
}

// ReLUGrad sets dx[i] = dy[i] where y[i] > 0 and 0 elsewhere: 0 is the subgradient taken
// at 0, and y may be the input or the output of ReLU.
func ReLUGrad[T Float](dx, y, dy []T) {
	checkLen3(dx, y, dy)
	vector[T]().reluGrad(dx, y, dy)
}

// LeakyReLU sets dst[i] = x[i] where x[i] > 0 and slope*x[i] elsewhere.
func LeakyReLU[T Float](dst, x []T, slope T) {
	checkLen2(dst, x)
	vector[T]().leakyReLU(dst, x, slope)
}

// LeakyReLUGrad sets dx[i] = dy[i] where y[i] > 0 and slope*dy[i] elsewhere. y may be the
// input or, for a slope that is not negative, the output of LeakyReLU.
func LeakyReLUGrad[T Float](dx, y, dy []T, slope T) {
	checkLen3(dx, y, dy)
	vector[T]().leakyReLUGrad(dx, y, dy, slope)
}

// ELU sets dst[i] = x[i] where x[i] > 0 and alpha*(e^x[i]-1) elsewhere (Clevert,
// Unterthiner and Hochreiter 2016).
func ELU[T Float](dst, x []T, alpha T) {
	checkLen2(dst, x)
	vector[T]().elu(dst, x, alpha)
}

// ELUGrad sets dx[i] = dy[i] where y[i] > 0 and dy[i]*(y[i]+alpha) elsewhere, from the
// output y of ELU. alpha must not be negative.
func ELUGrad[T Float](dx, y, dy []T, alpha T) {
	checkLen3(dx, y, dy)
	vector[T]().eluGrad(dx, y, dy, alpha)
}

// GELU sets dst[i] = x[i]*Phi(x[i]) where Phi(x) = (1+erf(x/sqrt 2))/2, the exact form of
// Hendrycks and Gimpel (2016). Phi has an absolute, not a relative, accuracy of a unit in
// the last place of 1, which matters below about x = -4 alone.
func GELU[T Float](dst, x []T) {
	checkLen2(dst, x)
	vector[T]().gelu(dst, x)
}

// GELUGrad sets dx[i] = dy[i]*(Phi(x[i]) + x[i]*phi(x[i])), from the input x of GELU; phi
// is the standard normal density.
func GELUGrad[T Float](dx, x, dy []T) {
	checkLen3(dx, x, dy)
	vector[T]().geluGrad(dx, x, dy)
}

// SigmoidGrad sets dx[i] = dy[i]*y[i]*(1-y[i]), from the output y of Sigmoid.
func SigmoidGrad[T Float](dx, y, dy []T) {
	checkLen3(dx, y, dy)
	vector[T]().sigmoidGrad(dx, y, dy)
}

// TanhGrad sets dx[i] = dy[i]*(1-y[i]*y[i]), from the output y of Tanh.
func TanhGrad[T Float](dx, y, dy []T) {
	checkLen3(dx, y, dy)
	vector[T]().tanhGrad(dx, y, dy)
}

// SoftplusGrad sets dx[i] = dy[i]*sigmoid(x[i]), from the input x of Softplus.
func SoftplusGrad[T Float](dx, x, dy []T) {
	checkLen3(dx, x, dy)
	vector[T]().softplusGrad(dx, x, dy)
}
