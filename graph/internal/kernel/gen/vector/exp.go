package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// expCoefs are those of q, lowest first, in e^r = 1 + r + r^2 q(r) for |r| <= ln(2)/2:
// minimax in the error relative to e^r - 1, which is 2^-32.0 and 2^-61.7.
var expCoefs = map[elem][]float64{
	f32: {
		0.500000004652310818, 0.166666668177263253, 0.0416663541624002914,
		0.00833327289022835318, 0.0013941050416632839, 0.00019914261096851482,
	},
	f64: {
		0.5, 0.166666666666666766, 0.0416666666666667018, 0.00833333333332157834,
		0.00138888888888666579, 0.000198412698862662879, 0.0000248015873608735668,
		2.75572440617789307e-6, 2.75572425100087152e-7, 2.5109090490602839e-8,
		2.09245159215621834e-9,
	},
}

// ln2Parts are a number with few enough bits that its product with an exponent is exact,
// and the rest of ln 2, which is positive.
var ln2Parts = map[elem][2]float64{
	f32: {0x1.62e4p-1, 1.42860682030941723212e-6},
	f64: {0x1.62e42feep-1, 1.90821492927058770002e-10},
}

const (
	log2e = 1.44269504088896340736
	ln2   = 0.693147180559945309417
)

// expLimits are arguments below which e^x rounds to 0, and above which to infinity.
var expLimits = map[elem][2]float64{f32: {-104, 89}, f64: {-746, 710}}

// mantissaBits is the number of bits below the exponent.
var mantissaBits = map[elem]int{f32: 23, f64: 52}

// roundingMagic is a number whose unit in the last place is 1: added to an integer n, it
// leaves n in the low bits.
var roundingMagic = map[elem]float64{f32: 0x1.8p23, f64: 0x1.8p52}

// round returns a rounded to the nearest integer.
func (c code) round(a value) value {
	const nearestQuiet = operand.U8(8)
	d := c.reg()
	switch {
	case c.isa == avx512:
		c.do(opRound, nearestQuiet, a, d)
	case c.elem == f32:
		VROUNDPS(nearestQuiet, a, d)
	default:
		VROUNDPD(nearestQuiet, a, d)
	}
	return d
}

// pow2 returns 2^n for an integer n in the range of normal exponents.
func (c code) pow2(n value) value {
	if c.isa == avx512 {
		return c.binary(opScaleF, c.float(1), n)
	}
	exponent := c.shl(c.add(n, c.float(roundingMagic[c.elem])), mantissaBits[c.elem])
	return c.intAdd(exponent, c.float(1))
}

// scaleBy returns a*2^n, rounded once, for any integer n that a finite argument of exp
// can give.
func (c code) scaleBy(a, n value) value {
	if c.isa == avx512 {
		return c.binary(opScaleF, a, n)
	}
	half := c.round(c.mul(n, c.float(0.5)))
	return c.mul(c.mul(a, c.pow2(half)), c.pow2(c.sub(n, half)))
}

// expReduce returns n and r with x = n ln 2 + r, n an integer and |r| <= ln(2)/2.
func (c code) expReduce(x value) (n, r value) {
	n = c.round(c.mul(x, c.float(log2e)))
	r = c.fnma(n, c.float(ln2Parts[c.elem][0]), x)
	return n, c.fnma(n, c.float(ln2Parts[c.elem][1]), r)
}

// expm1Small returns e^r - 1 for |r| <= ln(2)/2.
func (c code) expm1Small(r value) value {
	return c.fma(c.horner(r, expCoefs[c.elem]), c.mul(r, r), r)
}

// expNegative returns e^x for x that is not above the upper limit.
func (c code) expNegative(x value) value {
	x = c.max(c.float(expLimits[c.elem][0]), x)
	n, r := c.expReduce(x)
	return c.scaleBy(c.add(c.expm1Small(r), c.float(1)), n)
}

// exp returns e^x.
func (c code) exp(x value) value {
	return c.expNegative(c.min(c.float(expLimits[c.elem][1]), x))
}

// expm1 returns e^x - 1, accurate near 0 too, for x between -60 and 80.
func (c code) expm1(x value) value {
	n, r := c.expReduce(x)
	s := c.pow2(n)
	return c.fma(c.expm1Small(r), s, c.sub(s, c.float(1)))
}

// sigmoid returns 1/(1+e^-x), from e = e^-|x|.
func (c code) sigmoid(x value) value { return c.sigmoidFrom(x, c.expNegative(c.negAbs(x))) }

// sigmoidFrom returns the numerator, e or 1, over 1+e. The quotient is corrected for the
// rounding of 1+e, which would else bring the error to 2.2 units in the last place.
func (c code) sigmoidFrom(x, e value) value {
	numerator := c.choose(c.compare(x, less, c.float(0)), e, c.float(1))
	sum := c.add(e, c.float(1))
	lost := c.sub(e, c.sub(sum, c.float(1)))
	inverse := c.div(c.float(1), sum)
	q := c.mul(numerator, inverse)
	rest := c.fnma(q, lost, c.fnma(q, sum, numerator))
	return c.fma(rest, inverse, q)
}

// elu returns x where it is positive and s*(e^x-1) elsewhere.
func (c code) elu(x, s value) value {
	lowest := c.float(-60) // e^-60 is nothing beside 1
	e := c.expm1(c.max(lowest, c.min(c.float(0), x)))
	return c.choose(c.compare(x, greater, c.float(0)), x, c.mul(e, s))
}
