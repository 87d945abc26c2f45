package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
)

// logCoefs are those of p, lowest first, in 2 atanh(s) = 2s + s^3 p(s^2) for |s| <= 1/5:
// minimax in the error relative to 2s, which is 2^-34.3 and 2^-61.7.
var logCoefs = map[elem][]float64{
	f32: {0.666666631469414452, 0.400008541814331901, 0.285073860623511443, 0.240953933427999019},
	f64: {
		0.666666666666666015, 0.400000000000538339, 0.285714285563962671, 0.222222242406723033,
		0.181816688706290084, 0.153910224136152708, 0.131749986417967807, 0.138341291353693748,
	},
}

// log1pSmall returns t such that log(1+f) = f - t, for f between -1/4 and 1/2. With
// s = f/(2+f), log(1+f) is 2 atanh(s) and 2s is f - s*f, which is f - f^2/2 + s*f^2/2.
func (c code) log1pSmall(f value) value {
	s := c.div(f, c.add(f, c.float(2)))
	z := c.mul(s, s)
	h := c.mul(c.mul(f, f), c.float(0.5))
	return c.fnma(s, c.fma(z, c.horner(z, logCoefs[c.elem]), h), h)
}

// log1pUnit returns log(1+u) for u in [0, 1]. Above 1/2 it takes log 2 out, so that the
// argument left, (u-1)/2, is again small and exact.
func (c code) log1pUnit(u value) value {
	big := c.compare(u, greater, c.float(0.5))
	f := c.choose(big, c.fma(u, c.float(0.5), c.inReg(c.float(-0.5))), u)
	return c.add(c.choose(big, c.float(ln2), c.float(0)), c.sub(f, c.log1pSmall(f)))
}

// log returns the natural logarithm of x = 2^e m, m between 3/4 and 3/2.
func (c code) log(x value) value {
	m, e := c.frexp(x)
	f := c.sub(m, c.float(1))
	t := c.fnma(e, c.float(ln2Parts[c.elem][1]), c.log1pSmall(f))
	y := c.fma(e, c.float(ln2Parts[c.elem][0]), c.sub(f, t))
	if c.isa == avx512 {
		return y // frexp has brought what is special about 0, infinity and negative x
	}
	y = c.choose(c.compare(x, less, c.float(math.Inf(1))), y, x)
	zero := c.compare(x, equal, c.float(0))
	special := c.choose(zero, c.float(math.Inf(-1)), c.float(math.NaN()))
	return c.choose(c.compare(x, notLessEqual, c.float(0)), y, special)
}

// frexp returns m between 3/4 and 3/2 and an integer e with x = 2^e m. On AVX-512, e is
// infinite for 0 and infinity and m is NaN for a negative x.
func (c code) frexp(x value) (m, e value) {
	if c.isa == avx512 {
		// Sign control 3: a negative number gives NaN, -0 the same as 0. Interval 3: [3/4, 3/2).
		const control = operand.U8(0b1111)
		mant, expo, below := c.reg(), c.reg(), c.reg()
		c.do(opGetMant, control, x, mant)
		c.do(opGetExp, x, expo)
		c.do(opGetExp, mant, below) // -1 for a mantissa below 1, else 0
		return mant, c.sub(expo, below)
	}
	bits := mantissaBits[c.elem]
	smallestNormal, up, bias := 0x1p-126, 0x1p24, 128.0
	if c.elem == f64 {
		smallestNormal, up, bias = 0x1p-1022, 0x1p54, 1024
	}
	tiny := c.compare(x, less, c.float(smallestNormal))
	x = c.choose(tiny, c.mul(x, c.float(up)), x)
	_, upBits := math.Frexp(up)
	shifted := c.choose(tiny, c.float(float64(1-upBits)), c.float(0))

	// The difference of the bits has e in its upper part, in two's complement.
	d := c.intSub(x, c.float(0.75))
	m = c.intSub(x, c.and(d, c.bits(c.signBit()<<1-1<<bits)))

	// e + bias, which is positive, in the low bits of a number in [2^bits, 2^(bits+1)).
	oneUlp := math.Ldexp(1, bits)
	biased := c.shr(c.intAdd(d, c.bits(uint64(bias)<<bits)), bits)
	e = c.sub(c.or(biased, c.float(oneUlp)), c.float(oneUlp+bias))
	return m, c.add(e, shifted)
}

// softplusFrom returns log(1+e^x) = max(x, 0) + log(1+e) with e = e^-|x|.
func (c code) softplusFrom(x, e value) value {
	return c.add(c.max(c.float(0), x), c.log1pUnit(e))
}

func (c code) softplus(x value) value { return c.softplusFrom(x, c.expNegative(c.negAbs(x))) }
