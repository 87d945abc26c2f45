package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// General-purpose registers of dot. Elements of rows are reached by moving a and b.
var (
	dotA      = []reg.GPPhysical{reg.RAX, reg.RBX, reg.R15} // rows 0, 3 and 6
	dotB      = reg.R8
	dotBRow   = reg.R9
	dotB3     = reg.RDI // three times dotBRow
	dotC      = reg.R11
	dotCStep  = reg.R12
	dotLeft   = reg.R13 // columns to come
	dotBStart = reg.RDX
	dotAStart = reg.RCX
)

// Columns that dot computes at a time, and at last.
const (
	dotColumns     = 4
	lastDotColumns = 2
)

// dotAhead is how many bytes ahead of use dot asks for b.
const dotAhead = 512

// dot writes the function that multiplies few rows of a by a transposed b, whose columns are rows of
// memory. Each lane of a vector sums the terms a vector's length apart; at last the lanes are added in pairs.
func (g generator) dot() {
	name := g.funcName("Dot")
	build.TEXT(name, attr.NOSPLIT, fmt.Sprintf(
		"func(rows, n, k int, a *%[1]s, aRow int, b *%[1]s, bRow int, c *%[1]s, cStep int, add, ask bool)", g.goType))
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s works like dotsGeneric on at most %d rows, for even n.", name, g.dotRows))
	load(params{{"rows", spare}, {"n", dotLeft}, {"a", dotAStart}, {"aRow", aRow}, {"b", dotBStart}, {"bRow", dotBRow},
		{"c", dotC}, {"cStep", dotCStep}})
	build.LEAQ(operand.Mem{Base: dotBRow, Index: dotBRow, Scale: 2}, dotB3)
	for r := g.dotRows; r > 1; r-- {
		build.CMPQ(spare, operand.U8(r))
		build.JEQ(operand.LabelRef(label("rows", r)))
	}
	for r := 1; r <= g.dotRows; r++ {
		build.Label(label("rows", r))
		whole, last := dotPath{g, r, dotColumns}, dotPath{g, r, lastDotColumns}
		if dotColumns*r > 3*len(g.regs)/4 { // no registers for so many
			whole = last
		}
		build.SUBQ(operand.U8(whole.columns), dotLeft)
		if whole.columns != last.columns {
			build.JLT(operand.LabelRef(label("last", r)))
		}
		whole.write()
		build.SUBQ(operand.U8(whole.columns), dotLeft)
		build.JGE(whole.ref("columns"))
		if whole.columns != last.columns {
			build.Label(label("last", r))
			build.CMPQ(dotLeft, operand.I8(-dotColumns))
			build.JEQ(operand.LabelRef(label("end", r)))
			last.write()
			build.Label(label("end", r))
		}
		build.VZEROUPPER()
		build.RET()
	}
}

// A dotPath is the code for a number of rows and columns.
type dotPath struct {
	generator
	rows, columns int
}

func (p dotPath) label(what string) string { return fmt.Sprintf("%s%dx%d", what, p.rows, p.columns) }

func (p dotPath) ref(what string) operand.LabelRef { return operand.LabelRef(p.label(what)) }

func (p dotPath) acc(row, q int) reg.VecPhysical { return p.regs[p.columns*row+q] }

func (p dotPath) free() []reg.VecPhysical { return p.regs[p.columns*p.rows:] }

func (p dotPath) b(q int) operand.Mem { return rowAt(dotB, dotBRow, dotB3, q, 0) }

func (p dotPath) write() {
	build.Label(p.label("columns"))
	build.MOVQ(dotBStart, dotB)
	build.MOVQ(dotAStart, dotA[0])
	if p.rows > 3 {
		build.LEAQ(operand.Mem{Base: aRow, Index: aRow, Scale: 2}, spare)
	}
	for i := 3; i < p.rows; i += 3 {
		build.LEAQ(operand.Mem{Base: dotA[i/3-1], Index: spare, Scale: 1}, dotA[i/3])
	}
	build.Load(build.Param("k"), depth)
	for i := range p.columns * p.rows {
		p.zero(p.regs[i])
	}
	build.SUBQ(operand.U8(p.lanes()), depth)
	build.JLT(p.ref("rest"))
	if p.asks() {
		build.CMPB(argument("ask"), operand.U8(0))
		build.JEQ(p.ref("loop"))
		build.Label(p.label("asking"))
		for q := range p.columns {
			m := p.b(q)
			m.Disp += dotAhead
			build.PREFETCHT0(m)
		}
		p.loop("asking")
		build.JMP(p.ref("rest"))
	}
	build.Label(p.label("loop"))
	p.loop("loop")
	build.Label(p.label("rest"))
	build.ADDQ(operand.U8(p.lanes()), depth)
	build.JEQ(p.ref("sum"))
	mask := p.maskRegister()
	p.maskOf(depth, depth, spare, mask)
	p.step(func(ops ...operand.Op) {
		if p.bytes == 64 {
			p.movMasked(ops[0], mask, ops[1])
		} else {
			p.maskMov(ops[0], mask, ops[1])
		}
	})
	build.Label(p.label("sum"))
	p.sum()
	build.LEAQ(operand.Mem{Base: dotBStart, Index: dotBRow, Scale: uint8(p.columns)}, dotBStart)
	build.ADDQ(operand.U8(p.columns*p.size), dotC)
}

