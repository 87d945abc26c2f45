package kernel

// Sums of this file are accumulated in float64, in an order that depends on the length and
// the level only.

// SquaredErrorSum returns the sum of (a[i]-b[i])^2.
func SquaredErrorSum[T Float](a, b []T) float64 {
	checkLen2(a, b)
	return vector[T]().squaredErrorSum(a, b)
}

// SquaredErrorGrad sets dst[i] = scale*(a[i]-b[i]). With scale 2 that is the gradient of
// SquaredErrorSum in a. dst may be a or b.
func SquaredErrorGrad[T Float](dst, a, b []T, scale T) {
	checkLen3(dst, a, b)
	vector[T]().squaredErrorGrad(dst, a, b, scale)
}

// BernoulliSum returns the negative log-likelihood, in nats, of x under independent
// Bernoulli variables with the given logits: the sum of softplus(logits[i]) -
// x[i]*logits[i], evaluated without overflow or cancellation. x is usually in [0, 1].
func BernoulliSum[T Float](logits, x []T) float64 {
	checkLen2(logits, x)
	return vector[T]().bernoulliSum(logits, x)
}

// BernoulliGrad sets dst[i] = scale*(sigmoid(logits[i])-x[i]), with scale 1 the gradient of
// BernoulliSum in the logits. dst may be logits or x.
func BernoulliGrad[T Float](dst, logits, x []T, scale T) {
	checkLen3(dst, logits, x)
	vector[T]().bernoulliGrad(dst, logits, x, scale)
}

// BernoulliSumGrad does BernoulliGrad and returns BernoulliSum (not scaled), in one pass.
func BernoulliSumGrad[T Float](dst, logits, x []T, scale T) float64 {
	checkLen3(dst, logits, x)
	return vector[T]().bernoulliSumGrad(dst, logits, x, scale)
}
