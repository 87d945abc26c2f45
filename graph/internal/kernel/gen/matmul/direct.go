package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Registers of direct beside those of a tile.
var (
	directB    = reg.R13                                     // the strip of b
	directA    = []reg.GPPhysical{reg.RAX, reg.RBX, reg.R15} // rows 0, 3 and 6
	directLeft = reg.RDX                                     // columns to come; in the last tile, where its last vector begins
	directNext = reg.RCX                                     // from a row of b to what is asked for, or 0
)

// direct writes the function that multiplies matrices where they are: groups of rows, each a tile at
// a time from left to right. So small products need no more than one call.
func (g generator) direct() {
	name := g.funcName("Direct")
	build.TEXT(name, attr.NOSPLIT, fmt.Sprintf(
		"func(rows, groups, n, k int, a *%[1]s, aRow, aStep int, b *%[1]s, bStep int, c *%[1]s, cStep int, add bool, next int, fetch bool)", g.goType))
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s works like directGeneric on groups of at most %d rows, for n and k of at least 1.", name, len(g.directVectors)))
	load(params{{"rows", spare}, {"aRow", aRow}, {"aStep", aStep}, {"bStep", bStep}, {"cStep", cStep}, {"next", directNext}})
	for r := len(g.directVectors); r > 1; r-- {
		build.CMPQ(spare, operand.U8(r))
		build.JEQ(operand.LabelRef(label("rows", r)))
	}
	for r := 1; r <= len(g.directVectors); r++ {
		build.Label(label("rows", r))
		g.directGroups(r)
	}
}

// directGroups writes the loops over groups of r rows and over their tiles.
func (g generator) directGroups(r int) {
	ref := func(what string) operand.LabelRef { return operand.LabelRef(label(what, r)) }
	build.Load(build.Param("b"), directB)
	build.Load(build.Param("c"), cRow)
	build.Load(build.Param("n"), directLeft)

	build.Label(label("tile", r))
	build.Load(build.Param("a"), directA[0])
	if r > 3 {
		build.LEAQ(operand.Mem{Base: aRow, Index: aRow, Scale: 2}, spare)
	}
	for i := 3; i < r; i += 3 {
		build.LEAQ(operand.Mem{Base: directA[i/3-1], Index: spare, Scale: 1}, directA[i/3])
	}
	build.MOVQ(directB, bRow)
	vectors := g.directVectors[r-1]
	strip, most := vectors*g.lanes(), vectors
	if r == 1 && vectors < 8 { // so that a narrow last tile need not wait for one multiply-add after the other
		most *= 2
	}
	build.CMPQ(directLeft, operand.U8(most*g.lanes()))
	build.JLT(ref("last"))
	directTile{g, r, vectors, whole}.write()
	build.ADDQ(operand.U32(vectors*g.bytes), directB)
	build.ADDQ(operand.U32(vectors*g.bytes), cRow)
	build.SUBQ(operand.U8(strip), directLeft)
	build.JNE(ref("tile"))
	build.JMP(ref("next"))

	build.Label(label("last", r))
	for v := most; v > 1; v-- {
		build.CMPQ(directLeft, operand.U8((v-1)*g.lanes()))
		build.JGT(operand.LabelRef(fmt.Sprintf("last%dx%d", r, v)))
	}
	for v := 1; v <= most; v++ {
		build.Label(fmt.Sprintf("last%dx%d", r, v))
		if g.bytes == 64 { // shorter vectors are quicker
			build.CMPQ(directLeft, operand.U8((v-1)*g.lanes()+g.lanes()/2))
			build.JLE(operand.LabelRef(fmt.Sprintf("half%dx%d", r, v)))
		}
		directTile{g, r, v, part}.write()
		build.JMP(ref("next"))
		if g.bytes == 64 {
			build.Label(fmt.Sprintf("half%dx%d", r, v))
			directTile{g, r, v, half}.write()
			build.JMP(ref("next"))
		}
	}

	build.Label(label("next", r))
	nextGroup(r, label("rows", r), label("end", r))
}

// nextGroup moves a and c on by r rows and jumps to again, or returns after the last group.
func nextGroup(r int, again, end string) {
	build.DECQ(argument("groups"))
	build.JZ(operand.LabelRef(end))
	build.IMUL3Q(operand.U8(r), aRow, spare)
	build.ADDQ(spare, argument("a"))
	build.IMUL3Q(operand.U8(r), cStep, spare)
	build.ADDQ(spare, argument("c"))
	build.JMP(operand.LabelRef(again))
	build.Label(end)
	build.VZEROUPPER()
	build.RET()
}

// A lastVector tells how much of the last vector of a tile is used.
type lastVector string

const (
	whole lastVector = "Whole"
	part  lastVector = "Part"
	half  lastVector = "Half" // at most, so that a vector of half the length does
)

// A directTile is the code for one tile of direct. Its last vector, if not whole, ends where the tile does:
// it shares columns with the vector before, which are computed twice, or is masked if it is the only one.
type directTile struct {
	generator
	rows, vectors int
	last          lastVector
}

func (t directTile) masked() bool { return t.last != whole && t.vectors == 1 }

// at is the address of vector v of the row at base.
func (t directTile) at(base reg.Register, v int) operand.Mem {
	if t.last != whole && 0 < v && v == t.vectors-1 {
		return operand.Mem{Base: base, Index: directLeft, Scale: 1}
	}
	return operand.Mem{Base: base, Disp: v * t.bytes}
}

