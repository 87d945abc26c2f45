package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// columnSums writes the kernel that sums the rows of a matrix: for a strip of columns at a
// time, it goes down all rows with the sums in registers, in float64.
func columnSums(isa isa, elem elem) {
	name := fmt.Sprintf("columnSums%v%v", isa, elem)
	TEXT(name, attr.NOSPLIT, "func(dst, x []"+elem.goType()+")")
	Doc(fmt.Sprintf("%s is columnSumsGeneric[%s].", name, elem.goType()))
	l := &loop{code: code{isa, f64}, mem: elem, dst: GP64(), index: GP64()}
	x, end, n, stride := GP64(), GP64(), GP64(), GP64()
	Load(Param("dst").Base(), l.dst)
	Load(Param("dst").Len(), n)
	Load(Param("x").Base(), x)
	Load(Param("x").Len(), end)
	LEAQ(operand.Mem{Base: x, Index: end, Scale: uint8(elem.size())}, end)
	MOVQ(n, stride)
	SHLQ(operand.U8(map[int]int{4: 2, 8: 3}[elem.size()]), stride)

	strip := 4 // vectors
	if isa == avx512 {
		strip = 8
	}
	for _, count := range []int{strip, 1} {
		label, next := fmt.Sprintf("strip%d", count), fmt.Sprintf("after%d", count)
		columns := count * l.lanes()
		Label(label)
		CMPQ(n, operand.U32(columns))
		JL(operand.LabelRef(next))
		l.sumDown(label, x, end, stride, count, nil)
		ADDQ(operand.U32(columns*elem.size()), x)
		ADDQ(operand.U32(columns*elem.size()), l.dst)
		SUBQ(operand.U32(columns), n)
		JMP(operand.LabelRef(label))
		Label(next)
	}
	TESTQ(n, n)
	JZ(operand.LabelRef("done"))
	l.sumDown("tail", x, end, stride, 1, l.tailMask(n))
	Label("done")
	VZEROUPPER()
	RET()
}

// sumDown sums count vectors of every row from x on, and stores the sums at dst.
func (l *loop) sumDown(label string, x, end, stride reg.Register, count int, tail mask) {
	var acc []value
	for range count {
		acc = append(acc, l.copyOf(l.float(0)))
	}
	step := l.lanes() * l.mem.size()
	MOVQ(x, l.index)
	Label(label + "rows")
	CMPQ(l.index, end)
	JGE(operand.LabelRef(label + "store"))
	for i, a := range acc {
		l.do(opAdd, l.load(operand.Mem{Base: l.index, Disp: i * step}, tail), a, a)
	}
	ADDQ(stride, l.index)
	JMP(operand.LabelRef(label + "rows"))
	Label(label + "store")
	for i, a := range acc {
		l.storeTo(operand.Mem{Base: l.dst, Disp: i * step}, a, tail)
	}
}
