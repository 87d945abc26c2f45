package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// General-purpose registers of a tile function.
var (
	aBases = []reg.GPPhysical{reg.RAX, reg.RBX, reg.RCX, reg.RDX} // rows 0, 3, 6, 9 of a
	aRow   = reg.RSI                                              // bytes between rows of a
	aStep  = reg.RDI                                              // bytes between columns of a
	bRow   = reg.R8
	bStep  = reg.R9
	depth  = reg.R10
	cRow   = reg.R11
	cStep  = reg.R12
	rows   = reg.R13
	spare  = reg.R14
	packed = reg.R15
	next   = reg.R15 // in tiles that do not pack
)

// prefetchAhead is how many rows of b ahead of use a tile asks for: it must be a scale factor of
// an address, and 8 rows are far enough to hide the second-level cache.
const prefetchAhead = 8

// tile writes the function of one tile shape, with a code path for each number of rows.
func (g generator) tile(shape tileShape) {
	name := g.funcName(fmt.Sprintf("Tile%d", shape.vectors))
	width, last, model := "full", "width int, add bool, next *"+g.goType, "tileGeneric"
	if shape.masked {
		name += "Masked"
		width = "any"
	}
	if shape.packs {
		name += "Packing"
		last, model = "add bool, packed *"+g.goType, "packingTileGeneric"
	}
	build.TEXT(name, attr.NOSPLIT, fmt.Sprintf(
		"func(rows, k int, a *%[1]s, aRow, aStep int, b *%[1]s, bStep int, c *%[1]s, cStep int, %[2]s)", g.goType, last))
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s is a tile of at most %d rows and %d vectors of columns, the last of %s width. It works like %s.",
		name, shape.rows, shape.vectors, width, model))
	load(params{{"rows", rows}, {"k", depth}, {"a", aBases[0]}, {"aRow", aRow}, {"aStep", aStep},
		{"b", bRow}, {"bStep", bStep}, {"c", cRow}, {"cStep", cStep}})
	for r := shape.rows; r > 1; r-- {
		build.CMPQ(rows, operand.U8(r))
		build.JEQ(operand.LabelRef(label("rows", r)))
	}
	for r := 1; r <= shape.rows; r++ {
		build.Label(label("rows", r))
		t := newTile(g, shape, r)
		t.setUp()
		t.multiply()
		t.store()
		build.VZEROUPPER()
		build.RET()
	}
}

func label(what string, r int) string { return fmt.Sprintf("%s%d", what, r) }

// A tile is the code path for a certain number of rows: its accumulators stay in registers
// while the loop runs over k.
type tile struct {
	generator
	tileShape
	rows int
	acc  []reg.VecPhysical // row by row
	held []reg.VecPhysical // the operand with fewer values: vectors of b or broadcasts of a
	flow []reg.VecPhysical // takes the values of the other operand in turn
	mask reg.Register      // of the last vector, if masked
}

func newTile(g generator, shape tileShape, rows int) *tile {
	t := &tile{generator: g, tileShape: shape, rows: rows}
	free := g.regs
	take := func(n int) []reg.VecPhysical {
		r := free[:n]
		free = free[n:]
		return r
	}
	t.acc = take(rows * shape.vectors)
	t.held = take(min(rows, shape.vectors))
	if shape.masked {
		t.mask = reg.K1
		if g.bytes == 32 {
			t.mask = take(1)[0]
		}
	}
	t.flow = take(min(len(free), 4))
	return t
}

func (t *tile) at(row, vector int) reg.VecPhysical { return t.acc[row*t.vectors+vector] }

// setUp makes the mask and the row pointers of a, and loads or clears the accumulators.
func (t *tile) setUp() {
	if t.masked {
		t.setMask()
	}
	if t.packs {
		build.Load(build.Param("packed"), packed)
	} else {
		build.Load(build.Param("next"), next)
	}
	if t.rows > 3 {
		build.LEAQ(operand.Mem{Base: aRow, Index: aRow, Scale: 2}, spare)
	}
	for i := 3; i < t.rows; i += 3 {
		build.LEAQ(operand.Mem{Base: aBases[i/3-1], Index: spare, Scale: 1}, aBases[i/3])
	}
	build.MOVQ(operand.U32(t.rows), rows)
	build.CMPB(argument("add"), operand.U8(0))
	build.JEQ(operand.LabelRef(label("clear", t.rows)))
	build.MOVQ(cRow, spare)
	for r := range t.rows {
		for v := range t.vectors {
			t.loadVector(spare, v, t.at(r, v))
		}
		if r < t.rows-1 {
			build.ADDQ(cStep, spare)
		}
	}
	build.LEAQ(operand.Mem{Base: cRow, Disp: t.vectors * t.bytes}, spare)
	build.JMP(operand.LabelRef(label("loop", t.rows)))
	build.Label(label("clear", t.rows))
	for _, r := range t.acc {
		t.zero(r)
	}
	build.MOVQ(cRow, spare)
}