func (t directTile) label(what string) string {
	return fmt.Sprintf("%s%s%dx%d", what, t.last, t.rows, t.vectors)
}

func (t directTile) acc(row, v int) reg.VecPhysical { return t.fit(t.regs[row*t.vectors+v], v) }

// fit returns as much of a register as vector v takes.
func (t directTile) fit(x reg.VecPhysical, v int) reg.VecPhysical {
	if t.last == half && v == t.vectors-1 {
		return x.AsY().(reg.VecPhysical)
	}
	return x
}

func (t directTile) write() {
	switch {
	case t.masked():
		t.maskOf(directLeft, spare, depth, t.maskRegister())
	case t.last != whole:
		build.IMUL3Q(operand.U8(t.size), directLeft, directLeft)
		build.SUBQ(operand.U8(t.acc(0, t.vectors-1).Size()), directLeft)
	}
	build.Load(build.Param("k"), depth)
	build.CMPB(argument("add"), operand.U8(0))
	build.JEQ(operand.LabelRef(t.label("clear")))
	t.overC(t.load)
	build.JMP(operand.LabelRef(t.label("ready")))
	build.Label(t.label("clear"))
	for i := range t.rows * t.vectors {
		t.zero(t.regs[i])
	}
	build.Label(t.label("ready"))
	build.CMPB(argument("fetch"), operand.U8(0))
	build.JEQ(operand.LabelRef(t.label("fetched")))
	t.overC(func(m operand.Mem, _ reg.VecPhysical) { build.PREFETCHT0(m) })
	build.Label(t.label("fetched"))
	if t.last != whole || t.rows <= 2 { // of so few rows, loads are most of the work
		t.multiply(false)
	} else {
		build.TESTQ(directNext, directNext)
		build.JZ(operand.LabelRef(t.label("plain")))
		t.multiply(true)
		build.JMP(operand.LabelRef(t.label("store")))
		build.Label(t.label("plain"))
		t.multiply(false)
		build.Label(t.label("store"))
	}
	if t.masked() && t.bytes == 32 {
		free := t.regs[len(t.regs)-2:]
		t.storeParts(t.label("part"), directLeft, depth, free[0], free[1], t.overC)
		return
	}
	t.overC(func(m operand.Mem, x reg.VecPhysical) {
		if t.masked() {
			t.mov(x, t.maskRegister(), m)
		} else {
			t.mov(x, m)
		}
	})
}

// multiply writes the loop over k, which may ask for what it reads next.
func (t directTile) multiply(asks bool) {
	loop := t.label("loop")
	if asks {
		loop = t.label("asking")
	}
	build.Label(loop)
	for line := 0; asks && line < t.vectors*t.bytes; line += 64 {
		build.PREFETCHT1(operand.Mem{Base: bRow, Index: directNext, Scale: 1, Disp: line})
	}
	free := t.regs[t.rows*t.vectors:]
	if t.masked() && t.bytes == 32 {
		free = free[:len(free)-1]
	}
	if t.rows == 1 && t.vectors > 1 { // a load of its own would save nothing
		t.broadcast(operand.Mem{Base: directA[0]}, free[0])
		for v := range t.vectors {
			t.fma(t.at(bRow, v), t.fit(free[0], v), t.acc(0, v))
		}
	} else {
		t.multiplyRows(free[:t.vectors], free[t.vectors:])
	}
	build.ADDQ(aStep, directA[0])
	for i := 3; i < t.rows; i += 3 {
		build.ADDQ(aStep, directA[i/3])
	}
	build.ADDQ(bStep, bRow)
	build.DECQ(depth)
	build.JNZ(operand.LabelRef(loop))
}

// multiplyRows multiplies a vector of each column, loaded to b, by a factor of each row, loaded to flow in turn.
func (t directTile) multiplyRows(b, flow []reg.VecPhysical) {
	for v := range t.vectors {
		t.load(t.at(bRow, v), t.fit(b[v], v))
	}
	for r := range t.rows {
		m := aElement(directA, r)
		if t.bytes == 64 && t.vectors == 1 { // no load of its own
			t.fmaBroadcast(m, t.fit(b[0], 0), t.acc(r, 0))
			continue
		}
		a := flow[r%min(len(flow), 4)]
		t.broadcast(m, a)
		for v := range t.vectors {
			t.fma(t.fit(b[v], v), t.fit(a, v), t.acc(r, v))
		}
	}
}

func (t directTile) load(m operand.Mem, x reg.VecPhysical) {
	switch {
	case !t.masked():
		t.mov(m, x)
	case t.bytes == 64:
		t.movMasked(m, t.maskRegister(), x)
	default:
		t.maskMov(m, t.maskRegister(), x)
	}
}

// overC calls f with every vector of the tile of c.
func (t directTile) overC(f func(m operand.Mem, x reg.VecPhysical)) {
	base := cRow
	for row := range t.rows {
		for v := range t.vectors {
			f(t.at(base, v), t.acc(row, v))
		}
		switch {
		case row == t.rows-1:
		case row == 0:
			build.LEAQ(operand.Mem{Base: cRow, Index: cStep, Scale: 1}, spare)
			base = spare
		default:
			build.ADDQ(cStep, spare)
		}
	}
}
