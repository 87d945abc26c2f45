package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// outerVectors is how many vectors of columns outer takes at a time, for 1, 2, ... terms: all rows of b stay in
// registers.
var outerVectors = []int{8, 8, 7, 6, 5, 4, 3, 3}

// outer writes the function for a transposed a of few terms, where to write c is most of the work: it writes
// one row after the other.
func (g generator) outer() {
	name := g.funcName("Outer")
	build.TEXT(name, attr.NOSPLIT, fmt.Sprintf("func(rows, n, k int, a *%[1]s, aStep int, b, c *%[1]s)", g.goType))
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s works as smallSet.outer, for at most %d terms.", name, len(outerVectors)))
	load(params{{"rows", rows}, {"n", directLeft}, {"k", depth}, {"a", aRow}, {"aStep", aStep}, {"b", bRow}, {"c", cRow}})
	build.IMUL3Q(operand.U8(g.size), directLeft, bStep)
	build.LEAQ(operand.Mem{Base: bStep, Index: bStep, Scale: 2}, cStep)
	for k := len(outerVectors); k > 1; k-- {
		build.CMPQ(depth, operand.U8(k))
		build.JEQ(operand.LabelRef(label("terms", k)))
	}
	for k := 1; k <= len(outerVectors); k++ {
		build.Label(label("terms", k))
		most := outerVectors[k-1]
		for v := most; v > 1; v-- {
			build.CMPQ(directLeft, operand.U8((v-1)*g.lanes()))
			build.JGT(operand.LabelRef(outerStrip{g, k, v}.label("strip")))
		}
		for v := 1; v <= most; v++ {
			outerStrip{g, k, v}.write()
			if v < most {
				build.VZEROUPPER()
				build.RET()
			}
		}
		build.ADDQ(operand.U32(most*g.bytes), bRow)
		build.ADDQ(operand.U32(most*g.bytes), cRow)
		build.SUBQ(operand.U8(most*g.lanes()), directLeft)
		build.JGT(operand.LabelRef(label("terms", k)))
		build.VZEROUPPER()
		build.RET()
	}
}

// An outerStrip is the code for a number of terms and of vectors of columns, of which the last may be partial.
type outerStrip struct {
	generator
	terms, vectors int
}

func (s outerStrip) label(what string) string {
	return fmt.Sprintf("%s%dx%d", what, s.terms, s.vectors)
}

// acc is the register for a vector of c, x for a factor, and b for a vector of a row of b.
func (s outerStrip) acc(v int) reg.VecPhysical  { return s.regs[v] }
func (s outerStrip) x(p int) reg.VecPhysical    { return s.regs[s.vectors+p%2] }
func (s outerStrip) b(p, v int) reg.VecPhysical { return s.regs[s.vectors+2+p*s.vectors+v] }

func (s outerStrip) write() {
	build.Label(s.label("strip"))
	build.LEAQ(operand.Mem{Base: directLeft, Disp: -(s.vectors - 1) * s.lanes()}, spare)
	build.MOVQ(operand.U32(s.lanes()), depth) // columns of a whole vector
	build.CMPQ(spare, depth)
	build.CMOVQGT(depth, spare)
	s.maskOf(spare, spare, depth, reg.K1)
	build.LEAQ(operand.Mem{Base: bRow, Index: bStep, Scale: 4}, next)
	for p := range s.terms {
		for v := range s.vectors {
			m := rowAt([]reg.Register{bRow, next}[p/4], bStep, cStep, p%4, v*s.bytes)
			if v == s.vectors-1 {
				s.movMasked(m, reg.K1, s.b(p, v))
			} else {
				s.mov(m, s.b(p, v))
			}
		}
	}
	in, out, left, triple := reg.RAX, reg.RBX, reg.RCX, spare
	build.LEAQ(operand.Mem{Base: aStep, Index: aStep, Scale: 2}, triple)
	build.MOVQ(aRow, in)
	build.MOVQ(cRow, out)
	build.MOVQ(rows, left)
	if s.unrolls() {
		build.SUBQ(operand.U8(outerRows), left)
		build.JLT(operand.LabelRef(s.label("rest")))
		build.Label(s.label("rows"))
		for range outerRows {
			s.row(in, out, triple)
		}
		build.SUBQ(operand.U8(outerRows), left)
		build.JGE(operand.LabelRef(s.label("rows")))
		build.Label(s.label("rest"))
		build.ADDQ(operand.U8(outerRows), left)
		build.JZ(operand.LabelRef(s.label("done")))
	}
	build.Label(s.label("row"))
	s.row(in, out, triple)
	build.DECQ(left)
	build.JNZ(operand.LabelRef(s.label("row")))
	if s.unrolls() {
		build.Label(s.label("done"))
	}
}

// outerRows is how many rows of few vectors go by at a time: of a loop that is over soon the processor knows the end.
const outerRows = 4

func (s outerStrip) unrolls() bool { return s.vectors <= 2 }

// row computes a row of c and moves on.
func (s outerStrip) row(in, out, triple reg.Register) {
	for v := range s.vectors {
		s.zero(s.acc(v))
	}
	for p := range s.terms {
		if p == 4 {
			build.LEAQ(operand.Mem{Base: in, Index: aStep, Scale: 4}, next)
		}
		s.broadcast(rowAt([]reg.Register{in, next}[p/4], aStep, triple, p%4, 0), s.x(p))
		for v := range s.vectors {
			s.fma(s.b(p, v), s.x(p), s.acc(v))
		}
	}
	for v := range s.vectors - 1 {
		s.mov(s.acc(v), operand.Mem{Base: out, Disp: v * s.bytes})
	}
	s.mov(s.acc(s.vectors-1), reg.K1, operand.Mem{Base: out, Disp: (s.vectors - 1) * s.bytes})
	build.ADDQ(operand.U8(s.size), in)
	build.ADDQ(bStep, out)
}