// argument is the place of a parameter in memory.
func argument(name string) operand.Op {
	b, err := build.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// setMask makes the mask of the last vector from width.
func (t *tile) setMask() {
	t.lastWidth()
	t.maskOf(spare, spare, rows, t.mask)
}

// lastWidth sets spare to the columns of the last vector.
func (t *tile) lastWidth() {
	build.Load(build.Param("width"), spare)
	if whole := (t.vectors - 1) * t.lanes(); whole > 0 {
		build.SUBQ(operand.U8(whole), spare)
	}
}

// loadVector loads vector v of the row at base.
func (t *tile) loadVector(base reg.Register, v int, dst reg.VecPhysical) {
	m := operand.Mem{Base: base, Disp: v * t.bytes}
	switch {
	case !t.masked || v < t.vectors-1:
		t.mov(m, dst)
	case t.bytes == 64:
		t.movMasked(m, t.mask, dst)
	default:
		t.maskMov(m, t.mask, dst)
	}
}

// multiply adds the products of k columns of a and rows of b. The caller sees to k > 0.
func (t *tile) multiply() {
	build.Label(label("loop", t.rows))
	if t.vectors > 1 {
		for line := 0; line < t.vectors*t.bytes; line += 64 {
			build.PREFETCHT0(operand.Mem{Base: bRow, Index: bStep, Scale: prefetchAhead, Disp: line})
		}
	}
	if t.packs {
		// b comes from far away, and its rows may begin inside of a line: ask for the last line, and
		// for what the next strip needs beyond it.
		strip := t.vectors * t.bytes
		build.PREFETCHT0(operand.Mem{Base: bRow, Index: bStep, Scale: prefetchAhead, Disp: strip - 1})
		for line := 0; line < strip; line += 64 {
			build.PREFETCHT1(operand.Mem{Base: bRow, Disp: strip + line + 63})
		}
	}
	if t.vectors <= t.rows {
		for v := range t.vectors {
			t.loadVector(bRow, v, t.held[v])
			if t.packs {
				t.mov(t.held[v], operand.Mem{Base: packed, Disp: v * t.bytes})
			}
		}
		for r := range t.rows {
			a := t.flow[r%len(t.flow)]
			t.broadcast(aElement(aBases, r), a)
			for v := range t.vectors {
				t.fma(t.held[v], a, t.at(r, v))
			}
		}
	} else {
		for r := range t.rows {
			t.broadcast(aElement(aBases, r), t.held[r])
		}
		for v := range t.vectors {
			b := t.flow[v%len(t.flow)]
			t.loadVector(bRow, v, b)
			if t.packs {
				t.mov(b, operand.Mem{Base: packed, Disp: v * t.bytes})
			}
			for r := range t.rows {
				t.fma(b, t.held[r], t.at(r, v))
			}
		}
	}
	for i := 0; i < t.rows; i += 3 {
		build.ADDQ(aStep, aBases[i/3])
	}
	build.ADDQ(bStep, bRow)
	if t.packs {
		build.ADDQ(operand.U32(t.vectors*t.bytes), packed)
	}
	build.DECQ(depth)
	build.JZ(operand.LabelRef(label("done", t.rows)))
	build.TESTQ(operand.U32(askEvery-1), depth)
	build.JNZ(operand.LabelRef(label("loop", t.rows)))
	if !t.packs {
		build.PREFETCHT1(operand.Mem{Base: next})
		build.ADDQ(operand.U8(64), next)
	}
	build.DECQ(rows)
	build.JLT(operand.LabelRef(label("loop", t.rows)))
	for line := 0; line < t.vectors*t.bytes; line += 64 {
		build.PREFETCHT0(operand.Mem{Base: spare, Disp: line})
	}
	build.ADDQ(cStep, spare)
	build.JMP(operand.LabelRef(label("loop", t.rows)))
	build.Label(label("done", t.rows))
}

// askEvery is after how many steps of k, a power of two, a tile asks for a line from next on and for
// another row of c: its own, to be written at last, or that of the tile on the right, if that will be
// read. All lines at once would keep those of b waiting while they come from memory.
const askEvery = 8

// aElement is the address of row r in the current column of a, where bases are those of every third row.
func aElement(bases []reg.GPPhysical, r int) operand.Mem {
	m := operand.Mem{Base: bases[r/3]}
	if r%3 > 0 {
		m.Index, m.Scale = aRow, uint8(r%3)
	}
	return m
}

// store writes the accumulators to c.
func (t *tile) store() {
	last := t.vectors - 1
	over := func(storeLast func(m operand.Mem, x reg.VecPhysical)) {
		for r := range t.rows {
			for v := range t.vectors {
				m := operand.Mem{Base: cRow, Disp: v * t.bytes}
				if v < last {
					t.mov(t.at(r, v), m)
				} else {
					storeLast(m, t.at(r, v))
				}
			}
			if r < t.rows-1 {
				build.ADDQ(cStep, cRow)
			}
		}
	}
	switch {
	case !t.masked:
		over(func(m operand.Mem, x reg.VecPhysical) { t.mov(x, m) })
	case t.bytes == 64:
		over(func(m operand.Mem, x reg.VecPhysical) { t.mov(x, t.mask, m) })
	default:
		t.lastWidth()
		t.storeParts(label("part", t.rows), spare, rows, t.held[0], t.flow[0], over)
	}
}
