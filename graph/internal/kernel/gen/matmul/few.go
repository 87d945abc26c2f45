package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// fewVectors is the number of vectors of columns that few computes at a time: as many chains of
// multiply-adds as hide most of their latency if there is a single row.
const fewVectors = 4

// few writes the function that multiplies few rows of a by four vectors of 256 bits of columns of a
// transposed b, which are rows of memory. Nothing is packed: as in transpose, columns are turned in
// registers, a group of 128 bits of each at a time, and used at once. Longer vectors are no quicker,
// as loading and turning them is what takes the time.
func (g generator) few() {
	name := g.funcName("Few")
	build.TEXT(name, attr.NOSPLIT, fmt.Sprintf(
		"func(rows, groups int, a, b *%[1]s, bStep int, c *%[1]s, cStep int, add bool)", g.goType))
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s works like fewGeneric on at most %d rows and %d columns, for groups times 16 bytes of k.",
		name, g.fewRows(), fewVectors*fewBytes/g.size))
	load(params{{"rows", rows}, {"groups", depth}, {"a", fewA}, {"b", fewB[0]}, {"bStep", fewStep}})
	build.LEAQ(operand.Mem{Base: fewStep, Index: fewStep, Scale: 2}, fewTriple)
	build.MOVQ(fewStep, spare)
	build.SHLQ(operand.U8(map[int]int{4: 2, 2: 1}[g.group()]), spare)
	for l := 1; l < len(fewB); l++ {
		build.LEAQ(operand.Mem{Base: fewB[l-1], Index: spare, Scale: 1}, fewB[l])
	}
	for r := g.fewRows(); r > 1; r-- {
		build.CMPQ(rows, operand.U8(r))
		build.JEQ(operand.LabelRef(label("rows", r)))
	}
	for r := 1; r <= g.fewRows(); r++ {
		build.Label(label("rows", r))
		g.fewPath(r)
	}
}

// General-purpose registers of few. c is loaded when it is needed.
var (
	fewA      = reg.RAX
	fewB      = []reg.GPPhysical{reg.RBX, reg.RCX, reg.RDX, reg.RSI, reg.RDI, reg.R8, reg.R9, reg.R11}
	fewStep   = reg.R12
	fewTriple = reg.R15
)

const fewBytes = 32 // in a vector

// fewRows is the most rows for which there are registers. With more, packing b is as quick.
func (g generator) fewRows() int {
	if g.bytes == 64 {
		return 3
	}
	return 1
}

// fewAhead is how many bytes ahead of use lines of b are asked for.
const fewAhead = 256

// rowOfB is the address of row s of the group of rows that begins at fewB[i].
func (g generator) rowOfB(i, s int) operand.Mem {
	m := operand.Mem{Base: fewB[i]}
	switch s {
	case 1, 2:
		m.Index, m.Scale = fewStep, uint8(s)
	case 3:
		m.Index, m.Scale = fewTriple, 1
	}
	return m
}

