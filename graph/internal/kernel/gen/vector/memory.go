package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tailMask returns the mask of the first n lanes, for 0 < n < lanes.
func (l *loop) tailMask(n reg.Register) mask {
	if l.isa == avx512 {
		bits, k := GP64(), K()
		MOVQ(operand.I32(-1), bits)
		BZHIQ(n, bits, bits)
		KMOVW(bits.As32(), k)
		return k
	}
	// The vector at 32-size*n bytes of 32 bytes of ones followed by 32 of zeros.
	table, ok := constants["vectorTail"]
	if !ok {
		table = GLOBL("vectorTail", attr.RODATA|attr.NOPTR)
		for i := range 8 {
			ones := ^uint64(0)
			if i >= 4 {
				ones = 0
			}
			DATA(8*i, operand.U64(ones))
		}
		constants["vectorTail"] = table
	}
	p, neg, m := GP64(), GP64(), YMM()
	LEAQ(table.Offset(32), p)
	MOVQ(n, neg)
	NEGQ(neg)
	VMOVUPS(operand.Mem{Base: p, Index: neg, Scale: uint8(l.mem.size())}, m)
	return m
}

// load returns the vector at m, converted to float64 if memory holds float32 and the loop
// computes in float64. With a tail, only its lanes are read and the others are 0.
func (l *loop) load(m operand.Mem, tail mask) value {
	d := l.reg()
	narrow := l.mem == f32 && l.elem == f64
	switch {
	case tail == nil && narrow:
		VCVTPS2PD(m, d)
	case tail == nil:
		VMOVUPS(m, d)
	case l.isa == avx512 && narrow:
		VCVTPS2PD_Z(m, tail, d)
	case l.isa == avx512 && l.mem == f32:
		VMOVUPS_Z(m, tail, d)
	case l.isa == avx512:
		VMOVUPD_Z(m, tail, d)
	case narrow:
		VMASKMOVPS(m, tail.(reg.VecVirtual).AsX(), d.AsX())
		VCVTPS2PD(d.AsX(), d)
	case l.mem == f32:
		VMASKMOVPS(m, tail, d)
	default:
		VMASKMOVPD(m, tail, d)
	}
	return d
}

// storeTo writes v, of which a tail selects the lanes, to m, in the type of memory.
func (l *loop) storeTo(m operand.Mem, v value, tail mask) {
	if l.mem == f32 && l.elem == f64 {
		z := v.(reg.VecVirtual)
		if l.isa == avx512 {
			VCVTPD2PS(z, z.AsY())
			v = z.AsY()
		} else {
			VCVTPD2PSY(z, z.AsX())
			v = z.AsX()
			if tail != nil {
				tail = tail.(reg.VecVirtual).AsX()
			}
		}
	}
	switch {
	case tail == nil:
		VMOVUPS(v, m)
	case l.isa == avx512 && l.mem == f32:
		VMOVUPS(v, tail, m)
	case l.isa == avx512:
		VMOVUPD(v, tail, m)
	case l.mem == f32:
		VMASKMOVPS(v, tail, m)
	default:
		VMASKMOVPD(v, tail, m)
	}
}
