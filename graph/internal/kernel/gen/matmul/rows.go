package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Registers of addTo beside those of a tile. A single row of c leaves two of these free.
var (
	addAhead  = aRow  // the row of b that comes after those at work
	addAhead4 = cStep // four rows after addAhead

	addA     = reg.RAX
	addBRow3 = reg.RBX // three times bStep
	addB4    = reg.RCX // four rows after addB
	addC     = reg.RDX
	addB     = reg.R14
	addLeft  = reg.R15 // columns to come
)

// aheadRows is how many rows of b go by at a time while it is asked for the next as many.
const aheadRows = 7

// addTo writes the function for count rows of a, one or two: rows of c stay in the first-level cache
// while b goes by, at most most of its rows at a time.
func (g generator) addTo(count, most int) {
	g.addRows(fmt.Sprintf("AddTo%d", count), count, most, false)
}

// addToAhead writes the function for one row of a that asks for the next rows of b while some go by.
func (g generator) addToAhead() {
	g.addRows("AddToAhead", 1, aheadRows, true)
}

func (g generator) addRows(kind string, count, most int, ahead bool) {
	name := g.funcName(kind)
	build.TEXT(name, attr.NOSPLIT, fmt.Sprintf(
		"func(most, n, k int, a *%[1]s, aRow, aStep int, b *%[1]s, bStep int, c *%[1]s, cStep int)", g.goType))
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s works like addTo%dGeneric. It takes most rows of b at once, from 1 to %d.", name, count, most))
	load(params{{"k", depth}, {"a", addA}, {"aRow", aRow}, {"aStep", aStep}, {"b", bRow}, {"bStep", bStep}, {"c", cRow}, {"cStep", cStep}})
	build.Label("block")
	build.Load(build.Param("most"), rows)
	build.CMPQ(rows, depth)
	build.CMOVQGT(depth, rows)
	build.SUBQ(rows, depth)
	for added := most; added > 1; added-- {
		build.CMPQ(rows, operand.U8(added))
		build.JEQ(operand.LabelRef(label("rows", added)))
	}
	for added := 1; added <= most; added++ {
		build.Label(label("rows", added))
		addedRows{g, count, added, ahead && added == aheadRows}.write()
		build.JNZ(operand.LabelRef("block"))
		build.VZEROUPPER()
		build.RET()
	}
}

// An addedRows is the code that adds so many rows of b to count rows of c.
type addedRows struct {
	generator
	count, added int
	ahead        bool // whether it asks for the next rows
}

func (p addedRows) label(what string) string { return label(what, p.added) }

func (p addedRows) ref(what string) operand.LabelRef { return operand.LabelRef(p.label(what)) }

// factor is the element of a row of a for row i of b.
func (p addedRows) factor(row, i int) reg.VecPhysical { return p.regs[row*p.added+i] }

func (p addedRows) free() []reg.VecPhysical { return p.regs[p.count*p.added:] }

func (p addedRows) b(i, disp int) operand.Mem {
	return rowAt([]reg.Register{addB, addB4}[i/4], bStep, addBRow3, i%4, disp)
}

// inRow returns where a row, of at most two, is.
func inRow(row int, base, step reg.Register, disp int) operand.Mem {
	m := operand.Mem{Base: base, Disp: disp}
	if row == 1 {
		m.Index, m.Scale = step, 1
	}
	return m
}

