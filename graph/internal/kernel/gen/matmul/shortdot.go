package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// shortDot writes the function for one row of a by a transposed b whose rows are so short that a vector
// holds several. It adds terms in the order of dot.
func (g generator) shortDot() {
	name := g.funcName("ShortDot")
	for lanes := 2; lanes <= g.lanes()/2; lanes *= 2 {
		shortDots{g, lanes}.placesTable()
	}
	build.TEXT(name, attr.NOSPLIT, fmt.Sprintf("func(blocks, k int, a, b, c *%s)", g.goType))
	build.Pragma("noescape")
	build.Doc(fmt.Sprintf("%s works as smallSet.shortDot, for k from 2 to half a vector.", name))
	load(params{{"blocks", rows}, {"k", depth}, {"a", aRow}, {"b", bRow}, {"c", cRow}})
	g.maskOf(depth, spare, next, reg.K1)
	for lanes := 2; lanes <= g.lanes()/2; lanes *= 2 {
		build.CMPQ(depth, operand.U8(lanes))
		build.JLE(operand.LabelRef(label("of", lanes)))
	}
	for lanes := 2; lanes <= g.lanes()/2; lanes *= 2 {
		build.Label(label("of", lanes))
		shortDots{g, lanes}.write()
	}
}

// shortDots is the code of shortDot for rows of b that take so many lanes each, of which the last may be empty.
type shortDots struct {
	generator
	lanesEach int
}

func (s shortDots) ref(what string) operand.LabelRef {
	return operand.LabelRef(label(what, s.lanesEach))
}

func (s shortDots) rowsOfB() int { return s.lanes() / s.lanesEach }

// a is the register for the factors, once for each row of b, and places for where sums belong.
func (s shortDots) a() reg.VecPhysical      { return s.regs[8] }
func (s shortDots) places() reg.VecPhysical { return s.regs[9] }
func (s shortDots) zeros() reg.VecPhysical  { return s.regs[10] }
func (s shortDots) tmp() reg.VecPhysical    { return s.regs[11] }

// write computes a vector of c at a time, from as many vectors of b as a row takes lanes.
func (s shortDots) write() {
	s.movMasked(operand.Mem{Base: aRow}, reg.K1, s.a())
	table := s.tallSymbol("Column") // which factor a lane takes
	table.Disp = (s.lanesEach - 2) * s.bytes
	build.VMOVUPS(table, s.places())
	s.permute(s.a(), s.places(), s.a())
	build.VMOVUPS(s.placesSymbol(), s.places())
	s.zero(s.zeros())
	var repeat int
	for row := range s.rowsOfB() {
		repeat |= 1 << (row * s.lanesEach)
	}
	build.MOVQ(operand.I32(-1), spare)
	build.BZHIQ(depth, spare, spare)
	build.IMUL3Q(operand.U32(repeat), spare, spare)
	build.KMOVW(spare.As32(), reg.K2)
	build.IMUL3Q(operand.U32(s.rowsOfB()*s.size), depth, bStep)
	build.CMPQ(depth, operand.U8(s.lanesEach))
	build.JNE(s.ref("expanding"))
	for _, loop := range []string{"block", "expanding"} {
		build.Label(label(loop, s.lanesEach))
		for i := range s.lanesEach {
			x := s.regs[i]
			if loop == "block" {
				s.mov(operand.Mem{Base: bRow}, x)
			} else {
				s.expand(operand.Mem{Base: bRow}, reg.K2, x)
			}
			build.ADDQ(bStep, bRow)
			s.multiplyAdd(s.zeros(), s.a(), x)
		}
		s.addLanes()
		s.permute(s.regs[0], s.places(), s.regs[0])
		s.mov(s.regs[0], operand.Mem{Base: cRow})
		build.ADDQ(operand.U8(s.bytes), cRow)
		build.DECQ(rows)
		build.JNZ(s.ref(loop))
		build.VZEROUPPER()
		build.RET()
	}
}

// multiplyAdd sets x to x y + z.
func (s shortDots) multiplyAdd(z, y, x reg.VecPhysical) {
	if s.size == 4 {
		build.VFMADD213PS(z, y, x)
	} else {
		build.VFMADD213PD(z, y, x)
	}
}

// addLanes adds the lanes of each row of b up, to one vector.
func (s shortDots) addLanes() {
	x, tmp := s.regs, s.tmp()
	pair := func(low, high func(y, x, dst reg.VecPhysical), to, with int) {
		low(x[with], x[to], tmp)
		high(x[with], x[to], x[to])
		s.add(tmp, x[to], x[to])
	}
	unpack := func(ins [2]instruction) (low, high func(y, x, dst reg.VecPhysical)) {
		return func(y, x, dst reg.VecPhysical) { ins[0](y, x, dst) }, func(y, x, dst reg.VecPhysical) { ins[1](y, x, dst) }
	}
	shuffle := func(ins instruction, low, high uint8) (_, _ func(y, x, dst reg.VecPhysical)) {
		return func(y, x, dst reg.VecPhysical) { ins(operand.U8(low), y, x, dst) },
			func(y, x, dst reg.VecPhysical) { ins(operand.U8(high), y, x, dst) }
	}
	if s.lanesEach*s.size == 8 { // neighbours
		low, high := shuffle(build.VSHUFPS, 0x88, 0xdd)
		pair(low, high, 0, 1)
		return
	}
	low, high := unpack(s.unpack)
	for i := 0; i < s.lanesEach; i += 2 {
		pair(low, high, i, i+1)
	}
	left := 2 // between registers in use
	if s.size == 4 {
		low, high = unpack([2]instruction{build.VUNPCKLPD, build.VUNPCKHPD})
		for i := 0; i < s.lanesEach; i += 4 {
			pair(low, high, i, i+2)
		}
		left = 4
	}
	if s.lanesEach > left { // rows of 256 bits
		low, high = shuffle(build.VSHUFF32X4, 0x88, 0xdd)
		pair(low, high, 0, left)
	}
}

func (s shortDots) placesSymbol() operand.Mem {
	name := fmt.Sprintf("matmulPlaces%s%d", s.element.name, s.lanesEach)
	return operand.NewDataAddr(operand.Symbol{Name: name, Static: true}, 0)
}

// placesTable writes for each column of c in which lane addLanes leaves it.
func (s shortDots) placesTable() {
	build.GLOBL(s.placesSymbol().Symbol.Name, attr.RODATA|attr.NOPTR)
	group := s.group()
	for column := range s.lanes() {
		vector, row := column/s.rowsOfB(), column%s.rowsOfB() // of b, and in it
		var lane int
		switch bytes := s.lanesEach * s.size; bytes {
		case 8:
			lane = row/2*4 + vector*2 + row%2
		case 16:
			lane = row*group + vector
		case 32:
			lane = (vector/group*2+row)*group + vector%group
		}
		if s.size == 4 {
			build.DATA(4*column, operand.U32(lane))
		} else {
			build.DATA(8*column, operand.U64(lane))
		}
	}
}
