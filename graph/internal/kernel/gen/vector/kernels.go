package main

import "slices"

// kernels lists all kernels that are plain loops over elements.
var kernels = slices.Concat(unaryKernels, scalarKernels, binaryKernels, binaryScalarKernels, reductions)

// map1 is a kernel dst[i] = f(x[i]).
func map1(name string, unroll int, f func(code, value) value) kernel {
	return kernel{name: name, inputs: 1, store: true, unroll: unroll,
		body: func(c code, in []value, _ value) (value, value) { return f(c, in[0]), nil }}
}

// map1s is a kernel dst[i] = f(x[i], s).
func map1s(name string, unroll int, f func(c code, x, s value) value) kernel {
	return kernel{name: name, inputs: 1, store: true, scalar: true, unroll: unroll,
		body: func(c code, in []value, s value) (value, value) { return f(c, in[0], s), nil }}
}

// map2 is a kernel dst[i] = f(x[i], y[i]).
func map2(name string, unroll int, f func(c code, x, y value) value) kernel {
	return kernel{name: name, inputs: 2, store: true, unroll: unroll,
		body: func(c code, in []value, _ value) (value, value) { return f(c, in[0], in[1]), nil }}
}

// map2s is a kernel dst[i] = f(x[i], y[i], s).
func map2s(name string, unroll int, f func(c code, x, y, s value) value) kernel {
	return kernel{name: name, inputs: 2, store: true, scalar: true, unroll: unroll,
		body: func(c code, in []value, s value) (value, value) { return f(c, in[0], in[1], s), nil }}
}

var unaryKernels = []kernel{
	map1("exp", 1, code.exp),
	map1("log", 1, code.log),
	map1("tanh", 1, code.tanh),
	map1("sigmoid", 1, code.sigmoid),
	map1("softplus", 1, code.softplus),
	map1("logSigmoid", 1, func(c code, x value) value { return c.neg(c.softplus(c.neg(x))) }),
	map1("erf", 1, code.erf),
	map1("gelu", 1, code.gelu),
	map1("square", 4, func(c code, x value) value { return c.mul(x, x) }),
	map1("sqrt", 1, code.sqrt),
	map1("abs", 4, code.abs),
	map1("neg", 4, code.neg),
	map1("relu", 4, func(c code, x value) value { return c.max(c.float(0), x) }),
}

var scalarKernels = []kernel{
	map1s("addScalar", 4, code.add),
	map1s("scale", 4, code.mul),
	{name: "axpy", inputs: 1, store: true, update: true, scalar: true, unroll: 4,
		body: func(c code, in []value, s value) (value, value) { return c.fma(in[0], s, in[1]), nil }},
	map1s("leakyReLU", 4, func(c code, x, s value) value {
		return c.choose(c.compare(x, greater, c.float(0)), x, c.mul(x, s))
	}),
	map1s("elu", 1, code.elu),
}

var binaryKernels = []kernel{
	map2("add", 4, code.add),
	map2("sub", 4, code.sub),
	map2("mul", 4, code.mul),
	map2("div", 1, code.div),
	{name: "mulAdd", inputs: 2, store: true, update: true, unroll: 4,
		body: func(c code, in []value, _ value) (value, value) { return c.fma(in[0], in[1], in[2]), nil }},
	map2("addSigmoid", 1, func(c code, x, y value) value { return c.sigmoid(c.add(x, y)) }),
	map2("addTanh", 1, func(c code, x, y value) value { return c.tanh(c.add(x, y)) }),
	map2("addReLU", 4, func(c code, x, y value) value { return c.max(c.float(0), c.add(x, y)) }),
	map2("sigmoidGrad", 4, func(c code, y, dy value) value {
		return c.mul(dy, c.mul(y, c.sub(c.float(1), y)))
	}),
	map2("tanhGrad", 4, func(c code, y, dy value) value {
		return c.mul(dy, c.fnma(y, y, c.float(1)))
	}),
	map2("reluGrad", 4, func(c code, y, dy value) value {
		return c.choose(c.compare(y, greater, c.float(0)), dy, c.float(0))
	}),
	map2("softplusGrad", 1, func(c code, x, dy value) value { return c.mul(dy, c.sigmoid(x)) }),
	map2("geluGrad", 1, func(c code, x, dy value) value { return c.mul(dy, c.geluSlope(x)) }),
}

var binaryScalarKernels = []kernel{
	map2s("leakyReLUGrad", 4, func(c code, y, dy, s value) value {
		return c.choose(c.compare(y, greater, c.float(0)), dy, c.mul(dy, s))
	}),
	map2s("eluGrad", 4, func(c code, y, dy, s value) value {
		return c.choose(c.compare(y, greater, c.float(0)), dy, c.mul(dy, c.add(y, s)))
	}),
	map2s("squaredErrorGrad", 4, func(c code, x, y, s value) value { return c.mul(c.sub(x, y), s) }),
	map2s("bernoulliGrad", 1, func(c code, l, x, s value) value {
		return c.mul(c.sub(c.sigmoid(l), x), s)
	}),
	map2s("softmaxGrad", 4, func(c code, y, dy, s value) value { return c.mul(y, c.sub(dy, s)) }),
	map2s("logSoftmaxGrad", 1, func(c code, y, dy, s value) value { return c.fnma(c.exp(y), s, dy) }),
}
