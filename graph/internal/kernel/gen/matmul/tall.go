package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tall writes the function for a transposed a and few columns, which a vector holds. The fewer they are, the
// more rows of c, which follow each other in memory, a vector takes, so that it is filled.
func (g generator) tall() {
	name := g.funcName("Tall")
	g.tallTables()
	build.TEXT(name, attr.NOSPLIT, fmt.Sprintf("func(groups, n, k int, a *%[1]s, aStep int, b, c *%[1]s, add bool)", g.goType))
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s works as smallSet.tall, for n of at least 2 and at most a vector.", name))
	load(params{{"n", directLeft}, {"aStep", aStep}, {"a", aRow}, {"c", directB}})
	build.IMUL3Q(operand.U8(g.size), directLeft, bStep)
	g.maskOf(directLeft, spare, depth, reg.K1)
	for rows := g.lanes() / 2; rows > 1; rows /= 2 {
		build.CMPQ(directLeft, operand.U8(g.lanes()/rows))
		build.JLE(operand.LabelRef(label("of", rows)))
	}
	for rows := 1; rows <= g.lanes()/2; rows *= 2 {
		build.Label(label("of", rows))
		tallTile{g, rows}.write()
	}
}

// A tallTile is the code of tall for a number of rows of c in a vector.
type tallTile struct {
	generator
	rowsOfC int
}

// vectors is how many vectors of c a tile has, of 16 rows, or 32 where a vector takes many.
func (t tallTile) vectors() int {
	if t.rowsOfC < 4 {
		return 16 / t.rowsOfC
	}
	return 32 / t.rowsOfC
}

func (t tallTile) ref(what string) operand.LabelRef {
	return operand.LabelRef(label(what, t.rowsOfC))
}

// b is the register for a row of b, rowOf and columnOf for the row and the column of c that a lane holds, and
// x for a row's factors.
func (t tallTile) b() reg.VecPhysical        { return t.regs[16] }
func (t tallTile) rowOf() reg.VecPhysical    { return t.regs[17] }
func (t tallTile) columnOf() reg.VecPhysical { return t.regs[18] }
func (t tallTile) x(v int) reg.VecPhysical   { return t.regs[19+v%4] }

func (t tallTile) write() {
	mask := reg.K1
	if t.rowsOfC > 1 {
		mask = reg.K2
		build.IMUL3Q(operand.U8(t.rowsOfC), directLeft, spare)
		t.maskOf(spare, spare, depth, mask)
		build.IMUL3Q(operand.U8(t.bytes), directLeft, spare)
		for _, table := range []struct {
			kind string
			x    reg.VecPhysical
		}{{"Row", t.rowOf()}, {"Column", t.columnOf()}} {
			build.LEAQ(t.tallSymbol(table.kind), depth)
			build.VMOVUPS(operand.Mem{Base: depth, Index: spare, Scale: 1, Disp: -2 * t.bytes}, table.x)
		}
	}
	build.IMUL3Q(operand.U8(t.rowsOfC), bStep, cStep) // bytes of a vector of c
	build.Label(label("tile", t.rowsOfC))
	build.MOVQ(aRow, directA[0])
	build.Load(build.Param("b"), bRow)
	build.Load(build.Param("k"), depth)
	build.CMPB(argument("add"), operand.U8(0))
	build.JEQ(t.ref("clear"))
	t.overC(func(m operand.Mem, x reg.VecPhysical) { t.movMasked(m, mask, x) })
	build.JMP(t.ref("loop"))
	build.Label(label("clear", t.rowsOfC))
	for v := range t.vectors() {
		t.zero(t.regs[v])
	}
	build.Label(label("loop", t.rowsOfC))
	t.movMasked(operand.Mem{Base: bRow}, reg.K1, t.b())
	if t.rowsOfC > 1 {
		t.permute(t.b(), t.columnOf(), t.b())
	}
	for v := range t.vectors() {
		m := operand.Mem{Base: directA[0], Disp: v * t.rowsOfC * t.size}
		if t.rowsOfC == 1 {
			t.fmaBroadcast(m, t.b(), t.regs[v])
			continue
		}
		t.loadFactors(m, t.x(v))
		t.permute(t.x(v), t.rowOf(), t.x(v))
		t.fma(t.b(), t.x(v), t.regs[v])
	}
	build.ADDQ(aStep, directA[0])
	build.ADDQ(bStep, bRow)
	build.DECQ(depth)
	build.JNZ(t.ref("loop"))
	t.overC(func(m operand.Mem, x reg.VecPhysical) { t.mov(x, mask, m) })
	build.LEAQ(operand.Mem{Base: cRow, Index: cStep, Scale: 1}, directB)
	build.ADDQ(operand.U32(t.vectors()*t.rowsOfC*t.size), aRow)
	build.DECQ(argument("groups"))
	build.JNZ(t.ref("tile"))
	build.VZEROUPPER()
	build.RET()
}

// overC calls f with every vector of c, and leaves cRow at the last.
func (t tallTile) overC(f func(m operand.Mem, x reg.VecPhysical)) {
	build.MOVQ(directB, cRow)
	for v := range t.vectors() {
		f(operand.Mem{Base: cRow}, t.regs[v])
		if v < t.vectors()-1 {
			build.ADDQ(cStep, cRow)
		}
	}
}

// loadFactors loads the factors of the rows of a vector, and no more.
func (t tallTile) loadFactors(m operand.Mem, x reg.VecPhysical) {
	switch t.rowsOfC * t.size {
	case 8:
		build.VMOVSD(m, x.AsX())
	case 16:
		build.VMOVUPS(m, x.AsX())
	case 32:
		build.VMOVUPS(m, x.AsY())
	default:
		panic("no load of so many factors")
	}
}

// permute moves to each lane of dst that of x which indices name.
func (g generator) permute(x, indices, dst reg.VecPhysical) {
	if g.size == 4 {
		build.VPERMPS(x, indices, dst)
	} else {
		build.VPERMPD(x, indices, dst)
	}
}

// tallSymbol is the table of the rows or of the columns of c that lanes hold, a vector for each number of
// columns from 2 on.
func (g generator) tallSymbol(kind string) operand.Mem {
	return operand.NewDataAddr(operand.Symbol{Name: fmt.Sprintf("matmulTall%s%s", kind, g.element.name), Static: true}, 0)
}

// tallTables writes which row and which column of c a lane holds, for 2 columns on.
func (g generator) tallTables() {
	for _, kind := range []string{"Row", "Column"} {
		build.GLOBL(g.tallSymbol(kind).Symbol.Name, attr.RODATA|attr.NOPTR)
		for n := 2; n <= g.lanes()/2; n++ {
			for lane := range g.lanes() {
				index := lane / n
				if kind == "Column" {
					index = lane % n
				}
				at := ((n-2)*g.lanes() + lane) * g.size
				if g.size == 4 {
					build.DATA(at, operand.U32(index))
				} else {
					build.DATA(at, operand.U64(index))
				}
			}
		}
	}
}