// asks tells whether the path can ask for what it reads next of b: that pays for few rows.
func (p dotPath) asks() bool { return p.bytes == 64 && p.rows <= 2 }

// loop is the rest of a loop over whole vectors from a label on.
func (p dotPath) loop(label string) {
	p.step(p.mov)
	for i := 0; i < p.rows; i += 3 {
		build.ADDQ(operand.U8(p.bytes), dotA[i/3])
	}
	build.ADDQ(operand.U8(p.bytes), dotB)
	build.SUBQ(operand.U8(p.lanes()), depth)
	build.JGE(p.ref(label))
}

// step multiplies a vector of each row, loaded by mov.
func (p dotPath) step(mov instruction) {
	free := p.free()
	if p.bytes == 64 || p.rows == 1 {
		for q := range p.columns {
			mov(p.b(q), free[q])
		}
		for row := range p.rows {
			x := free[p.columns+row%4]
			mov(aElement(dotA, row), x)
			for q := range p.columns {
				p.fma(x, free[q], p.acc(row, q))
			}
		}
		return
	}
	// There is room for one vector of b and, beside the mask, for two of a.
	for q := range p.columns {
		mov(p.b(q), free[0])
		for row := range p.rows {
			x := free[1+row%2]
			mov(aElement(dotA, row), x)
			p.fma(x, free[0], p.acc(row, q))
		}
	}
}

// sum adds the lanes of the accumulators up and stores the sums.
func (p dotPath) sum() {
	at := dotC
	free := p.free()
	for row := range p.rows {
		out, move := p.addLanes(row, free[0]), p.mov
		if p.columns*p.size == 8 {
			move = func(ops ...operand.Op) { build.VMOVSD(ops...) }
		}
		build.CMPB(argument("add"), operand.U8(0))
		build.JEQ(operand.LabelRef(fmt.Sprintf("store%dx%d_%d_", p.rows, p.columns, row)))
		old := free[0].AsX()
		if out.Size() == 32 {
			old = free[0].AsY()
		}
		move(operand.Mem{Base: at}, old)
		p.add(old, out, out)
		build.Label(fmt.Sprintf("store%dx%d_%d_", p.rows, p.columns, row))
		move(out, operand.Mem{Base: at})
		switch {
		case row == p.rows-1:
		case row == 0:
			build.LEAQ(operand.Mem{Base: dotC, Index: dotCStep, Scale: 1}, spare)
			at = spare
		default:
			build.ADDQ(dotCStep, spare)
		}
	}
}

// addLanes adds the lanes of each of a row's accumulators up, and returns the sums side by side. It
// changes the accumulators and tmp.
func (p dotPath) addLanes(row int, tmp reg.VecPhysical) reg.VecPhysical {
	pair := func(unpack [2]instruction, x, y reg.VecPhysical) { // into x
		unpack[0](y, x, tmp)
		unpack[1](y, x, x)
		p.add(x, tmp, x)
	}
	halves := func(x reg.VecPhysical) { // of 512 bits
		if p.bytes == 64 {
			build.VEXTRACTF64X4(operand.U8(1), x, tmp.AsY())
			p.add(x.AsY(), tmp.AsY(), x.AsY())
		}
	}
	quarters := func(x reg.VecPhysical) reg.VecPhysical { // of 256 bits
		if p.bytes == 64 { // tmp may be one of the registers that have this alone
			build.VEXTRACTF32X4(operand.U8(1), x.AsY(), tmp.AsX())
		} else {
			build.VEXTRACTF128(operand.U8(1), x.AsY(), tmp.AsX())
		}
		p.add(x.AsX(), tmp.AsX(), x.AsX())
		return x.AsX().(reg.VecPhysical)
	}
	x := p.acc(row, 0)
	pair(p.unpack, x, p.acc(row, 1))
	y := x // of the last columns, whose sums come twice
	if p.columns == dotColumns {
		y = p.acc(row, 2)
		pair(p.unpack, y, p.acc(row, 3))
	}
	if p.size == 4 {
		pair([2]instruction{build.VUNPCKLPD, build.VUNPCKHPD}, x, y)
		halves(x)
		return quarters(x)
	}
	halves(x)
	if p.columns == lastDotColumns {
		return quarters(x)
	}
	halves(y)
	x, y = x.AsY().(reg.VecPhysical), y.AsY().(reg.VecPhysical)
	if p.bytes == 64 { // registers from 16 on have these alone
		build.VSHUFF64X2(operand.U8(0), y, x, tmp.AsY())
		build.VSHUFF64X2(operand.U8(3), y, x, x)
	} else {
		build.VPERM2F128(operand.U8(0x20), y, x, tmp.AsY())
		build.VPERM2F128(operand.U8(0x31), y, x, x)
	}
	p.add(x, tmp.AsY(), x)
	return x
}
