package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// narrowRows is the most rows that narrow takes at once.
const narrowRows = 6

// narrow writes the function for products with few columns, which a vector holds. The fewer they are, the
// more rows of b a vector takes, so that it is filled. Several vectors of sums for each row of c, and their
// lanes, which are added up at last, are as many chains of multiply-adds that need not wait for each other.
func (g generator) narrow() {
	name := g.funcName("Narrow")
	for rows := 2; rows <= g.lanes()/2; rows *= 2 {
		narrowTile{generator: g, rowsOfB: rows}.spreadTable()
	}
	build.TEXT(name, attr.NOSPLIT, fmt.Sprintf(
		"func(rows, groups, n, k int, a *%[1]s, aRow int, b, c *%[1]s, add bool)", g.goType))
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s works as smallSet.narrow on groups of at most %d rows, for n of at least 2 and at most %d.", name, narrowRows, g.narrowVectors()*g.lanes()))
	load(params{{"n", directLeft}, {"aRow", aRow}})
	build.IMUL3Q(operand.U8(g.size), directLeft, bStep)
	build.MOVQ(bStep, cStep)
	if g.narrowVectors() == 2 {
		build.CMPQ(directLeft, operand.U8(g.lanes()))
		build.JGT(operand.LabelRef("of0"))
	}
	g.maskOf(directLeft, spare, depth, g.maskRegister())
	for rows := g.lanes() / 2; rows > 1; rows /= 2 {
		build.CMPQ(directLeft, operand.U8(g.lanes()/rows))
		build.JLE(operand.LabelRef(fmt.Sprintf("of%d", rows)))
	}
	for rows := 1; rows <= g.lanes()/2; rows *= 2 {
		build.Label(fmt.Sprintf("of%d", rows))
		g.narrowGroups(rows)
	}
	if g.narrowVectors() == 2 {
		build.Label("of0")
		build.LEAQ(operand.Mem{Base: bStep, Disp: -g.bytes}, directLeft)
		g.narrowGroups(0)
	}
}

// narrowVectors is the most vectors of columns that narrow takes: of float64 two, for which a single row waits
// as well.
func (g generator) narrowVectors() int {
	if g.bytes == 64 && g.size == 8 {
		return 2
	}
	return 1
}

// narrowGroups writes the loops for vectors that hold so many rows of b, or none as a whole.
func (g generator) narrowGroups(rowsOfB int) {
	t := narrowTile{generator: g, rowsOfB: rowsOfB}
	if rowsOfB > 1 {
		build.VMOVUPS(t.spreadSymbol(), t.indices())
	}
	if rowsOfB > 1 && g.bytes == 64 { // the mask of the columns, once for each row
		build.MOVQ(operand.I32(-1), depth)
		build.BZHIQ(directLeft, depth, depth)
		var repeat int
		for row := range rowsOfB {
			repeat |= 1 << (row * t.columns())
		}
		build.IMUL3Q(operand.U32(repeat), depth, depth)
		build.KMOVW(depth.As32(), reg.K2)
	}
	build.Load(build.Param("rows"), spare)
	for t.rows = narrowRows; t.rows > 1; t.rows-- {
		build.CMPQ(spare, operand.U8(t.rows))
		build.JEQ(t.ref("rows"))
	}
	for t.rows = 1; t.rows <= narrowRows; t.rows++ {
		t.write()
	}
}

// A narrowTile is the code of narrow for a number of rows of a and of rows of b in a vector.
type narrowTile struct {
	generator
	rows    int
	rowsOfB int // 0 if a row of b takes two vectors
}

// columns is the lanes for a row of b, of which the last may be empty.
func (t narrowTile) columns() int { return t.lanes() / t.rowsOfB }

// vectors is how many a row of b takes.
func (t narrowTile) vectors() int {
	if t.rowsOfB == 0 {
		return 2
	}
	return 1
}

// chains is how many vectors of sums a vector of c has, and rowsAtOnce how many rows of b go to one.
func (t narrowTile) chains() int     { return t.narrowChains / t.vectors() }
func (t narrowTile) rowsAtOnce() int { return max(t.rowsOfB, 1) }

func (t narrowTile) label(what string) string { return fmt.Sprintf("%s%dx%d", what, t.rows, t.rowsOfB) }

func (t narrowTile) ref(what string) operand.LabelRef { return operand.LabelRef(t.label(what)) }

func (t narrowTile) acc(row, chain int) reg.VecPhysical { return t.regs[row*t.narrowChains+chain] }

// second is the register beside acc for a second vector of columns.
func (t narrowTile) second(row, chain int) reg.VecPhysical {
	return t.regs[row*t.narrowChains+t.chains()+chain]
}

