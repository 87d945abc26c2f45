package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A reduction is what a kernel returns over its elements.
type reduction int

const (
	none       reduction = iota
	sumFloat64           // the sum, in float64
	sumNative            // the sum, in the type of the elements
	maxNative            // the maximum
)

// A kernel is a loop over slices of equal length. Its Go parameters are dst (if store),
// x, y (if inputs is 2) and s (if scalar).
type kernel struct {
	name   string
	inputs int
	store  bool
	update bool // dst is an input too, the last one
	scalar bool
	result reduction
	wide   bool // elements are converted to float64 when loaded; for sums of which 0 adds 0
	unroll int

	// body returns from one vector of each input what to store and what to reduce.
	body func(c code, in []value, s value) (out, term value)
}

// A loop is a kernel being emitted.
type loop struct {
	code // what the body computes in
	k    kernel
	mem  elem // what is in memory

	dst, index reg.GPVirtual // index counts bytes
	in         []reg.GPVirtual
	s          value
	acc        []value
}

// emit writes k for an instruction set and element type: a loop unrolled by k.unroll, one
// over single vectors, and a masked last vector.
func emit(isa isa, elem elem, k kernel) {
	k.unroll = max(k.unroll, 1)
	l := &loop{code: code{isa, elem}, k: k, mem: elem}
	if k.wide {
		l.code.elem = f64
	}
	TEXT(fmt.Sprintf("%s%v%v", k.name, isa, elem), attr.NOSPLIT, k.signature(elem))
	Doc(fmt.Sprintf("%s%v%v is %sGeneric[%s].", k.name, isa, elem, k.name, elem.goType()))
	n := l.prologue()
	if k.unroll > 1 {
		l.vectors("unrolled", "vectors", n, k.unroll)
	}
	Label("vectors")
	l.vectors("vector", "tail", n, 1)
	Label("tail")
	TESTQ(n, n)
	JZ(operand.LabelRef("done"))
	l.step(0, 0, l.tailMask(n))
	Label("done")
	l.epilogue()
	VZEROUPPER()
	RET()
}

func (k kernel) signature(e elem) string {
	var slices []string
	if k.store {
		slices = append(slices, "dst")
	}
	slices = append(slices, []string{"x", "y"}[:k.inputs]...)
	sig := "func(" + strings.Join(slices, ", ") + " []" + e.goType()
	if k.scalar {
		sig += ", s " + e.goType()
	}
	sig += ")"
	switch k.result {
	case sumFloat64:
		sig += " float64"
	case sumNative, maxNative:
		sig += " " + e.goType()
	}
	return sig
}

// prologue loads the parameters and returns the register with the length.
func (l *loop) prologue() reg.Register {
	for _, name := range []string{"x", "y"}[:l.k.inputs] {
		p := GP64()
		Load(Param(name).Base(), p)
		l.in = append(l.in, p)
	}
	if l.k.store {
		l.dst = GP64()
		Load(Param("dst").Base(), l.dst)
	}
	if l.k.update {
		l.in = append(l.in, l.dst)
	}
	n := Load(Param("x").Len(), GP64())
	l.index = GP64()
	XORQ(l.index, l.index)
	if l.k.scalar {
		s, err := Param("s").Resolve()
		if err != nil {
			panic(err)
		}
		d := l.reg()
		if l.elem == f32 {
			VBROADCASTSS(s.Addr, d)
		} else {
			VBROADCASTSD(s.Addr, d)
		}
		l.s = d
	}
	l.startReduction()
	return n
}

// vectors emits a loop of count vectors a turn, which goes to the label end when fewer
// are left.
func (l *loop) vectors(label, end string, n reg.Register, count int) {
	elements := count * l.lanes()
	Label(label)
	CMPQ(n, operand.U32(elements))
	JL(operand.LabelRef(end))
	for i := range count {
		l.step(i, i*l.lanes()*l.mem.size(), nil)
	}
	ADDQ(operand.U32(elements*l.mem.size()), l.index)
	SUBQ(operand.U32(elements), n)
	JMP(operand.LabelRef(label))
}

// step emits the work on the vector at offset bytes from index, with slot's accumulators.
func (l *loop) step(slot, offset int, tail mask) {
	at := func(p reg.Register) operand.Mem {
		return operand.Mem{Base: p, Index: l.index, Scale: 1, Disp: offset}
	}
	var in []value
	for _, p := range l.in {
		in = append(in, l.load(at(p), tail))
	}
	out, term := l.k.body(l.code, in, l.s)
	if l.k.store {
		l.storeTo(at(l.dst), out, tail)
	}
	if l.k.result != none {
		l.reduce(slot, term, tail)
	}
}
