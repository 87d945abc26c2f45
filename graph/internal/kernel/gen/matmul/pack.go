package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose writes the function that turns rows into columns, a line of each row at a time. It reads
// 128 bits of a row straight into the 128-bit lane where their columns belong, so that what is left to
// do is a small transposition inside each lane. Vectors have no more than two lanes, since rows that
// lie whole pages apart fight for the same eight lines of the first-level cache.
func (g generator) transpose() {
	name := g.funcName("Transpose")
	build.TEXT(name, attr.NOSPLIT, "func(dst *"+g.goType+", dstStep int, src *"+g.goType+", srcStep, rows, k, ahead int)")
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s works like transposeRowsGeneric on a multiple of %[2]d rows and of %[2]d columns. It asks for what lies ahead bytes after what it reads.",
		name, g.group()))
	dst, src, rows, k, ahead := reg.RDI, reg.RSI, reg.R10, reg.R11, reg.R12
	t := turner{generator: g, dstStep: reg.R8, step: reg.R9, triple: reg.R13, columns: k, in: [2]reg.Register{reg.RAX, reg.RBX}, next: reg.RDX, out: reg.R14, at: reg.R15}
	load(params{{"dst", dst}, {"dstStep", t.dstStep}, {"src", src}, {"srcStep", t.step}, {"rows", rows}, {"k", k}, {"ahead", ahead}})
	build.LEAQ(operand.Mem{Base: t.step, Index: t.step, Scale: 2}, t.triple)
	left := reg.RCX

	build.Label("columns")
	build.MOVQ(src, t.in[0])
	build.LEAQ(operand.Mem{Base: src, Index: ahead, Scale: 1}, t.next)
	build.MOVQ(dst, t.out)
	build.MOVQ(rows, left)
	build.SUBQ(operand.U8(2*g.group()), left)
	build.JLT(operand.LabelRef("one"))
	build.Label("two")
	t.groups(2)
	build.SUBQ(operand.U8(2*g.group()), left)
	build.JGE(operand.LabelRef("two"))
	build.Label("one")
	build.ADDQ(operand.U8(2*g.group()), left)
	build.JEQ(operand.LabelRef("line"))
	t.groups(1)
	build.Label("line")
	build.SUBQ(t.out, t.at)
	build.ADDQ(t.at, dst)
	build.ADDQ(operand.U8(64), src)
	build.SUBQ(operand.U8(64/g.size), k)
	build.JGT(operand.LabelRef("columns"))
	build.VZEROUPPER()
	build.RET()
}

// A turner is the registers of transpose.
type turner struct {
	generator
	dstStep, step, triple reg.Register
	columns               reg.Register    // to come
	in                    [2]reg.Register // the groups of rows at work
	next, out, at         reg.Register
}

// row is the address of row s of the group that begins at base.
func (t turner) row(base reg.Register, s, disp int) operand.Mem {
	return rowAt(base, t.step, t.triple, s, disp)
}

// groups transposes a line, or what columns are left of it, of one or two groups of rows, and moves on to the
// next. It leaves in at where the line after the last column would begin in dst.
func (t turner) groups(lanes int) {
	n, done := t.group(), label("done", lanes)
	x, tmp, y := t.vectors(0, lanes), t.vectors(1, lanes), t.vectors(2, lanes)
	if lanes == 2 {
		build.LEAQ(operand.Mem{Base: t.in[0], Index: t.step, Scale: uint8(n)}, t.in[1])
	}
	for range lanes {
		for s := range n {
			build.PREFETCHT1(t.row(t.next, s, 0))
		}
		build.LEAQ(operand.Mem{Base: t.next, Index: t.step, Scale: uint8(n)}, t.next)
	}
	build.MOVQ(t.out, t.at)
	for q := range 4 {
		for s := range n {
			build.VMOVUPS(t.row(t.in[0], s, 16*q), x[s].AsX())
			if lanes == 2 {
				build.VINSERTF128(operand.U8(1), t.row(t.in[1], s, 16*q), x[s], x[s])
			}
		}
		t.transposeLanes(x, y, tmp)
		for s := range n {
			build.VMOVUPS(y[s], operand.Mem{Base: t.at})
			build.ADDQ(t.dstStep, t.at)
		}
		if q < 3 {
			build.CMPQ(t.columns, operand.U8((q+1)*n))
			build.JLE(operand.LabelRef(done))
		}
	}
	build.Label(done)
	build.LEAQ(operand.Mem{Base: t.in[lanes-1], Index: t.step, Scale: uint8(n)}, t.in[0])
	build.ADDQ(operand.U8(16*lanes), t.out)
	build.ADDQ(operand.U8(16*lanes), t.at)
}

