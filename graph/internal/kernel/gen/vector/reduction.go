package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// halves reports whether a float32 term goes, as float64, to two accumulators.
func (l *loop) halves() bool { return l.k.result == sumFloat64 && l.elem == f32 }

// accumulator returns the code that works on the type of the accumulators.
func (l *loop) accumulator() code {
	if l.k.result == sumFloat64 {
		return code{l.isa, f64}
	}
	return l.code
}

func (l *loop) reductionOp() op {
	if l.k.result == maxNative {
		return opMax
	}
	return opAdd
}

// identity is the value that leaves the reduction as it is.
func (l *loop) identity(c code) value {
	if l.k.result == maxNative {
		return c.float(math.Inf(-1))
	}
	return c.float(0)
}

func (l *loop) startReduction() {
	if l.k.result == none {
		return
	}
	c := l.accumulator()
	n := l.k.unroll
	if l.halves() {
		n *= 2
	}
	for range n {
		l.acc = append(l.acc, c.copyOf(l.identity(c)))
	}
}

// reduce adds term to the accumulators of slot.
func (l *loop) reduce(slot int, term value, tail mask) {
	if tail != nil && !l.k.wide {
		term = l.choose(tail, term, l.identity(l.code))
	}
	c := l.accumulator()
	if !l.halves() {
		// The accumulator stands where a maximum with NaN returns it.
		c.do(l.reductionOp(), l.acc[slot], term, l.acc[slot])
		return
	}
	v := term.(reg.VecVirtual)
	low, high := c.reg(), c.reg()
	if l.isa == avx512 {
		VCVTPS2PD(v.AsY(), low)
		VEXTRACTF32X8(operand.U8(1), v, high.AsY())
		VCVTPS2PD(high.AsY(), high)
	} else {
		VCVTPS2PD(v.AsX(), low)
		VEXTRACTF128(operand.U8(1), v, high.AsX())
		VCVTPS2PD(high.AsX(), high)
	}
	c.do(opAdd, low, l.acc[2*slot], l.acc[2*slot])
	c.do(opAdd, high, l.acc[2*slot+1], l.acc[2*slot+1])
}

// epilogue combines the accumulators, and then their lanes, in pairs, and returns the
// result.
func (l *loop) epilogue() {
	if l.k.result == none {
		return
	}
	c, o, acc := l.accumulator(), l.reductionOp(), l.acc
	for len(acc) > 1 {
		half := len(acc) / 2
		for i := range half {
			c.do(o, acc[half+i], acc[i], acc[i])
		}
		acc = acc[:half]
	}
	v := acc[0].(reg.VecVirtual)
	other := c.reg()
	if l.isa == avx512 {
		VEXTRACTF64X4(operand.U8(1), v, other.AsY())
		c.do(o, other.AsY(), v.AsY(), v.AsY())
	}
	VEXTRACTF128(operand.U8(1), v.AsY(), other.AsX())
	c.do(o, other.AsX(), v.AsX(), v.AsX())
	VPERMILPD(operand.U8(1), v.AsX(), other.AsX())
	c.do(o, other.AsX(), v.AsX(), v.AsX())
	if c.elem == f32 {
		VPERMILPS(operand.U8(1), v.AsX(), other.AsX())
		c.do(o, other.AsX(), v.AsX(), v.AsX())
	}
	Store(v.AsX(), ReturnIndex(0))
}
