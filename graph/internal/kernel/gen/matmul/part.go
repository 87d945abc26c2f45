package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// maskOf makes the mask of the first n lanes; if n is more, of all. It changes tmp and tmp2, of
// which the first may be n.
func (g generator) maskOf(n, tmp, tmp2 reg.GPPhysical, mask reg.Register) {
	if g.bytes == 64 {
		build.MOVQ(operand.I32(-1), tmp2)
		build.BZHIQ(n, tmp2, tmp2)
		build.KMOVW(tmp2.As32(), mask)
		return
	}
	if tmp != n {
		build.MOVQ(n, tmp)
	}
	build.MOVQ(operand.U32(g.lanes()), tmp2)
	build.CMPQ(tmp, tmp2)
	build.CMOVQGT(tmp2, tmp)
	build.NEGQ(tmp)
	build.LEAQ(maskTable(), tmp2)
	build.VMOVUPD(operand.Mem{Base: tmp2, Disp: g.lanes() * g.size, Index: tmp, Scale: uint8(g.size)}, mask)
}

// maskRegister is the register for a mask where one is needed.
func (g generator) maskRegister() reg.Register {
	if g.bytes == 64 {
		return reg.K1
	}
	return g.regs[len(g.regs)-1]
}

// maskTable is a vector of ones followed by a vector of zeros: the load at n elements before
// its middle masks all but n elements.
func maskTable() operand.Mem {
	return operand.NewDataAddr(operand.Symbol{Name: "matmulMask", Static: true}, 0)
}

// mask writes the table of maskTable.
func mask() {
	build.GLOBL("matmulMask", attr.RODATA|attr.NOPTR)
	for i := range 4 {
		build.DATA(8*i, operand.I64(-1))
	}
	for i := 4; i < 8; i++ {
		build.DATA(8*i, operand.I64(0))
	}
}

// shiftTable is the numbers from 0 to 15: the load at n elements after its beginning are the indices that
// move elements n lanes down.
func shiftTable() operand.Mem {
	return operand.NewDataAddr(operand.Symbol{Name: "matmulShift", Static: true}, 0)
}

// shifts writes the table of shiftTable.
func shifts() {
	build.GLOBL("matmulShift", attr.RODATA|attr.NOPTR)
	for i := range 16 {
		build.DATA(4*i, operand.U32(i))
	}
}

// storeParts stores the first n lanes, 1 or more, of vectors without a masked store, which takes AMD's
// processors as long as a dozen whole ones: as two whole stores of half, a quarter or an eighth of a vector,
// one from the first lane on and one up to the last. over calls its argument for each vector and its place.
// It changes at, tmp and tmp2; labels are named after name.
func (g generator) storeParts(name string, n, at reg.GPPhysical, tmp, tmp2 reg.VecPhysical, over func(store func(m operand.Mem, x reg.VecPhysical))) {
	step := func(lanes int) string { return fmt.Sprintf("%sStore%d", name, lanes) }
	done := name + "Stored"
	build.CMPQ(n, operand.U8(g.lanes()))
	build.JLT(operand.LabelRef(step(g.lanes() / 2)))
	over(func(m operand.Mem, x reg.VecPhysical) { g.mov(x, m) })
	for lanes := g.lanes() / 2; lanes > 0; lanes /= 2 {
		build.JMP(operand.LabelRef(done))
		build.Label(step(lanes))
		if lanes == 1 {
			over(func(m operand.Mem, x reg.VecPhysical) { g.storeLow(lanes, x, m) })
			break
		}
		build.CMPQ(n, operand.U8(lanes))
		build.JLT(operand.LabelRef(step(lanes / 2)))
		build.LEAQ(shiftTable(), at)
		build.VMOVUPS(operand.Mem{Base: at, Index: n, Scale: uint8(g.size), Disp: -lanes * g.size}, tmp)
		build.LEAQ(operand.Mem{Base: n, Disp: -lanes}, at)
		over(func(m operand.Mem, x reg.VecPhysical) {
			build.VPERMPS(x, tmp, tmp2)
			g.storeLow(lanes, x, m)
			m.Index, m.Scale = at, uint8(g.size)
			g.storeLow(lanes, tmp2, m)
		})
	}
	build.Label(done)
}

// storeLow stores the first lanes of x, of at most 128 bits.
func (g generator) storeLow(lanes int, x reg.VecPhysical, m operand.Mem) {
	switch lanes * g.size {
	case 16:
		build.VMOVUPS(x.AsX(), m)
	case 8:
		build.VMOVSD(x.AsX(), m)
	case 4:
		build.VMOVSS(x.AsX(), m)
	default:
		panic("no store of so many lanes")
	}
}