// vectors is the i-th set of registers for a group, of so many 128-bit lanes.
func (t turner) vectors(i, lanes int) []reg.VecPhysical {
	n := t.group()
	set := make([]reg.VecPhysical, n)
	for j, r := range t.regs[i*n : (i+1)*n] {
		set[j] = r.AsY().(reg.VecPhysical)
		if lanes == 1 {
			set[j] = r.AsX().(reg.VecPhysical)
		}
	}
	return set
}

// packRows writes the function that cuts the rows of a transposed a into strips as wide as a tile
// has rows. Loads are masked to the strip; stores are whole vectors, the excess of which the next
// row overwrites.
func (g generator) packRows() {
	name := g.funcName("PackRows")
	build.TEXT(name, attr.NOSPLIT, "func(dst *"+g.goType+", dstStep int, src *"+g.goType+", srcStep, strips, k, width int)")
	build.Pragma("noescape")
	build.Doc(name + " works like packRowsGeneric, and writes up to a vector more after each strip.")
	dst, dstStep, src, srcStep, strips, k := reg.RDI, reg.R8, reg.RSI, reg.R9, reg.R11, reg.R10
	width, bytes, out, in, left := reg.R12, reg.R13, reg.RAX, reg.RBX, reg.RCX
	load(params{{"dst", dst}, {"dstStep", dstStep}, {"src", src}, {"srcStep", srcStep}, {"strips", strips}, {"k", k}, {"width", width}})
	vectors := (g.tileRows() + g.lanes() - 1) / g.lanes()
	masks := make([]reg.Register, vectors)
	build.MOVQ(width, bytes)
	build.IMUL3Q(operand.U8(g.size), width, bytes)
	for v := range masks {
		masks[v] = g.regs[vectors+v]
		if g.bytes == 64 {
			masks[v] = []reg.Register{reg.K1, reg.K2}[v]
		}
		g.maskOf(width, out, in, masks[v])
		build.SUBQ(operand.U8(g.lanes()), width)
		build.MOVQ(operand.U32(0), out)
		build.CMOVQLT(out, width)
	}
	build.Label("row")
	build.MOVQ(dst, out)
	build.MOVQ(src, in)
	build.MOVQ(strips, left)
	build.Label("strip")
	build.PREFETCHT0(operand.Mem{Base: in, Index: srcStep, Scale: 8})
	for v := range vectors {
		m := operand.Mem{Base: in, Disp: v * g.bytes}
		if g.bytes == 64 {
			g.movMasked(m, masks[v], g.regs[v])
		} else {
			g.maskMov(m, masks[v], g.regs[v])
		}
	}
	for v := range vectors {
		g.mov(g.regs[v], operand.Mem{Base: out, Disp: v * g.bytes})
	}
	build.ADDQ(bytes, in)
	build.PREFETCHT0(operand.Mem{Base: in, Index: srcStep, Scale: 8, Disp: -1})
	build.ADDQ(dstStep, out)
	build.DECQ(left)
	build.JNZ(operand.LabelRef("strip"))
	build.ADDQ(srcStep, src)
	build.ADDQ(bytes, dst)
	build.DECQ(k)
	build.JNZ(operand.LabelRef("row"))
	build.VZEROUPPER()
	build.RET()
}