// write ends with the flags of depth, the rows to come.
func (p addedRows) write() {
	for i := range p.added {
		for row := range p.count {
			p.broadcast(inRow(row, addA, aRow, 0), p.factor(row, i))
		}
		build.ADDQ(aStep, addA)
	}
	build.MOVQ(bRow, addB)
	build.LEAQ(operand.Mem{Base: bStep, Index: bStep, Scale: 2}, addBRow3)
	build.LEAQ(operand.Mem{Base: addB, Index: bStep, Scale: 4}, addB4)
	if p.ahead { // 4 + 3 rows
		build.LEAQ(operand.Mem{Base: addB4, Index: addBRow3, Scale: 1}, addAhead)
		build.LEAQ(operand.Mem{Base: addAhead, Index: bStep, Scale: 4}, addAhead4)
	}
	build.MOVQ(cRow, addC)
	build.Load(build.Param("n"), addLeft)
	build.SUBQ(operand.U8(2*p.lanes()), addLeft)
	build.JLT(p.ref("one"))
	build.Label(p.label("two"))
	p.vectors(2)
	build.SUBQ(operand.U8(2*p.lanes()), addLeft)
	build.JGE(p.ref("two"))
	build.Label(p.label("one"))
	build.ADDQ(operand.U8(2*p.lanes()), addLeft)
	build.JEQ(p.ref("done"))
	build.Label(p.label("rest"))
	p.part()
	build.SUBQ(operand.U8(p.lanes()), addLeft)
	build.JGT(p.ref("rest"))
	build.Label(p.label("done"))
	build.Load(build.Param("aStep"), aStep)
	build.IMUL3Q(operand.U8(p.added), bStep, rows)
	build.ADDQ(rows, bRow)
	build.TESTQ(depth, depth)
}

// vectors adds to n whole vectors of each row of c.
func (p addedRows) vectors(n int) {
	free := p.free()
	acc := func(row, v int) reg.VecPhysical { return free[row*n+v] }
	c := func(row, v int) operand.Mem { return inRow(row, addC, cStep, v*p.bytes) }
	b := free[p.count*n:]
	for row := range p.count {
		for v := range n {
			p.mov(c(row, v), acc(row, v))
		}
	}
	for i := range p.added {
		for v := range n {
			if p.ahead {
				build.PREFETCHT0(rowAt([]reg.Register{addAhead, addAhead4}[i/4], bStep, addBRow3, i%4, v*p.bytes))
			}
			m := operand.Op(p.b(i, v*p.bytes))
			if p.count > 1 {
				p.mov(m, b[v])
				m = b[v]
			}
			for row := range p.count {
				p.fma(m, p.factor(row, i), acc(row, v))
			}
		}
	}
	for row := range p.count {
		for v := range n {
			p.mov(acc(row, v), c(row, v))
		}
	}
	p.forward(n)
}

// part adds to a vector of each row of c, or what is left of it.
func (p addedRows) part() {
	mask := p.maskRegister()
	get := func(m operand.Mem, x reg.VecPhysical) { p.movMasked(m, mask, x) }
	if p.bytes == 32 {
		get = func(m operand.Mem, x reg.VecPhysical) { p.maskMov(m, mask, x) }
	}
	free := p.free()
	b := free[p.count]
	p.maskOf(addLeft, aStep, rows, mask)
	overC := func(f func(m operand.Mem, x reg.VecPhysical)) {
		for row := range p.count {
			f(inRow(row, addC, cStep, 0), free[row])
		}
	}
	overC(get)
	for i := range p.added {
		get(p.b(i, 0), b)
		for row := range p.count {
			p.fma(b, p.factor(row, i), free[row])
		}
	}
	if p.bytes == 64 {
		overC(func(m operand.Mem, x reg.VecPhysical) { p.mov(x, mask, m) })
	} else {
		for row := range p.count {
			p.storeParts(p.label(fmt.Sprintf("part%dof", row)), addLeft, rows, b, free[p.count+1], func(store func(m operand.Mem, x reg.VecPhysical)) {
				at := addC
				if row == 1 {
					at = aStep
					build.LEAQ(inRow(row, addC, cStep, 0), aStep)
				}
				store(operand.Mem{Base: at}, free[row])
			})
		}
	}
	p.forward(1)
}

func (p addedRows) forward(vectors int) {
	forward := []reg.Register{addB, addB4, addC}
	if p.ahead {
		forward = append(forward, addAhead, addAhead4)
	}
	for _, at := range forward {
		build.ADDQ(operand.U8(vectors*p.bytes), at)
	}
}
