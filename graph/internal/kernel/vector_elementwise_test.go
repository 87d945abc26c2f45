package kernel

// An elementwise is a function of the package under test, with its arguments in one order.
// x and y are inputs, s a scalar, and dst also an input where update is set.
type elementwise[T Float] struct {
	name   string
	inputs int
	update bool
	run    func(dst, x, y []T, s T)

	// tolerance is in units of T's epsilon relative to |result| + size; 0 asks for the
	// bits of the generic function.
	tolerance, size float64

	limit float64 // if positive, the largest |x| that makes sense
}

func unaryCase[T Float](name string, f func(dst, x []T), tolerance, size float64) elementwise[T] {
	return elementwise[T]{name: name, inputs: 1, tolerance: tolerance, size: size,
		run: func(dst, x, _ []T, _ T) { f(dst, x) }}
}

func scalarCase[T Float](name string, f func(dst, x []T, s T), tolerance, size float64) elementwise[T] {
	return elementwise[T]{name: name, inputs: 1, tolerance: tolerance, size: size,
		run: func(dst, x, _ []T, s T) { f(dst, x, s) }}
}

func binaryCase[T Float](name string, f func(dst, x, y []T), tolerance, size float64) elementwise[T] {
	return elementwise[T]{name: name, inputs: 2, tolerance: tolerance, size: size,
		run: func(dst, x, y []T, _ T) { f(dst, x, y) }}
}

func binaryScalarCase[T Float](name string, f func(dst, x, y []T, s T), tolerance, size float64) elementwise[T] {
	return elementwise[T]{name: name, inputs: 2, tolerance: tolerance, size: size, run: f}
}

// elementwiseCases lists every element-wise function. Inputs are of size 8 and less.
func elementwiseCases[T Float]() []elementwise[T] {
	mulAdd := binaryCase("MulAdd", MulAdd[T], 1, 64)
	axpy := scalarCase("AXPY", func(dst, x []T, s T) { AXPY(dst, s, x) }, 1, 64)
	mulAdd.update, axpy.update = true, true
	tanhGrad := binaryCase("TanhGrad", TanhGrad[T], 2, 512)
	tanhGrad.limit = 1
	logSoftmaxGrad := binaryScalarCase("logSoftmaxGrad",
		func(dst, x, y []T, s T) { vector[T]().logSoftmaxGrad(dst, x, y, s) }, 3, 8)
	logSoftmaxGrad.limit = 9
	return []elementwise[T]{
		mulAdd, axpy, tanhGrad, logSoftmaxGrad,
		unaryCase("Exp", Exp[T], 3, 0),
		unaryCase("Log", Log[T], 3, 0),
		unaryCase("Tanh", Tanh[T], 3, 0),
		unaryCase("Sigmoid", Sigmoid[T], 3, 0),
		unaryCase("Softplus", Softplus[T], 3, 0),
		unaryCase("LogSigmoid", LogSigmoid[T], 3, 0),
		unaryCase("Erf", Erf[T], 3, 0),
		unaryCase("GELU", GELU[T], 3, 8),
		unaryCase("Square", Square[T], 0, 0),
		unaryCase("Sqrt", Sqrt[T], 0, 0),
		unaryCase("Abs", Abs[T], 0, 0),
		unaryCase("Neg", Neg[T], 0, 0),
		unaryCase("ReLU", ReLU[T], 0, 0),
		scalarCase("AddScalar", func(dst, x []T, s T) { AddScalar(dst, s, x) }, 0, 0),
		scalarCase("Scale", func(dst, x []T, s T) { Scale(dst, s, x) }, 0, 0),
		scalarCase("LeakyReLU", LeakyReLU[T], 0, 0),
		scalarCase("ELU", ELU[T], 3, 0),
		binaryCase("Add", Add[T], 0, 0),
		binaryCase("Sub", Sub[T], 0, 0),
		binaryCase("Mul", Mul[T], 0, 0),
		binaryCase("Div", Div[T], 0, 0),
		binaryCase("SigmoidGrad", SigmoidGrad[T], 0, 0),
		binaryCase("ReLUGrad", ReLUGrad[T], 0, 0),
		binaryCase("SoftplusGrad", SoftplusGrad[T], 3, 0),
		binaryCase("GELUGrad", GELUGrad[T], 4, 8),
		binaryScalarCase("LeakyReLUGrad", LeakyReLUGrad[T], 0, 0),
		binaryScalarCase("ELUGrad", ELUGrad[T], 0, 0),
		binaryScalarCase("SquaredErrorGrad", SquaredErrorGrad[T], 0, 0),
		binaryScalarCase("BernoulliGrad", BernoulliGrad[T], 3, 1),
		binaryScalarCase("BernoulliSumGrad", func(dst, x, y []T, s T) { BernoulliSumGrad(dst, x, y, s) }, 3, 1),
		binaryScalarCase("softmaxGrad", func(dst, x, y []T, s T) { vector[T]().softmaxGrad(dst, x, y, s) }, 0, 0),
		scalarCase("expSum", func(dst, x []T, s T) { vector[T]().expSum(dst, x, s) }, 16, 0),
		biasCase[T]("BiasActivate identity", ActIdentity, 0),
		biasCase[T]("BiasActivate sigmoid", ActSigmoid, 16),
		biasCase[T]("BiasActivate tanh", ActTanh, 3),
		biasCase[T]("BiasActivate relu", ActReLU, 0),
		biasCase[T]("BiasActivate leaky relu", ActLeakyReLU, 0),
		biasCase[T]("BiasActivate elu", ActELU, 3),
	}
}

// biasCase computes act(x + y) by BiasActivate, which works in place.
func biasCase[T Float](name string, act Activation, tolerance float64) elementwise[T] {
	return binaryScalarCase(name, func(dst, x, y []T, s T) {
		bias := append([]T(nil), y...) // dst may be y
		copy(dst, x)
		BiasActivate(dst, bias, act, s)
	}, tolerance, 1)
}