// b and x are registers for vectors of b and of factors, and indices for how these are spread.
func (t narrowTile) b() reg.VecPhysical       { return t.regs[narrowRows*t.narrowChains] }
func (t narrowTile) x() reg.VecPhysical       { return t.regs[narrowRows*t.narrowChains+1] }
func (t narrowTile) indices() reg.VecPhysical { return t.regs[narrowRows*t.narrowChains+2] } // or the second vector of b

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
	for i := range t.rows * t.narrowChains {
		t.zero(t.regs[i])
	}
	build.CMPB(argument("add"), operand.U8(0))
	build.JEQ(t.ref("ready"))
	t.overC(func(m operand.Mem, row int) { t.loadRow(m, t.acc(row, 0), t.second(row, 0)) })
	build.Label(t.label("ready"))
	build.SUBQ(operand.U8(t.rowsAtOnce()), depth)
	build.JLT(t.ref("rest"))
	build.Label(t.label("loop"))
	for chain := range t.chains() {
		t.step(chain)
		build.SUBQ(operand.U8(t.rowsAtOnce()), depth)
		if chain < t.chains()-1 {
			build.JLT(t.ref("rest"))
		}
	}
	build.JGE(t.ref("loop"))
	build.Label(t.label("rest"))
	if t.rowsOfB > 1 {
		build.ADDQ(operand.U8(t.rowsOfB), depth)
		build.JEQ(t.ref("sum"))
		build.Label(t.label("row"))
		t.lastRow()
		build.DECQ(depth)
		build.JNZ(t.ref("row"))
	}
	build.Label(t.label("sum"))
	t.sum()
	nextGroup(t.rows, t.label("rows"), t.label("end"))
}

// loadRow loads a row of b or of c.
func (t narrowTile) loadRow(m operand.Mem, x, second reg.VecPhysical) {
	if t.vectors() == 2 {
		t.mov(m, x)
		t.mov(lastOf(m), second)
		return
	}
	t.loadColumns(m, x)
}

// lastOf is the place of the second vector of a row, which ends where the row does: it shares columns with the first,
// which are computed twice.
func lastOf(row operand.Mem) operand.Mem {
	row.Index, row.Scale = directLeft, 1
	return row
}

// loadColumns loads as many lanes as there are columns, and clears the others.
func (t narrowTile) loadColumns(m operand.Mem, x reg.VecPhysical) {
	if t.bytes == 64 {
		t.movMasked(m, t.maskRegister(), x)
	} else {
		t.maskMov(m, t.maskRegister(), x)
	}
}

// step multiplies a vector of b.
func (t narrowTile) step(chain int) {
	t.loadB(chain)
	for row := range t.rows {
		if t.vectors() == 2 {
			t.broadcast(aElement(directA, row), t.x())
			t.fma(t.b(), t.x(), t.acc(row, chain))
			t.fma(t.indices(), t.x(), t.second(row, chain))
			continue
		}
		if t.rowsOfB == 1 && t.bytes == 64 {
			t.fmaBroadcast(aElement(directA, row), t.b(), t.acc(row, chain))
			continue
		}
		t.spread(aElement(directA, row), t.x())
		t.fma(t.b(), t.x(), t.acc(row, chain))
	}
	t.forward(t.rowsAtOnce())
}

// loadB loads the rows of b of a vector.
func (t narrowTile) loadB(chain int) {
	m := operand.Mem{Base: bRow}
	switch {
	case t.rowsOfB <= 1:
		t.loadRow(m, t.b(), t.indices())
	case t.bytes == 64:
		t.expandB(m, chain)
	case t.columns() == 2: // whole rows
		t.mov(m, t.b())
	default: // of three columns or four, in two halves; of the first, the next row may fill what is left
		t.maskMov(operand.Mem{Base: bRow, Index: bStep, Scale: 1}, t.maskRegister().(reg.VecPhysical).AsX(), t.x().AsX())
		t.mov(m, t.b().AsX())
		build.VINSERTF128(operand.U8(1), t.x().AsX(), t.b(), t.b())
	}
}

// expandB loads rows of b with AVX-512, each to its lanes. If their columns fill these, that is a load as any
// other: to expand takes Intel's processors as long as to multiply by two rows of a.
func (t narrowTile) expandB(m operand.Mem, chain int) {
	full, ready := fmt.Sprintf("full%dof", chain), fmt.Sprintf("expanded%dof", chain)
	build.CMPQ(directLeft, operand.U8(t.columns()))
	build.JEQ(t.ref(full))
	t.expand(m, reg.K2, t.b())
	build.JMP(t.ref(ready))
	build.Label(t.label(full))
	t.mov(m, t.b())
	build.Label(t.label(ready))
}

