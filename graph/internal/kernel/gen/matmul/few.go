package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// few writes the function that multiplies few rows of a by some vectors of columns of a transposed b,
// which are rows of memory. Nothing is packed: as in transpose, columns are turned in registers, a
// group of 128 bits of each at a time, and used at once. With eight rows of a, turning b costs
// nothing, as other parts of the processor do it.
func (g generator) few() {
	name := g.funcName("Few")
	build.TEXT(name, attr.NOSPLIT, fmt.Sprintf(
		"func(rows, vectors, k int, a *%[1]s, aRow, aStep int, b *%[1]s, bStep int, c *%[1]s, cStep int, add bool)", g.goType))
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s works like fewGeneric on as many rows and vectors as its tileSet says, or one vector, for k of at least %d.",
		name, g.group()))
	load(params{{"rows", fewAt}, {"vectors", fewHigh}, {"k", depth}, {"a", fewA[0]}, {"aRow", fewARow}, {"aStep", fewAStep},
		{"b", fewB}, {"bStep", fewBStep}})
	build.LEAQ(operand.Mem{Base: fewBStep, Index: fewBStep, Scale: 2}, fewB3)
	build.LEAQ(operand.Mem{Base: fewBStep, Index: fewBStep, Scale: 4}, fewB5)
	build.LEAQ(operand.Mem{Base: fewB3, Index: fewBStep, Scale: 4}, fewB7)
	for r := len(g.fewVectors); r > 1; r-- {
		build.CMPQ(fewAt, operand.U8(r))
		build.JEQ(operand.LabelRef(label("rows", r)))
	}
	for r, vectors := range g.fewVectors {
		build.Label(label("rows", r+1))
		if vectors > 1 {
			build.CMPQ(fewHigh, operand.U8(1))
			build.JEQ(operand.LabelRef(label("single", r+1)))
			fewPath{g, r + 1, vectors}.write()
			build.Label(label("single", r+1))
		}
		fewPath{g, r + 1, 1}.write()
	}
}

// General-purpose registers of few, beside depth. c is loaded when it is needed.
var (
	fewA     = []reg.GPPhysical{reg.RAX, reg.RBX} // rows of a: see aElement
	fewATrip = reg.RCX                            // three times fewARow or, of one or two rows, fewAStep
	fewARow  = reg.RSI
	fewAStep = reg.RDI
	fewB     = reg.R8
	fewBStep = reg.R9
	fewB3    = reg.R15 // multiples of fewBStep
	fewB5    = reg.R11
	fewB7    = reg.R12
	fewAhead = reg.R13 // asks for the next columns
	fewAt    = reg.RDX // the columns of a vector
	fewHigh  = reg.R14 // eight columns on
)

// aRows is the number of rows of a that one register reaches.
const aRows = 5

// fewClash is a distance of columns at which they fight for the same lines of the first-level cache.
const fewClash = 2048

// A fewPath is the code for a number of rows and of vectors.
type fewPath struct {
	generator
	rows, vectors int
}

func (p fewPath) label(what string) string { return fmt.Sprintf("%s%dx%d", what, p.rows, p.vectors) }

func (p fewPath) ref(what string) operand.LabelRef { return operand.LabelRef(p.label(what)) }

// acc is the accumulator of a row and vector.
func (p fewPath) acc(row, v int) reg.VecPhysical { return p.regs[len(p.regs)-1-p.vectors*row-v] }

// write writes the path.
func (p fewPath) write() {
	n := p.group()
	p.setUp()
	if p.bytes == 64 && p.vectors == 1 {
		build.TESTQ(operand.U32(fewClash-1), fewBStep)
		build.JNE(p.ref("groups"))
		build.SUBQ(operand.U8(4*n), depth)
		build.JLT(p.ref("lines"))
		build.Label(p.label("line"))
		p.writeLine()
		build.ADDQ(operand.U8(64), fewB)
		build.SUBQ(operand.U8(4*n), depth)
		build.JGE(p.ref("line"))
		build.Label(p.label("lines"))
		build.ADDQ(operand.U8(4*n), depth)
		build.Label(p.label("groups"))
	}
	build.SUBQ(operand.U8(n), depth)
	build.JLT(p.ref("rest"))
	build.Label(p.label("loop"))
	p.writeGroup()
	build.ADDQ(operand.U8(16), fewB)
	build.SUBQ(operand.U8(n), depth)
	build.JGE(p.ref("loop"))
	build.Label(p.label("rest"))
	build.ADDQ(operand.U8(n), depth)
	build.JEQ(p.ref("store"))
	p.rest()
	build.Label(p.label("store"))
	p.overC(func(m operand.Mem, x reg.VecPhysical) { p.mov(x, m) })
	build.VZEROUPPER()
	build.RET()
}

