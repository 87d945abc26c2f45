package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// edge writes the function for a transposed a and a few columns, alone or beyond a whole vector. They lie across
// vectors: one holds a column of several rows of c, which follow each other in a. So no lane is empty.
func (g generator) edge() {
	name := g.funcName("Edge")
	build.TEXT(name, attr.NOSPLIT, fmt.Sprintf("func(groups, n, k int, a *%[1]s, aStep int, b, c *%[1]s)", g.goType))
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s works as smallSet.edge, for n of 2 to %[2]d and of %d to %d.", name, g.edgeColumns(), g.lanes()+1, g.lanes()+g.edgeColumns()))
	load(params{{"n", directLeft}, {"aStep", aStep}, {"a", aRow}, {"c", directB}})
	build.IMUL3Q(operand.U8(g.size), directLeft, bStep)
	build.LEAQ(operand.Mem{Base: bStep, Index: bStep, Scale: 2}, cStep)
	var tiles []edgeTile
	for columns := 2; columns <= g.edgeColumns(); columns++ {
		tiles = append(tiles, edgeTile{g, 0, columns})
	}
	for columns := 1; columns <= g.edgeColumns(); columns++ {
		tiles = append(tiles, edgeTile{g, 1, columns})
	}
	for _, t := range tiles[1:] {
		build.CMPQ(directLeft, operand.U8(t.whole*t.lanes()+t.columns))
		build.JEQ(t.ref("tile"))
	}
	for _, t := range tiles {
		t.write()
	}
}

// edgeColumns is the most columns that edge lays across vectors.
func (g generator) edgeColumns() int { return 2 * g.group() }

// An edgeTile is the code of edge for a number of whole vectors of columns, none or one, and of columns beyond.
type edgeTile struct {
	generator
	whole, columns int
}

func (t edgeTile) ref(what string) operand.LabelRef { return operand.LabelRef(t.label(what)) }

func (t edgeTile) label(what string) string { return fmt.Sprintf("%s%dx%d", what, t.whole, t.columns) }

// rows is how many rows of c a tile has.
func (t edgeTile) rows() int { return 32 >> t.whole }

// vectors is how many vectors hold a column.
func (t edgeTile) vectors() int { return t.rows() / t.lanes() }

// row is the register for the whole vector of a row of c, column for a part of a column beyond it.
func (t edgeTile) row(r int) reg.VecPhysical       { return t.regs[r] }
func (t edgeTile) column(j, v int) reg.VecPhysical { return t.regs[t.rows()*t.whole+j*t.vectors()+v] }

// free are the registers that hold nothing of c while it is summed up.
func (t edgeTile) free() []reg.VecPhysical {
	return t.regs[t.rows()*t.whole+t.columns*t.vectors():]
}

func (t edgeTile) write() {
	build.Label(t.label("tile"))
	build.MOVQ(aRow, directA[0])
	build.Load(build.Param("b"), bRow)
	build.Load(build.Param("k"), depth)
	sums := len(t.regs) - len(t.free())
	for _, x := range t.regs[:sums] {
		t.zero(x)
	}
	b, x := t.free()[0], t.free()[1:1+t.vectors()]
	build.Label(t.label("loop"))
	for v := range x {
		t.mov(operand.Mem{Base: directA[0], Disp: v * t.bytes}, x[v])
	}
	if t.whole > 0 {
		t.mov(operand.Mem{Base: bRow}, b)
		for r := range t.rows() {
			t.fmaBroadcast(operand.Mem{Base: directA[0], Disp: r * t.size}, b, t.row(r))
		}
	}
	for j := range t.columns {
		m := operand.Mem{Base: bRow, Disp: t.whole*t.bytes + j*t.size}
		if len(x) == 1 {
			t.fmaBroadcast(m, x[0], t.column(j, 0))
			continue
		}
		t.broadcast(m, b)
		for v := range x {
			t.fma(b, x[v], t.column(j, v))
		}
	}
	build.ADDQ(aStep, directA[0])
	build.ADDQ(bStep, bRow)
	build.DECQ(depth)
	build.JNZ(t.ref("loop"))
	t.store()
	build.ADDQ(operand.U32(t.rows()*t.size), aRow)
	build.DECQ(argument("groups"))
	build.JNZ(t.ref("tile"))
	build.VZEROUPPER()
	build.RET()
}

// store writes the whole vectors, then the columns beyond in groups of 128 bits, and leaves directB behind the tile.
func (t edgeTile) store() {
	if t.whole > 0 {
		t.overRows(0, func(m operand.Mem, r int) { t.mov(t.row(r), m) })
	}
	for first := 0; first < t.columns; first += t.group() {
		width := min(t.group(), t.columns-first)
		if width < t.group() {
			build.MOVL(operand.U32(1<<(width*t.size/4)-1), spare.As32())
			build.KMOVW(spare.As32(), reg.K1)
		}
		var turned []reg.VecPhysical // the rows of each vector
		t.overRows(t.whole*t.bytes+first*t.size, func(m operand.Mem, r int) {
			v, lane, i := r/t.lanes(), r%t.lanes()/t.group(), r%t.group()
			if r%t.lanes() == 0 {
				turned = t.turn(first, width, v)
			}
			t.storeLane(lane, turned[i], width, m)
		})
	}
	build.MOVQ(cRow, directB)
}

// turn transposes the 128-bit lanes of width columns: each then holds a part of a row.
func (t edgeTile) turn(first, width, v int) []reg.VecPhysical {
	in := make([]reg.VecPhysical, t.group())
	for i := range in {
		in[i] = t.column(first+min(i, width-1), v)
	}
	tmp := t.free()[:4]
	out := t.free()[4:][:t.group()]
	t.transposeLanes(in, out, tmp)
	return out
}

// storeLane stores width elements of a 128-bit lane.
func (t edgeTile) storeLane(lane int, x reg.VecPhysical, width int, m operand.Mem) {
	mask := []operand.Op{reg.K1}
	if width == t.group() {
		mask = nil
	}
	if lane == 0 {
		build.VMOVUPS(append(append([]operand.Op{x.AsX()}, mask...), m)...)
		return
	}
	build.VEXTRACTF32X4(append(append([]operand.Op{operand.U8(lane), x}, mask...), m)...)
}

// overRows calls f with the address in each row of c, disp bytes from its beginning, and leaves cRow behind the last.
func (t edgeTile) overRows(disp int, f func(m operand.Mem, r int)) {
	build.MOVQ(directB, cRow)
	for r := range t.rows() {
		f(rowAt(cRow, bStep, cStep, r%4, disp), r)
		if r%4 == 3 {
			build.LEAQ(operand.Mem{Base: cRow, Index: bStep, Scale: 4}, cRow)
		}
	}
}
