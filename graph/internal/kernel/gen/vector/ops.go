package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

var (
	opAdd  = op{VADDPS, VADDPS_BCST, VADDPD, VADDPD_BCST}
	opSub  = op{VSUBPS, VSUBPS_BCST, VSUBPD, VSUBPD_BCST}
	opMul  = op{VMULPS, VMULPS_BCST, VMULPD, VMULPD_BCST}
	opDiv  = op{VDIVPS, VDIVPS_BCST, VDIVPD, VDIVPD_BCST}
	opMin  = op{VMINPS, VMINPS_BCST, VMINPD, VMINPD_BCST}
	opMax  = op{VMAXPS, VMAXPS_BCST, VMAXPD, VMAXPD_BCST}
	opAnd  = op{VANDPS, VANDPS_BCST, VANDPD, VANDPD_BCST}
	opOr   = op{VORPS, VORPS_BCST, VORPD, VORPD_BCST}
	opXor  = op{VXORPS, VXORPS_BCST, VXORPD, VXORPD_BCST}
	opSqrt = op{VSQRTPS, VSQRTPS_BCST, VSQRTPD, VSQRTPD_BCST}

	opFMA213  = op{VFMADD213PS, VFMADD213PS_BCST, VFMADD213PD, VFMADD213PD_BCST}
	opFMA231  = op{VFMADD231PS, VFMADD231PS_BCST, VFMADD231PD, VFMADD231PD_BCST}
	opFNMA231 = op{VFNMADD231PS, VFNMADD231PS_BCST, VFNMADD231PD, VFNMADD231PD_BCST}

	opCmp   = op{VCMPPS, VCMPPS_BCST, VCMPPD, VCMPPD_BCST}
	opBlend = op{VBLENDMPS, VBLENDMPS_BCST, VBLENDMPD, VBLENDMPD_BCST}

	// On the bits of the elements as integers.
	opIntAdd = op{VPADDD, VPADDD_BCST, VPADDQ, VPADDQ_BCST}
	opIntSub = op{VPSUBD, VPSUBD_BCST, VPSUBQ, VPSUBQ_BCST}
	opShl    = op{ps: VPSLLD, pd: VPSLLQ}
	opShr    = op{ps: VPSRLD, pd: VPSRLQ}

	// AVX-512 only.
	opScaleF  = op{VSCALEFPS, VSCALEFPS_BCST, VSCALEFPD, VSCALEFPD_BCST}
	opGetExp  = op{ps: VGETEXPPS, pd: VGETEXPPD}
	opGetMant = op{ps: VGETMANTPS, pd: VGETMANTPD}
	opRound   = op{ps: VRNDSCALEPS, pd: VRNDSCALEPD}
)

func (c code) add(a, b value) value { return c.binary(opAdd, a, b) }
func (c code) sub(a, b value) value { return c.binary(opSub, a, b) }
func (c code) mul(a, b value) value { return c.binary(opMul, a, b) }
func (c code) div(a, b value) value { return c.binary(opDiv, a, b) }
func (c code) and(a, b value) value { return c.binary(opAnd, a, b) }
func (c code) or(a, b value) value  { return c.binary(opOr, a, b) }
func (c code) xor(a, b value) value { return c.binary(opXor, a, b) }

// min and max return b where a or b is NaN.
func (c code) min(a, b value) value { return c.binary(opMin, a, b) }
func (c code) max(a, b value) value { return c.binary(opMax, a, b) }

func (c code) intAdd(a, b value) value { return c.binary(opIntAdd, a, b) }
func (c code) intSub(a, b value) value { return c.binary(opIntSub, a, b) }

func (c code) sqrt(a value) value {
	d := c.reg()
	c.do(opSqrt, a, d)
	return d
}

func (c code) shl(a value, n int) value { return c.shift(opShl, a, n) }
func (c code) shr(a value, n int) value { return c.shift(opShr, a, n) }

func (c code) shift(o op, a value, n int) value {
	d := c.reg()
	c.do(o, operand.U8(n), a, d)
	return d
}

// fma returns a*b + s, fnma s - a*b. b may be a constant, and for fma so may s instead.
func (c code) fma(a, b, s value) value {
	if isConstant(s) && !isConstant(b) {
		d := c.copyOf(a)
		c.do(opFMA213, s, b, d)
		return d
	}
	d := c.copyOf(s)
	c.do(opFMA231, b, c.inReg(a), d)
	return d
}

func (c code) fnma(a, b, s value) value {
	d := c.copyOf(s)
	c.do(opFNMA231, b, c.inReg(a), d)
	return d
}

// horner returns the polynomial with the given coefficients, lowest first.
func (c code) horner(x value, coefs []float64) value {
	d := c.copyOf(c.float(coefs[len(coefs)-1]))
	for i := len(coefs) - 2; i >= 0; i-- {
		c.do(opFMA213, c.float(coefs[i]), x, d)
	}
	return d
}

func (c code) neg(a value) value { return c.xor(a, c.bits(c.signBit())) }
func (c code) abs(a value) value { return c.and(a, c.bits(c.signBit()-1)) }

// negAbs returns -|a|.
func (c code) negAbs(a value) value { return c.or(a, c.bits(c.signBit())) }

// withSign returns a, which is not negative, with the sign of b.
func (c code) withSign(a, b value) value {
	return c.or(a, c.and(b, c.bits(c.signBit())))
}

func (c code) signBit() uint64 { return 1 << (8*c.elem.size() - 1) }

// A predicate is the immediate operand of a comparison.
type predicate uint8

const (
	equal        predicate = 0x00
	less         predicate = 0x11
	notLessEqual predicate = 0x16 // greater, or unordered
	greater      predicate = 0x1e
)

// compare returns a p b.
func (c code) compare(a value, p predicate, b value) mask {
	var d mask = c.reg()
	if c.isa == avx512 {
		d = K()
	}
	c.do(opCmp, operand.U8(p), b, c.inReg(a), d)
	return d
}

// choose returns a where m is true and b elsewhere.
func (c code) choose(m mask, a, b value) value {
	d := c.reg()
	switch {
	case c.isa == avx512:
		c.do(opBlend, a, c.inReg(b), m, d)
	case c.elem == f32:
		VBLENDVPS(m, a, c.inReg(b), d)
	default:
		VBLENDVPD(m, a, c.inReg(b), d)
	}
	return d
}
