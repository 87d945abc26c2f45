package main

// reductions lists the kernels that return a number.
var reductions = []kernel{
	{name: "sum", inputs: 1, result: sumFloat64, wide: true, unroll: 4,
		body: func(c code, in []value, _ value) (out, term value) { return nil, in[0] }},
	{name: "sumSquares", inputs: 1, result: sumFloat64, wide: true, unroll: 4,
		body: func(c code, in []value, _ value) (out, term value) { return nil, c.mul(in[0], in[0]) }},
	{name: "dot", inputs: 2, result: sumFloat64, wide: true, unroll: 4,
		body: func(c code, in []value, _ value) (out, term value) { return nil, c.mul(in[0], in[1]) }},
	{name: "squaredErrorSum", inputs: 2, result: sumFloat64, wide: true, unroll: 4,
		body: func(c code, in []value, _ value) (out, term value) {
			d := c.sub(in[0], in[1])
			return nil, c.mul(d, d)
		}},
	{name: "sumZeros", inputs: 1, result: sumNative, unroll: 4,
		body: func(c code, in []value, _ value) (out, term value) { return nil, c.mul(in[0], c.float(0)) }},
	{name: "max", inputs: 1, result: maxNative, unroll: 4,
		body: func(c code, in []value, _ value) (out, term value) { return nil, in[0] }},
	{name: "bernoulliSum", inputs: 2, result: sumFloat64,
		body: func(c code, in []value, _ value) (out, term value) {
			e := c.expNegative(c.negAbs(in[0]))
			return nil, c.bernoulliNLL(in[0], in[1], e)
		}},
	{name: "bernoulliSumGrad", inputs: 2, store: true, scalar: true, result: sumFloat64,
		body: func(c code, in []value, s value) (out, term value) {
			e := c.expNegative(c.negAbs(in[0]))
			grad := c.mul(c.sub(c.sigmoidFrom(in[0], e), in[1]), s)
			return grad, c.bernoulliNLL(in[0], in[1], e)
		}},
	{name: "sumExp", inputs: 1, scalar: true, result: sumFloat64,
		body: func(c code, in []value, s value) (out, term value) { return nil, c.exp(c.sub(in[0], s)) }},
	{name: "expSum", inputs: 1, store: true, scalar: true, result: sumFloat64,
		body: func(c code, in []value, s value) (out, term value) {
			e := c.exp(c.sub(in[0], s))
			return e, e
		}},
}

// bernoulliNLL returns softplus(l) - x*l, given e = e^-|l|. The large terms meet first.
func (c code) bernoulliNLL(l, x, e value) value {
	return c.add(c.fnma(x, l, c.max(c.float(0), l)), c.log1pUnit(e))
}
