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
	dotA      = []reg.GPPhysical{reg.RAX, reg.RBX} // rows 0 and 3
	dotARow   = reg.RSI
	dotB      = reg.R8
	dotBRow   = reg.R9
	dotB3     = reg.RDI // three times dotBRow
	dotC      = reg.R11
	dotCStep  = reg.R12
	dotLeft   = reg.R13 // columns to come
	dotBStart = reg.RDX
	dotAStart = reg.RCX
)

// dotColumns is how many columns dot computes at a time.
const dotColumns = 4

// dot writes the function that multiplies few rows of a by a transposed b, whose columns are rows of
// memory. Each lane of a vector sums the terms a vector's length apart; at last the lanes are added in pairs.
func (g generator) dot() {
	name := g.funcName("Dot")
	build.TEXT(name, attr.NOSPLIT, fmt.Sprintf(
		"func(rows, n, k int, a *%[1]s, aRow int, b *%[1]s, bRow int, c *%[1]s, cStep int, add bool)", g.goType))
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s works like dotsGeneric on at most %d rows, for n a multiple of %d.", name, g.dotRows, dotColumns))
	load(params{{"rows", spare}, {"n", dotLeft}, {"a", dotAStart}, {"aRow", dotARow}, {"b", dotBStart}, {"bRow", dotBRow},
		{"c", dotC}, {"cStep", dotCStep}})
	build.LEAQ(operand.Mem{Base: dotBRow, Index: dotBRow, Scale: 2}, dotB3)
	for r := g.dotRows; r > 1; r-- {
		build.CMPQ(spare, operand.U8(r))
		build.JEQ(operand.LabelRef(label("rows", r)))
	}
	for r := 1; r <= g.dotRows; r++ {
		build.Label(label("rows", r))
		dotPath{g, r}.write()
	}
}

// A dotPath is the code for a number of rows.
type dotPath struct {
	generator
	rows int
}

func (p dotPath) acc(row, q int) reg.VecPhysical { return p.regs[dotColumns*row+q] }

func (p dotPath) free() []reg.VecPhysical { return p.regs[dotColumns*p.rows:] }

func (p dotPath) a(row int) operand.Mem {
	m := operand.Mem{Base: dotA[row/3]}
	if row%3 > 0 {
		m.Index, m.Scale = dotARow, uint8(row%3)
	}
	return m
}

func (p dotPath) b(q int) operand.Mem {
	switch m := (operand.Mem{Base: dotB}); q {
	case 1, 2:
		m.Index, m.Scale = dotBRow, uint8(q)
		return m
	case 3:
		m.Index, m.Scale = dotB3, 1
		return m
	default:
		return m
	}
}

func (p dotPath) write() {
	ref := func(what string) operand.LabelRef { return operand.LabelRef(label(what, p.rows)) }
	build.Label(label("columns", p.rows))
	build.MOVQ(dotBStart, dotB)
	build.MOVQ(dotAStart, dotA[0])
	if p.rows > 3 {
		build.LEAQ(operand.Mem{Base: dotARow, Index: dotARow, Scale: 2}, dotA[1])
		build.ADDQ(dotA[0], dotA[1])
	}
	build.Load(build.Param("k"), depth)
	for i := range dotColumns * p.rows {
		p.zero(p.regs[i])
	}
	build.SUBQ(operand.U8(p.lanes()), depth)
	build.JLT(ref("rest"))
	build.Label(label("loop", p.rows))
	p.step(p.mov)
	for i := 0; i < p.rows; i += 3 {
		build.ADDQ(operand.U8(p.bytes), dotA[i/3])
	}
	build.ADDQ(operand.U8(p.bytes), dotB)
	build.SUBQ(operand.U8(p.lanes()), depth)
	build.JGE(ref("loop"))
	build.Label(label("rest", p.rows))
	build.ADDQ(operand.U8(p.lanes()), depth)
	build.JEQ(ref("sum"))
	mask := reg.Register(reg.K1)
	if p.bytes == 32 {
		mask = p.regs[len(p.regs)-1]
	}
	p.maskOf(depth, depth, spare, mask)
	p.step(func(ops ...operand.Op) {
		if p.bytes == 64 {
			p.movMasked(ops[0], mask, ops[1])
		} else {
			p.maskMov(ops[0], mask, ops[1])
		}
	})
	build.Label(label("sum", p.rows))
	p.sum()
	build.LEAQ(operand.Mem{Base: dotBStart, Index: dotBRow, Scale: dotColumns}, dotBStart)
	build.ADDQ(operand.U8(dotColumns*p.size), dotC)
	build.SUBQ(operand.U8(dotColumns), dotLeft)
	build.JNE(ref("columns"))
	build.VZEROUPPER()
	build.RET()
}