// setUp loads or clears the accumulators and makes the addresses.
func (p fewPath) setUp() {
	build.CMPB(addParam(), operand.U8(0))
	build.JEQ(p.ref("clear"))
	p.overC(func(m operand.Mem, x reg.VecPhysical) { p.mov(m, x) })
	build.JMP(p.ref("ready"))
	build.Label(p.label("clear"))
	for row := range p.rows {
		for v := range p.vectors {
			p.zero(p.acc(row, v))
		}
	}
	build.Label(p.label("ready"))
	if p.rows <= len(fewA) {
		build.LEAQ(operand.Mem{Base: fewAStep, Index: fewAStep, Scale: 2}, fewATrip)
		build.LEAQ(operand.Mem{Base: fewA[0], Index: fewARow, Scale: 1}, fewA[1])
	} else {
		build.LEAQ(operand.Mem{Base: fewARow, Index: fewARow, Scale: 2}, fewATrip)
		build.LEAQ(operand.Mem{Base: fewARow, Index: fewARow, Scale: 4}, fewA[1])
		build.ADDQ(fewA[0], fewA[1])
	}
	build.MOVQ(fewBStep, fewAhead)
	build.IMUL3Q(operand.U8(p.vectors*p.lanes()), fewAhead, fewAhead)
	build.ADDQ(fewB, fewAhead)
}

// overC calls f with every vector of c.
func (p fewPath) overC(f func(m operand.Mem, x reg.VecPhysical)) {
	build.Load(build.Param("c"), fewAt)
	build.Load(build.Param("cStep"), fewHigh)
	for row := range p.rows {
		for v := range p.vectors {
			f(operand.Mem{Base: fewAt, Disp: v * p.bytes}, p.acc(row, v))
		}
		if row < p.rows-1 {
			build.ADDQ(fewHigh, fewAt)
		}
	}
}

// aElement is the address of row r of a in column q of a group. With one or two rows each row has a
// register, which stays for the group; with more, registers go on by a column at a time.
func (p fewPath) aElement(q, r int) operand.Mem {
	i, of, step := r, q, fewAStep
	if p.rows > len(fewA) {
		i, of, step = r/aRows, r%aRows, fewARow
	}
	m := operand.Mem{Base: fewA[i]}
	switch of {
	case 1, 2, 4:
		m.Index, m.Scale = step, uint8(of)
	case 3:
		m.Index, m.Scale = fewATrip, 1
	}
	return m
}

// nextColumn goes on to the next column of a.
func (p fewPath) nextColumn() {
	if p.rows <= len(fewA) {
		return
	}
	for i := 0; i < p.rows; i += aRows {
		build.ADDQ(fewAStep, fewA[i/aRows])
	}
}

// columnOfB is the address of column i, from 0 to 7, after at.
func (g generator) columnOfB(at reg.Register, i int) operand.Mem {
	m := operand.Mem{Base: at}
	switch i {
	case 1, 2, 4:
		m.Index, m.Scale = fewBStep, uint8(i)
	case 3, 6:
		m.Index, m.Scale = fewB3, uint8(i/3)
	case 5:
		m.Index, m.Scale = fewB5, 1
	case 7:
		m.Index, m.Scale = fewB7, 1
	}
	return m
}

// A set is the registers in which a group of a vector is loaded and turned.
type set struct{ in, out, high, tmp []reg.VecPhysical }

// setOf returns the registers of vector v. If there are enough, two vectors take turns.
func (p fewPath) setOf(v int) set {
	if p.bytes == 32 {
		return p.newSet(p.regs[:4], p.regs[4:8])
	}
	return p.newSet(p.regs[4*(v%2):][:4], p.regs[8:12])
}

func (p fewPath) newSet(four, tmp []reg.VecPhysical) set {
	n := p.group()
	return set{in: four[:n], out: four[4-n:], high: tmp[:n], tmp: tmp}
}

// seek makes the addresses of the columns of vector v.
func (p fewPath) seek(v int) {
	switch {
	case v == 0:
		build.MOVQ(fewB, fewAt)
	case p.lanes() == 16:
		build.LEAQ(operand.Mem{Base: fewHigh, Index: fewBStep, Scale: 8}, fewAt)
	default:
		build.LEAQ(operand.Mem{Base: fewAt, Index: fewBStep, Scale: uint8(p.lanes())}, fewAt)
	}
	if p.lanes() == 16 {
		build.LEAQ(operand.Mem{Base: fewAt, Index: fewBStep, Scale: 8}, fewHigh)
	}
}

// loadHalf returns the code that loads 16 bytes, disp bytes on, of as many columns as 256 bits hold,
// from the first on, into the 128-bit lanes where they belong.
func (p fewPath) loadHalf(first, disp int, into []reg.VecPhysical) (code []func()) {
	column := func(i int) operand.Mem {
		base := fewAt
		if i >= 8 {
			base, i = fewHigh, i-8
		}
		m := p.columnOfB(base, i)
		m.Disp = disp
		return m
	}
	n := p.group()
	for s, x := range into {
		code = append(code, func() { build.VMOVUPS(column(first+s), x.AsX()) }, func() {
			if x.PhysicalIndex() >= 16 {
				build.VINSERTF32X4(operand.U8(1), column(first+n+s), x.AsY(), x.AsY())
			} else {
				build.VINSERTF128(operand.U8(1), column(first+n+s), x.AsY(), x.AsY())
			}
		})
	}
	return code
}

