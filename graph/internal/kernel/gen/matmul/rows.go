package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// mostRows is how many rows of b addRows reads at a time: more would fight for the same lines of the
// first-level cache.
const mostRows = 8

// addRows writes the function for a single row of a: c stays in the first-level cache while b, which
// lies in a row in memory, goes by. Vectors of 256 bits are quicker than longer ones where rows of b do
// not begin at a multiple of a line, as fewer loads take two lines.
func (g generator) addRows() {
	name := g.funcName("AddRows")
	build.TEXT(name, attr.NOSPLIT, fmt.Sprintf("func(most, n, k int, a *%[1]s, aStep int, b *%[1]s, bStep int, c *%[1]s)", g.goType))
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s works like addRowsGeneric. It takes most rows at once, from 1 to %d.", name, mostRows))
	a, bRow3, bRow4, at, left := reg.RAX, reg.RBX, reg.RCX, reg.RDX, reg.RSI
	load(params{{"k", depth}, {"a", a}, {"aStep", aStep}, {"b", bRow}, {"bStep", bStep}, {"c", cRow}})
	mask := g.regs[len(g.regs)-1]

	build.Label("block")
	build.Load(build.Param("most"), rows)
	build.CMPQ(rows, depth)
	build.CMOVQGT(depth, rows)
	build.SUBQ(rows, depth)
	for r := mostRows; r > 1; r-- {
		build.CMPQ(rows, operand.U8(r))
		build.JEQ(operand.LabelRef(label("rows", r)))
	}
	for r := 1; r <= mostRows; r++ {
		build.Label(label("rows", r))
		for i := range r {
			g.broadcast(operand.Mem{Base: a}, g.regs[i])
			build.ADDQ(aStep, a)
		}
		build.MOVQ(bRow, spare) // moves on by vectors, with bRow4 four rows on
		build.LEAQ(operand.Mem{Base: bStep, Index: bStep, Scale: 2}, bRow3)
		build.LEAQ(operand.Mem{Base: spare, Index: bStep, Scale: 4}, bRow4)
		build.MOVQ(cRow, at)
		build.Load(build.Param("n"), left)
		element := func(i int) operand.Mem {
			m := operand.Mem{Base: spare}
			if i >= 4 {
				m.Base = bRow4
			}
			switch i % 4 {
			case 1, 2:
				m.Index, m.Scale = bStep, uint8(i%4)
			case 3:
				m.Index, m.Scale = bRow3, 1
			}
			return m
		}
		forward := func(n int) {
			build.ADDQ(operand.U8(n), spare)
			build.ADDQ(operand.U8(n), bRow4)
			build.ADDQ(operand.U8(n), at)
		}
		acc := g.regs[mostRows:]
		build.SUBQ(operand.U8(2*g.lanes()), left)
		build.JLT(operand.LabelRef(label("one", r)))
		build.Label(label("two", r))
		for v := range 2 {
			g.mov(operand.Mem{Base: at, Disp: v * g.bytes}, acc[v])
		}
		for i := range r {
			for v := range 2 {
				m := element(i)
				m.Disp = v * g.bytes
				g.fma(m, g.regs[i], acc[v])
			}
		}
		for v := range 2 {
			g.mov(acc[v], operand.Mem{Base: at, Disp: v * g.bytes})
		}
		forward(2 * g.bytes)
		build.SUBQ(operand.U8(2*g.lanes()), left)
		build.JGE(operand.LabelRef(label("two", r)))
		build.Label(label("one", r))
		build.ADDQ(operand.U8(2*g.lanes()), left)
		build.JEQ(operand.LabelRef(label("done", r)))
		build.Label(label("rest", r))
		g.maskOf(left, reg.RDI, rows, mask)
		g.maskMov(operand.Mem{Base: at}, mask, acc[0])
		for i := range r {
			g.maskMov(element(i), mask, acc[1])
			g.fma(acc[1], g.regs[i], acc[0])
		}
		g.maskMov(acc[0], mask, operand.Mem{Base: at})
		forward(g.bytes)
		build.SUBQ(operand.U8(g.lanes()), left)
		build.JGT(operand.LabelRef(label("rest", r)))
		build.Label(label("done", r))
		build.Load(build.Param("aStep"), aStep)
		build.IMUL3Q(operand.U8(r), bStep, rows)
		build.ADDQ(rows, bRow)
		build.TESTQ(depth, depth)
		build.JNZ(operand.LabelRef("block"))
		build.VZEROUPPER()
		build.RET()
	}
}
