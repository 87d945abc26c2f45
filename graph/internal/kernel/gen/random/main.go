// Program random writes the assembly of the random numbers: Philox4x32-10 and the maps from
// its words to float32 distributions, for AVX2 and AVX-512.
package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An isa is an instruction set with vectors of that many bytes.
type isa struct {
	name  string
	bytes int
}

// A distribution maps vectors of words, in place, to elements of dst.
type distribution struct {
	name, element string
	usesP         bool // has probabilities
	apply         func(f *function, words []reg.VecVirtual)
}

// A function is one under construction, with the registers that its distribution needs.
type function struct {
	isa
	p   reg.Register
	one reg.VecVirtual
}

func main() {
	build.ConstraintExpr("!purego")
	for _, s := range []isa{{"AVX2", 32}, {"AVX512", 64}} {
		for _, d := range []distribution{
			{"Uint32s", "uint32", false, func(*function, []reg.VecVirtual) {}},
			{"Uniform", "float32", false, (*function).uniform},
			{"Bernoulli", "float32", true, (*function).bernoulli},
			{"Normal", "float32", false, (*function).normal},
		} {
			(&function{isa: s}).write(d)
		}
	}
	build.Generate()
}

// write emits one function: a loop that encrypts two vectors of counters and stores the four
// vectors of words they give, mapped by d.
func (f *function) write(d distribution) {
	p := ""
	if d.usesP {
		p = "p *float32, "
	}
	build.TEXT("random"+d.name+f.name, attr.NOSPLIT, "func(dst *"+d.element+", "+p+"n int, s *[23]uint64)")
	build.Doc("random" + d.name + f.name + " draws n elements, a multiple of 64, from state s on.")
	build.Pragma("noescape")
	dst := build.Load(build.Param("dst"), build.GP64())
	if d.usesP {
		f.p = build.Load(build.Param("p"), build.GP64())
		f.one = f.float(1)
	}
	n := build.Load(build.Param("n"), build.GP64())
	x := f.newPhilox(build.Load(build.Param("s"), build.GP64()))

	loop, done := d.name+f.name+"Loop", d.name+f.name+"Done"
	build.TESTQ(n, n)
	build.JZ(operand.LabelRef(done))
	build.Label(loop)
	words := x.blocks()
	d.apply(f, words)
	for i, w := range words {
		build.VMOVUPS(w, operand.Mem{Base: dst, Disp: i * f.bytes})
	}
	step := len(words) * f.bytes
	build.ADDQ(operand.U32(step), dst)
	if d.usesP {
		build.ADDQ(operand.U32(step), f.p)
	}
	build.SUBQ(operand.U32(step/4), n)
	build.JNZ(operand.LabelRef(loop))
	build.Label(done)
	build.VZEROUPPER()
	build.RET()
}

// vec allocates a vector register.
func (s isa) vec() reg.VecVirtual {
	if s.bytes == 64 {
		return build.ZMM()
	}
	return build.YMM()
}

// vecs allocates n vector registers.
func (s isa) vecs(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = s.vec()
	}
	return v
}

// table holds the constants in read-only memory, each there once.
var table = map[uint64]operand.Mem{}

// constant64 is the place of a constant of 64 bits; its low half serves as one of 32 bits.
func constant64(x uint64) operand.Mem {
	m, ok := table[x]
	if !ok {
		m = build.ConstData(fmt.Sprintf("random%x", x), operand.U64(x))
		table[x] = m
	}
	return m
}

// integer loads x into all 32-bit lanes of a new register.
func (s isa) integer(x uint32) reg.VecVirtual {
	v := s.vec()
	build.VBROADCASTSS(constant64(uint64(x)), v)
	return v
}

// float loads x into all lanes of a new register.
func (s isa) float(x float32) reg.VecVirtual { return s.integer(math.Float32bits(x)) }

// xor sets dst = a ^ b.
func (s isa) xor(a, b, dst operand.Op) {
	if s.bytes == 64 {
		build.VPXORD(a, b, dst)
	} else {
		build.VPXOR(a, b, dst)
	}
}