// step multiplies a vector of each row, loaded by mov.
func (p dotPath) step(mov instruction) {
	free := p.free()
	if p.bytes == 64 || p.rows == 1 {
		for q := range dotColumns {
			mov(p.b(q), free[q])
		}
		for row := range p.rows {
			x := free[dotColumns+row%4]
			mov(p.a(row), x)
			for q := range dotColumns {
				p.fma(x, free[q], p.acc(row, q))
			}
		}
		return
	}
	// There is room for one vector of b and, beside the mask, for two of a.
	for q := range dotColumns {
		mov(p.b(q), free[0])
		for row := range p.rows {
			x := free[1+row%2]
			mov(p.a(row), x)
			p.fma(x, free[0], p.acc(row, q))
		}
	}
}

// sum adds the lanes of the accumulators up and stores the sums.
func (p dotPath) sum() {
	at := dotC
	free := p.free()
	for row := range p.rows {
		z := [dotColumns]reg.VecPhysical{p.acc(row, 0), p.acc(row, 1), p.acc(row, 2), p.acc(row, 3)}
		out := p.addLanes(z, free[0])
		build.CMPB(argument("add"), operand.U8(0))
		build.JEQ(operand.LabelRef(fmt.Sprintf("store%d_%d_", p.rows, row)))
		p.add(operand.Mem{Base: at}, out, out)
		build.Label(fmt.Sprintf("store%d_%d_", p.rows, row))
		p.mov(out, operand.Mem{Base: at})
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

// addLanes adds the lanes of each of four vectors up, and returns the four sums side by side in a
// register of their size. It changes the vectors and tmp.
func (p dotPath) addLanes(z [dotColumns]reg.VecPhysical, tmp reg.VecPhysical) reg.VecPhysical {
	pair := func(unpack [2]instruction, x, y, into reg.VecPhysical) { // into may be x
		unpack[0](y, x, tmp)
		unpack[1](y, x, x)
		p.add(x, tmp, into)
	}
	pair(p.unpack, z[0], z[1], z[0])
	pair(p.unpack, z[2], z[3], z[2])
	halves := func(x reg.VecPhysical) { // of 512 bits
		if p.bytes == 64 {
			build.VEXTRACTF64X4(operand.U8(1), x, tmp.AsY())
			p.add(x.AsY(), tmp.AsY(), x.AsY())
		}
	}
	if p.size == 4 {
		pair([2]instruction{build.VUNPCKLPD, build.VUNPCKHPD}, z[0], z[2], z[0])
		halves(z[0])
		if p.bytes == 64 { // tmp may be one of the registers that have this alone
			build.VEXTRACTF32X4(operand.U8(1), z[0].AsY(), tmp.AsX())
		} else {
			build.VEXTRACTF128(operand.U8(1), z[0].AsY(), tmp.AsX())
		}
		p.add(z[0].AsX(), tmp.AsX(), z[0].AsX())
		return z[0].AsX().(reg.VecPhysical)
	}
	halves(z[0])
	halves(z[2])
	x, y := z[0].AsY(), z[2].AsY()
	if p.bytes == 64 { // registers from 16 on have these alone
		build.VSHUFF64X2(operand.U8(0), y, x, tmp.AsY())
		build.VSHUFF64X2(operand.U8(3), y, x, x)
	} else {
		build.VPERM2F128(operand.U8(0x20), y, x, tmp.AsY())
		build.VPERM2F128(operand.U8(0x31), y, x, x)
	}
	p.add(x, tmp.AsY(), x)
	return x.(reg.VecPhysical)
}