// fewPath writes the code for a number of rows.
func (g generator) fewPath(r int) {
	n := g.group()
	regs := make([]reg.VecPhysical, len(g.regs))
	for i, x := range g.regs {
		regs[i] = x.AsY().(reg.VecPhysical)
	}
	in, tmp, acc, held := regs[:n], regs[n:2*n], regs[2*n:2*n+fewVectors*r], regs[2*n+fewVectors*r:]
	out := in
	if n == 2 {
		out = tmp
	}
	overC := func(f func(m operand.Mem, x reg.VecPhysical)) {
		build.Load(build.Param("c"), rows)
		build.Load(build.Param("cStep"), spare)
		for row := range r {
			for v := range fewVectors {
				f(operand.Mem{Base: rows, Disp: v * fewBytes}, acc[fewVectors*row+v])
			}
			if row < r-1 {
				build.ADDQ(spare, rows)
			}
		}
	}
	build.CMPB(addParam(), operand.U8(0))
	build.JEQ(operand.LabelRef(label("clear", r)))
	overC(func(m operand.Mem, x reg.VecPhysical) { g.mov(m, x) })
	build.JMP(operand.LabelRef(label("loop", r)))
	build.Label(label("clear", r))
	for _, x := range acc {
		g.zero(x)
	}
	step := func(ahead int) {
		for q := range n {
			for row := range r {
				g.broadcast(operand.Mem{Base: fewA, Disp: (q*r + row) * g.size}, held[q*r+row])
			}
		}
		for v := range fewVectors {
			for s := range n {
				for l := range fewBytes / 16 {
					i := v*fewBytes/16 + l
					m := g.rowOfB(i, s)
					if l == 0 {
						build.VMOVUPS(m, in[s].AsX())
					} else {
						build.VINSERTF128(operand.U8(l), m, in[s], in[s])
					}
					if ahead >= 0 && i/2 == ahead {
						m.Disp = fewAhead
						build.PREFETCHT0(m)
					}
				}
			}
			g.transposeLanes(in, out, tmp)
			for q := range n {
				for row := range r {
					g.fma(out[q], held[q*r+row], acc[fewVectors*row+v])
				}
			}
		}
		build.ADDQ(operand.U32(n*r*g.size), fewA)
		for _, b := range fewB {
			build.ADDQ(operand.U8(16), b)
		}
	}
	build.Label(label("loop", r))
	build.SUBQ(operand.U8(4), depth)
	build.JLT(operand.LabelRef(label("rest", r)))
	if g.bytes == 64 {
		build.TESTQ(operand.U32(fewClash-1), fewStep)
		build.JEQ(operand.LabelRef(label("clash", r)))
	}
	build.Label(label("line", r))
	for i := range 4 {
		step(i)
	}
	build.SUBQ(operand.U8(4), depth)
	build.JGE(operand.LabelRef(label("line", r)))
	build.Label(label("rest", r))
	build.ADDQ(operand.U8(4), depth)
	build.JEQ(operand.LabelRef(label("done", r)))
	build.Label(label("group", r))
	step(-1)
	build.DECQ(depth)
	build.JNZ(operand.LabelRef(label("group", r)))
	build.Label(label("done", r))
	overC(func(m operand.Mem, x reg.VecPhysical) { g.mov(x, m) })
	build.VZEROUPPER()
	build.RET()
	if g.bytes == 64 {
		build.Label(label("clash", r))
		g.wholeLines(r, in, out, tmp, acc)
		build.SUBQ(operand.U8(4), depth)
		build.JGE(operand.LabelRef(label("clash", r)))
		build.JMP(operand.LabelRef(label("rest", r)))
	}
}

// fewClash is a distance between rows of b under which they fight for the same lines of the
// first-level cache.
const fewClash = 2048

// wholeLines writes four groups of k for rows that clash: each vector of columns takes a whole line
// of its rows at once, as the line would be gone before another vector had its turn. This leaves less
// for the processor to do at the same time, and is slower where rows do not clash.
func (g generator) wholeLines(r int, in, out, tmp, acc []reg.VecPhysical) {
	n := g.group()
	fma := build.VFMADD231PS_BCST
	if g.size == 8 {
		fma = build.VFMADD231PD_BCST
	}
	for v := range fewVectors {
		for q := range 4 {
			g.loadGroup(v, in, 16*q)
			if q == 0 {
				for l := range fewBytes / 16 {
					for s := range n {
						m := g.rowOfB(v*fewBytes/16+l, s)
						m.Disp = fewAhead
						build.PREFETCHT1(m)
					}
				}
			}
			g.transposeLanes(in, out, tmp)
			for e := range n {
				for row := range r {
					fma(operand.Mem{Base: fewA, Disp: ((q*n+e)*r + row) * g.size}, out[e], acc[fewVectors*row+v])
				}
			}
		}
	}
	build.ADDQ(operand.U32(4*n*r*g.size), fewA)
	for _, b := range fewB {
		build.ADDQ(operand.U8(64), b)
	}
}

// loadGroup loads the 16 bytes at disp of the rows of vector v, straight into the 128-bit lanes where
// their columns belong.
func (g generator) loadGroup(v int, in []reg.VecPhysical, disp int) {
	for s := range in {
		for l := range fewBytes / 16 {
			m := g.rowOfB(v*fewBytes/16+l, s)
			m.Disp = disp
			if l == 0 {
				build.VMOVUPS(m, in[s].AsX())
			} else {
				build.VINSERTF128(operand.U8(l), m, in[s], in[s])
			}
		}
	}
}