// spread loads a factor for each row of b and copies it to the lanes of its columns.
func (t narrowTile) spread(m operand.Mem, x reg.VecPhysical) {
	switch bytes := t.rowsOfB * t.size; {
	case t.rowsOfB == 1:
		t.broadcast(m, x)
		return
	case bytes == 8:
		build.VBROADCASTSD(m, x)
	case bytes == 16 && t.bytes == 64:
		build.VBROADCASTF32X4(m, x)
	case bytes == 16:
		build.VBROADCASTF128(m, x)
	default:
		build.VMOVUPS(m, x.AsY())
		build.VPERMPS(x, t.indices(), x)
		return
	}
	build.VPERMILPS(t.indices(), x, x)
}

// spreadSymbol is the table of indices for spread, in units of 32 bits.
func (t narrowTile) spreadSymbol() operand.Mem {
	name := fmt.Sprintf("matmulSpread%s%s%d", t.element.name, t.instructionSet.name, t.rowsOfB)
	return operand.NewDataAddr(operand.Symbol{Name: name, Static: true}, 0)
}

func (t narrowTile) spreadTable() {
	build.GLOBL(t.spreadSymbol().Symbol.Name, attr.RODATA|attr.NOPTR)
	units := t.size / 4
	for i := range t.bytes / 4 {
		row := i / units / t.columns()
		build.DATA(4*i, operand.U32(row*units+i%units))
	}
}

// lastRow multiplies a single row of b, which is too few for a vector.
func (t narrowTile) lastRow() {
	t.loadColumns(operand.Mem{Base: bRow}, t.b())
	for row := range t.rows {
		if t.bytes == 64 {
			t.fmaBroadcast(aElement(directA, row), t.b(), t.maskRegister(), t.acc(row, 0))
			continue
		}
		t.broadcast(aElement(directA, row), t.x())
		build.VANDPS(t.maskRegister(), t.x(), t.x()) // a factor of infinity would make other lanes NaN
		t.fma(t.b(), t.x(), t.acc(row, 0))
	}
	t.forward(1)
}

// forward moves on by so many rows of b.
func (t narrowTile) forward(rowsOfB int) {
	for i := 0; i < t.rows; i += 3 {
		build.ADDQ(operand.U8(rowsOfB*t.size), directA[i/3])
	}
	if rowsOfB == 1 {
		build.ADDQ(bStep, bRow)
	} else {
		build.LEAQ(operand.Mem{Base: bRow, Index: bStep, Scale: uint8(rowsOfB)}, bRow)
	}
}

// sum adds the sums of each row up and stores them.
func (t narrowTile) sum() {
	for row := range t.rows {
		for step := 1; step < t.chains(); step *= 2 {
			for chain := 0; chain < t.chains(); chain += 2 * step {
				t.add(t.acc(row, chain+step), t.acc(row, chain), t.acc(row, chain))
				if t.vectors() == 2 {
					t.add(t.second(row, chain+step), t.second(row, chain), t.second(row, chain))
				}
			}
		}
		t.addRows(t.acc(row, 0))
	}
	build.Load(build.Param("c"), cRow)
	if t.bytes == 64 {
		t.overC(func(m operand.Mem, row int) {
			if t.vectors() == 2 {
				t.mov(t.acc(row, 0), m)
				t.mov(t.second(row, 0), lastOf(m))
				return
			}
			t.mov(t.acc(row, 0), reg.K1, m)
		})
		return
	}
	t.storeParts(t.label("part"), directLeft, depth, t.b(), t.x(), func(store func(m operand.Mem, x reg.VecPhysical)) {
		t.overC(func(m operand.Mem, row int) { store(m, t.acc(row, 0)) })
	})
}

// addRows adds the lanes of all rows of b to those of the first, halving their number each time.
func (t narrowTile) addRows(x reg.VecPhysical) {
	if t.rowsOfB <= 1 {
		return
	}
	tmp := t.x()
	if t.bytes == 64 && t.rowsOfB > 1 {
		build.VEXTRACTF64X4(operand.U8(1), x, tmp.AsY())
		t.add(tmp.AsY(), x.AsY(), x.AsY())
	}
	bytes := t.columns() * t.size // of a row
	if bytes <= 16 {
		if t.bytes == 64 { // tmp may be one of the registers that have this alone
			build.VEXTRACTF32X4(operand.U8(1), x.AsY(), tmp.AsX())
		} else {
			build.VEXTRACTF128(operand.U8(1), x.AsY(), tmp.AsX())
		}
		t.add(tmp.AsX(), x.AsX(), x.AsX())
	}
	if bytes == 8 {
		build.VUNPCKHPD(x.AsX(), x.AsX(), tmp.AsX())
		t.add(tmp.AsX(), x.AsX(), x.AsX())
	}
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