// loadHigh returns the code that loads the other half of the columns, and joins the two.
func (p fewPath) loadHigh(disp int, x set) (code []func()) {
	for s := range x.in {
		code = append(code, p.loadHalf(p.lanes()/2+s, disp, x.high[s:s+1])...)
		code = append(code, func() { build.VINSERTF64X4(operand.U8(1), x.high[s].AsY(), x.in[s], x.in[s]) })
	}
	return code
}

// load returns the code that loads the group of the columns of vector v, and asks for the same of
// those to come.
func (p fewPath) load(v int) (code []func()) {
	x := p.setOf(v)
	code = append(code, func() { p.seek(v) })
	code = append(code, p.loadHalf(0, 0, x.in)...)
	if p.bytes == 64 {
		code = append(code, p.loadHigh(0, x)...)
	}
	return append(code, p.askAhead)
}

// askAhead asks for as many bytes as a group of a vector has. Columns to come lie in a row in memory,
// so it does not matter which.
func (p fewPath) askAhead() {
	for line := 0; line < p.lanes()*16; line += 64 {
		build.PREFETCHT1(operand.Mem{Base: fewAhead, Disp: line})
	}
	build.ADDQ(operand.U32(p.lanes()*16), fewAhead)
}

// multiply returns the code that multiplies column q of the group in out, which is of vector v.
func (p fewPath) multiply(v, q int, out []reg.VecPhysical) (code []func()) {
	for row := range p.rows {
		code = append(code, func() {
			if p.bytes == 64 {
				p.fmaBroadcast(p.aElement(q, row), out[q], p.acc(row, v))
				return
			}
			x := p.regs[8+row%4]
			p.broadcast(p.aElement(q, row), x)
			p.fma(x, out[q], p.acc(row, v))
		})
	}
	return append(code, p.nextColumn)
}

// writeGroup writes the code of one group. Loads of a vector are mixed with multiplications of the one
// before.
func (p fewPath) writeGroup() {
	var before []func()
	for v := range p.vectors {
		x := p.setOf(v)
		if p.bytes == 32 { // all vectors share registers
			mix(nil, before)
			before = nil
		}
		mix(p.load(v), before)
		p.transposeLanes(x.in, x.out, x.tmp)
		before = p.multiplyGroup(v, x.out)
	}
	mix(nil, before)
	p.nextGroup()
}

func (p fewPath) multiplyGroup(v int, out []reg.VecPhysical) (code []func()) {
	for q := range p.group() {
		code = append(code, p.multiply(v, q, out)...)
	}
	return code
}

// nextGroup goes on to the next group of a.
func (p fewPath) nextGroup() {
	if p.rows > len(fewA) {
		return
	}
	for _, a := range fewA[:p.rows] {
		build.LEAQ(operand.Mem{Base: a, Index: fewAStep, Scale: uint8(p.group())}, a)
	}
}

// writeLine writes the code of four groups, whole lines of the columns. Where columns are half a page
// apart, or a multiple of that, they fight for the same lines of the first-level cache; so each half
// of them is read to the end of the line before the other.
func (p fewPath) writeLine() {
	p.seek(0)
	var groups [4]set
	for i := range groups {
		groups[i] = p.newSet(p.regs[4*i:][:4], p.regs[16:20])
		mix(p.loadHalf(0, 16*i, groups[i].in), nil)
	}
	for i, x := range groups {
		mix(p.loadHigh(16*i, x), nil)
		p.askAhead()
		p.transposeLanes(x.in, x.out, x.tmp)
		mix(p.multiplyGroup(0, x.out), nil)
		p.nextGroup()
	}
}

// mix writes a with b spread over it.
func mix(a, b []func()) {
	done := 0
	for i, f := range a {
		f()
		for ; done < (i+1)*len(b)/len(a); done++ {
			b[done]()
		}
	}
	for _, f := range b[done:] {
		f()
	}
}

// rest writes the code for the depth columns of a and rows of b that are no whole group: it loads
// the last group that is, and uses the end of it.
func (p fewPath) rest() {
	n := p.group()
	build.MOVQ(depth, fewAt)
	build.SUBQ(operand.U8(n), fewAt)
	build.LEAQ(operand.Mem{Base: fewB, Index: fewAt, Scale: uint8(p.size)}, fewB)
	if p.rows <= len(fewA) {
		build.IMULQ(fewAStep, fewAt)
		for _, a := range fewA[:p.rows] {
			build.ADDQ(fewAt, a)
		}
	}
	for v := range p.vectors {
		mix(p.load(v), nil)
		x := p.setOf(v)
		p.transposeLanes(x.in, x.out, x.tmp)
		for q := 1; q < n; q++ {
			if q < n-1 {
				build.CMPQ(depth, operand.U8(n-q))
				build.JLT(p.ref(fmt.Sprintf("skip%d_%d_", v, q)))
			}
			mix(p.multiply(v, q, x.out), nil)
			if q < n-1 {
				build.Label(p.label(fmt.Sprintf("skip%d_%d_", v, q)))
			}
		}
	}
}
