package main

// tanhCoefs are those of p, lowest first, in tanh(x) = x + x^3 p(x^2) for |x| <= 0.55:
// minimax in the relative error, which is 2^-29.9 and 2^-60.7.
var tanhCoefs = map[elem][]float64{
	f32: {
		-0.333333180441476799, 0.133326016585039397, -0.053853856397382578,
		0.0210777545515854412, -0.00628246957228793698,
	},
	f64: {
		-0.333333333333332997, 0.13333333333326833, -0.0539682539638786263,
		0.021869488389104418, -0.00886323265280947403, 0.00359209253273156089,
		-0.00145554598504721759, 0.000588457051836992828, -0.000233412732568333356,
		0.0000833600714271327967, -0.0000195210270412199219,
	},
}

// tanhLimits are arguments above which tanh rounds to 1.
var tanhLimits = map[elem]float64{f32: 10, f64: 20}

// tanh returns the hyperbolic tangent: near 0 a polynomial, elsewhere E/(E+2) with
// E = e^2|x| - 1, in which an error of E shrinks.
func (c code) tanh(x value) value {
	t := c.abs(x)
	z := c.mul(x, x)
	small := c.fma(c.mul(x, z), c.horner(z, tanhCoefs[c.elem]), x)
	limited := c.min(c.float(tanhLimits[c.elem]), t)
	e := c.expm1(c.add(limited, limited))
	large := c.withSign(c.div(e, c.add(e, c.float(2))), x)
	return c.choose(c.compare(t, less, c.float(0.55)), small, large)
}
