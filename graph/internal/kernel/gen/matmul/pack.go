package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose writes the function that turns as many rows as a vector has lanes into columns.
// It reads 128 bits of each row at a time straight into the 128-bit lanes where their columns
// belong, so that what is left to do is a small transposition inside each lane.
func (g generator) transpose() {
	name := g.funcName("Transpose")
	build.TEXT(name, attr.NOSPLIT, "func(dst *"+g.goType+", dstStep int, src *"+g.goType+", srcStep, groups int)")
	build.Pragma("noescape")
	build.Doc(name + " works like transposeGroupsGeneric on a block of one vector of rows and groups times 16 bytes of columns.")
	dst, dstStep, step, triple, groups := reg.R8, reg.R9, reg.RSI, reg.RDI, reg.R10
	load(params{{"dst", dst}, {"dstStep", dstStep}, {"src", aBases[0]}, {"srcStep", step}, {"groups", groups}})

	// lanes 0, 1, ... begin at rows 0, e, 2e, ... for e elements in a lane
	n, lanes := g.group(), g.bytes/16
	build.LEAQ(operand.Mem{Base: step, Index: step, Scale: 2}, triple)
	build.MOVQ(step, reg.R11)
	build.SHLQ(operand.U8(map[int]int{4: 2, 2: 1}[n]), reg.R11)
	for l := 1; l < lanes; l++ {
		build.LEAQ(operand.Mem{Base: aBases[l-1], Index: reg.R11, Scale: 1}, aBases[l])
	}
	in, tmp, out := g.regs[:n], g.regs[n:2*n], g.regs[2*n:3*n]

	build.Label("loop")
	for s := range n {
		for l := range lanes {
			m := operand.Mem{Base: aBases[l]}
			if s > 0 {
				m.Index, m.Scale = step, uint8(s)
			}
			if s == 3 {
				m.Index, m.Scale = triple, 1
			}
			g.loadLane(m, l, in[s])
		}
	}
	g.transposeLanes(in, out, tmp)
	for s := range n {
		g.mov(out[s], operand.Mem{Base: dst})
		build.ADDQ(dstStep, dst)
	}
	for l := range lanes {
		build.ADDQ(operand.U8(16), aBases[l])
	}
	build.DECQ(groups)
	build.JNZ(operand.LabelRef("loop"))
	build.VZEROUPPER()
	build.RET()
}

// loadLane loads 128 bits into lane l of dst, whose lanes before l are loaded.
func (g generator) loadLane(m operand.Mem, l int, dst reg.VecPhysical) {
	switch {
	case l == 0:
		build.VMOVUPS(m, dst.AsX())
	case g.bytes == 64:
		build.VINSERTF32X4(operand.U8(l), m, dst, dst)
	default:
		build.VINSERTF128(operand.U8(l), m, dst, dst)
	}
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

// prefetch writes the function that asks for pieces of rows, to come into the second cache.
func prefetch() {
	build.TEXT("matmulPrefetch", attr.NOSPLIT, "func(p *byte, step, rows, lines int)")
	build.Pragma("noescape")
	build.Doc("matmulPrefetch asks for lines cache lines of each of some rows, step bytes apart.")
	p, step, rows, lines, at, left := reg.RSI, reg.R9, reg.R11, reg.R10, reg.RBX, reg.RCX
	load(params{{"p", p}, {"step", step}, {"rows", rows}, {"lines", lines}})
	build.Label("row")
	build.MOVQ(p, at)
	build.MOVQ(lines, left)
	build.Label("line")
	build.PREFETCHT1(operand.Mem{Base: at})
	build.ADDQ(operand.U8(64), at)
	build.DECQ(left)
	build.JNZ(operand.LabelRef("line"))
	build.ADDQ(step, p)
	build.DECQ(rows)
	build.JNZ(operand.LabelRef("row"))
	build.RET()
}
