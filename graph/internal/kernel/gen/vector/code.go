package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

type isa string

const (
	avx2   isa = "AVX2"
	avx512 isa = "AVX512"
)

type elem string

const (
	f32 elem = "F32"
	f64 elem = "F64"
)

func (e elem) size() int {
	if e == f32 {
		return 4
	}
	return 8
}

func (e elem) goType() string {
	if e == f32 {
		return "float32"
	}
	return "float64"
}

// code emits instructions on vectors of elem for an instruction set.
type code struct {
	isa  isa
	elem elem
}

// A value is a vector register, or a constant in memory.
type value = operand.Op

// A mask says for each lane true or false: a mask register on AVX-512, on AVX2 a vector.
type mask = operand.Op

// vectorBytes is the size of a register.
func (c code) vectorBytes() int {
	if c.isa == avx512 {
		return 64
	}
	return 32
}

func (c code) lanes() int { return c.vectorBytes() / c.elem.size() }

func (c code) reg() reg.VecVirtual {
	if c.isa == avx512 {
		return ZMM()
	}
	return YMM()
}

// constants holds the data symbol of each constant that was used, by its bits.
var constants = map[string]operand.Mem{}

// bits returns a constant with the given bits in every lane. A symbol holds 32 bytes, what
// AVX2 loads; AVX-512 broadcasts the first lane.
func (c code) bits(u uint64) value {
	name := fmt.Sprintf("vector%v_%0*x", c.elem, 2*c.elem.size(), u)
	if m, ok := constants[name]; ok {
		return m
	}
	m := GLOBL(name, attr.RODATA|attr.NOPTR)
	if c.elem == f32 {
		u |= u << 32
	}
	for i := range 4 {
		DATA(8*i, operand.U64(u))
	}
	constants[name] = m
	return m
}

// float returns the constant v.
func (c code) float(v float64) value {
	if c.elem == f32 {
		return c.bits(uint64(math.Float32bits(float32(v))))
	}
	return c.bits(math.Float64bits(v))
}

func isConstant(v operand.Op) bool {
	_, ok := v.(operand.Mem)
	return ok
}

// inReg returns v in a register.
func (c code) inReg(v value) value {
	if !isConstant(v) {
		return v
	}
	return c.copyOf(v)
}

// copyOf returns v in a new register.
func (c code) copyOf(v value) value {
	d := c.reg()
	switch {
	case !isConstant(v) || c.isa == avx2:
		VMOVUPS(v, d)
	case c.elem == f32:
		VBROADCASTSS(v, d)
	default:
		VBROADCASTSD(v, d)
	}
	return d
}

// An op is an instruction by element type, and its form that broadcasts an element from
// memory.
type op struct{ ps, psBcst, pd, pdBcst func(...operand.Op) }

// do emits o with operands in the order of the Go assembler, the destination last. A
// constant may stand where the instruction takes memory, in front.
func (c code) do(o op, ops ...operand.Op) {
	bcst := false
	for _, v := range ops {
		bcst = bcst || c.isa == avx512 && isConstant(v)
	}
	switch {
	case c.elem == f32 && bcst:
		o.psBcst(ops...)
	case c.elem == f32:
		o.ps(ops...)
	case bcst:
		o.pdBcst(ops...)
	default:
		o.pd(ops...)
	}
}

// binary returns a new register with a o b.
func (c code) binary(o op, a, b value) value {
	d := c.reg()
	c.do(o, b, c.inReg(a), d)
	return d
}
