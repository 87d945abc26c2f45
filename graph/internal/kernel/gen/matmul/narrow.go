package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// narrowChains is in how many sums the terms of an element go in turn: as many multiply-adds as one row
// needs to hide their latency, about.
const narrowChains = 4

// narrow writes the function for products with few columns, which a vector holds. Few rows of it wait for
// one multiply-add after the other if every element is a single chain.
func (g generator) narrow(rows int) {
	name := g.funcName("Narrow")
	build.TEXT(name, attr.NOSPLIT, fmt.Sprintf(
		"func(rows, groups, n, k int, a *%[1]s, aRow, aStep int, b *%[1]s, bStep int, c *%[1]s, cStep int, add bool)", g.goType))
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s works as smallSet.narrow on groups of at most %d rows, for n of at most a vector and k of at least 1.", name, rows))
	load(params{{"n", directLeft}, {"aRow", aRow}, {"aStep", aStep}, {"bStep", bStep}, {"cStep", cStep}})
	build.CMPQ(directLeft, operand.U8(g.lanes()/2))
	build.SETLE(reg.R13B)
	g.maskOf(directLeft, directLeft, spare, reg.K1)
	build.Load(build.Param("rows"), spare)
	build.TESTB(reg.R13B, reg.R13B)
	build.JNZ(operand.LabelRef("half"))
	for _, last := range []lastVector{part, half} {
		if last == half {
			build.Label("half")
		}
		for r := rows; r > 1; r-- {
			build.CMPQ(spare, operand.U8(r))
			build.JEQ(operand.LabelRef(narrowTile{g, r, last}.label("rows")))
		}
		for r := 1; r <= rows; r++ {
			narrowTile{g, r, last}.write()
		}
	}
}

// A narrowTile is the code of narrow for a number of rows and all, or at most half, of a vector.
type narrowTile struct {
	generator
	rows int
	last lastVector
}

func (t narrowTile) label(what string) string { return fmt.Sprintf("%s%s%d", what, t.last, t.rows) }

func (t narrowTile) ref(what string) operand.LabelRef { return operand.LabelRef(t.label(what)) }

// register returns as much of a register as is used.
func (t narrowTile) register(i int) reg.VecPhysical {
	if t.last == half {
		return t.regs[i].AsY().(reg.VecPhysical)
	}
	return t.regs[i]
}

func (t narrowTile) acc(row, chain int) reg.VecPhysical { return t.register(row*narrowChains + chain) }

func (t narrowTile) write() {
	build.Label(t.label("rows"))
	build.Load(build.Param("a"), directA[0])
	if t.rows > 3 {
		build.LEAQ(operand.Mem{Base: aRow, Index: aRow, Scale: 2}, spare)
		build.LEAQ(operand.Mem{Base: directA[0], Index: spare, Scale: 1}, directA[1])
	}
	build.Load(build.Param("b"), bRow)
	build.Load(build.Param("c"), cRow)
	build.Load(build.Param("k"), depth)
	for i := range t.rows * narrowChains {
		t.zero(t.regs[i])
	}
	build.CMPB(argument("add"), operand.U8(0))
	build.JEQ(t.ref("loop"))
	t.overC(func(m operand.Mem, row int) { t.movMasked(m, reg.K1, t.acc(row, 0)) })

	build.Label(t.label("loop"))
	for chain := range narrowChains {
		b := t.register(t.rows*narrowChains + chain)
		t.movMasked(operand.Mem{Base: bRow}, reg.K1, b)
		for row := range t.rows {
			m := operand.Mem{Base: directA[row/3]}
			if row%3 > 0 {
				m.Index, m.Scale = aRow, uint8(row%3)
			}
			t.fmaBroadcast(m, b, t.acc(row, chain))
		}
		for i := 0; i < t.rows; i += 3 {
			build.ADDQ(aStep, directA[i/3])
		}
		build.ADDQ(bStep, bRow)
		build.DECQ(depth)
		if chain < narrowChains-1 {
			build.JZ(t.ref("done"))
		}
	}
	build.JNZ(t.ref("loop"))
	build.Label(t.label("done"))
	for row := range t.rows {
		t.add(t.acc(row, 1), t.acc(row, 0), t.acc(row, 0))
		t.add(t.acc(row, 3), t.acc(row, 2), t.acc(row, 2))
		t.add(t.acc(row, 2), t.acc(row, 0), t.acc(row, 0))
	}
	build.Load(build.Param("c"), cRow)
	t.overC(func(m operand.Mem, row int) { t.mov(t.acc(row, 0), reg.K1, m) })

	nextGroup(t.rows, t.label("rows"), t.label("end"))
}

// overC calls f with every row of c, which it moves along.
func (t narrowTile) overC(f func(m operand.Mem, row int)) {
	for row := range t.rows {
		f(operand.Mem{Base: cRow}, row)
		if row < t.rows-1 {
			build.ADDQ(cStep, cRow)
		}
	}
}
