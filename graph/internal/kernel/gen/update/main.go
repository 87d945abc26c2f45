// Program update writes the assembly of the optimiser updates in float32, for AVX2 and
// AVX-512: one loop for each, a vector at a time, with the formulas of update_generic.go. No
// product is fused with a sum, so that the bits are those of plain Go.
package main

import (
	"strings"

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

// A function is one under construction: the vectors of its slices and of its scalars.
type function struct {
	isa
	vector  map[string]reg.VecVirtual
	numbers map[number]reg.VecVirtual
}

// A number is an index in the array of scalars; the order is that of updateNumbers.
type number int

const (
	rate number = iota // Adam: multiplied by the bias correction of the first moment
	scale
	l2
	keep
	momentum
	gain1
	gain2
	correct2
	epsilon
	l1
	limit // of ClipValue
)

func main() {
	build.ConstraintExpr("!purego")
	for _, s := range []isa{{"AVX2", 32}, {"AVX512", 64}} {
		for _, u := range updates {
			s.write(u)
		}
	}
	build.Generate()
}

func (s isa) write(u update) {
	f := &function{s, map[string]reg.VecVirtual{}, map[number]reg.VecVirtual{}}
	slices, base := strings.Fields(u.slices), map[string]reg.Register{}
	build.TEXT("update"+u.name+s.name, attr.NOSPLIT,
		"func("+strings.Join(slices, ", ")+" *float32, n int, u *[11]float32)")
	build.Doc("update" + u.name + s.name + " works on n elements, a positive multiple of the lanes of a vector.")
	build.Pragma("noescape")
	for _, name := range slices {
		base[name] = build.Load(build.Param(name), build.GP64())
	}
	n := build.Load(build.Param("n"), build.GP64())
	numbers := build.Load(build.Param("u"), build.GP64())
	for _, i := range u.numbers {
		f.numbers[i] = f.vec()
		build.VBROADCASTSS(operand.Mem{Base: numbers, Disp: 4 * int(i)}, f.numbers[i])
	}

	loop := strings.ToLower(u.name + s.name)
	build.SHLQ(operand.Imm(2), n) // bytes
	offset := build.GP64()
	build.XORQ(offset, offset)
	build.Label(loop)
	for _, name := range slices {
		f.vector[name] = f.vec()
		build.VMOVUPS(operand.Mem{Base: base[name], Index: offset, Scale: 1}, f.vector[name])
	}
	u.formula(f)
	for _, name := range strings.Fields(u.stored) {
		build.VMOVUPS(f.vector[name], operand.Mem{Base: base[name], Index: offset, Scale: 1})
	}
	build.ADDQ(operand.Imm(uint64(s.bytes)), offset)
	build.CMPQ(offset, n)
	build.JB(operand.LabelRef(loop))
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
