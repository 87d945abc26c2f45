package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Byte offsets in the state, an array of uint64, each with one word in its low half.
const (
	rounds     = 10
	keysAt     = 0 // the two words of the key of every round
	counterAt  = keysAt + rounds*16
	stepLowAt  = counterAt + 8
	stepHighAt = stepLowAt + 8
)

const (
	multiplier0 = 0xD2511F53
	multiplier1 = 0xCD9E8D57
)

// philox is the generator of blocks. Every 64-bit lane of a vector works on one block. The
// words of its state lie in low halves, and the high halves hold rubbish: so the product of a
// round, low word below high word, serves as it is, and one shift frees the high word.
type philox struct {
	isa
	state   reg.Register
	counter reg.VecVirtual // the next block of each lane
	m0, m1  reg.VecVirtual
	odd     reg.Register // AVX-512: mask of the odd 32-bit lanes
}

func (s isa) newPhilox(state reg.Register) *philox {
	x := &philox{isa: s, state: state, counter: s.vec(), m0: s.vec(), m1: s.vec()}
	build.VPBROADCASTQ(x.field(counterAt), x.counter)
	build.VPADDQ(x.laneBlocks(), x.counter, x.counter)
	build.VPBROADCASTQ(constant64(multiplier0), x.m0)
	build.VPBROADCASTQ(constant64(multiplier1), x.m1)
	if s.bytes == 64 {
		bits := build.GP32()
		build.MOVL(operand.U32(0xAAAA), bits)
		x.odd = build.K()
		build.KMOVW(bits, x.odd)
	}
	return x
}

func (x *philox) field(offset int) operand.Mem {
	return operand.Mem{Base: x.state, Disp: offset}
}

// lanes is the number of blocks in a vector.
func (x *philox) lanes() int { return x.bytes / 8 }

var laneTables = map[string]operand.Mem{}

// laneBlocks is a table of the blocks of the lanes, relative to the first: those of even
// lanes come first, because unpacking two vectors gathers even lanes in one and odd lanes in
// another.
func (x *philox) laneBlocks() operand.Mem {
	m, ok := laneTables[x.name]
	if !ok {
		m = build.GLOBL("randomLanes"+x.name, attr.RODATA|attr.NOPTR)
		for i := range x.lanes() {
			build.DATA(8*i, operand.U64(i/2+i%2*x.lanes()/2))
		}
		laneTables[x.name] = m
	}
	return m
}

// blocks encrypts the next two vectors of blocks, to hide latency, and returns the four
// vectors of their words in order.
func (x *philox) blocks() []reg.VecVirtual {
	first, second := x.start(), x.start()
	for r := range rounds {
		x.round(r, first, second)
	}
	return append(x.finish(first), x.finish(second)...)
}

// start gives the plain text of a vector of blocks and advances the counter.
func (x *philox) start() *[4]reg.VecVirtual {
	c := &[4]reg.VecVirtual{x.vec(), x.vec(), x.vec(), x.vec()}
	build.VMOVAPS(x.counter, c[0])
	build.VPSRLQ(operand.Imm(32), x.counter, c[1])
	build.VPBROADCASTQ(x.field(stepLowAt), c[2])
	build.VPBROADCASTQ(x.field(stepHighAt), c[3])
	advance := x.vec()
	build.VPBROADCASTQ(constant64(uint64(x.lanes())), advance)
	build.VPADDQ(advance, x.counter, x.counter)
	return c
}

// round r: c0, c1, c2, c3 = hi(M1 c2)^c1^k0, lo(M1 c2), hi(M0 c0)^c3^k1, lo(M0 c0).
func (x *philox) round(r int, chains ...*[4]reg.VecVirtual) {
	key := [2]operand.Mem{x.field(keysAt + 16*r), x.field(keysAt + 16*r + 8)}
	var keys [2]reg.VecVirtual
	if x.bytes == 32 {
		for i := range keys {
			keys[i] = x.vec()
			build.VPBROADCASTQ(key[i], keys[i])
		}
	}
	for _, c := range chains {
		p0, p1 := x.vec(), x.vec()
		build.VPMULUDQ(c[0], x.m0, p0)
		build.VPMULUDQ(c[2], x.m1, p1)
		build.VPSRLQ(operand.Imm(32), p1, c[0])
		build.VPSRLQ(operand.Imm(32), p0, c[2])
		for i, high := range []reg.VecVirtual{c[0], c[2]} {
			if x.bytes == 64 {
				build.VPTERNLOGQ_BCST(operand.Imm(0x96), key[i], c[2*i+1], high) // xor of three
			} else {
				build.VPXOR(c[2*i+1], high, high)
				build.VPXOR(keys[i], high, high)
			}
		}
		c[1], c[3] = p1, p0
	}
}

// finish arranges the words of a vector of blocks in order, in two vectors.
func (x *philox) finish(c *[4]reg.VecVirtual) []reg.VecVirtual {
	for i := 0; i < 4; i += 2 { // put the word of c[i+1] above that of c[i]
		if x.bytes == 64 {
			build.VMOVSLDUP(c[i+1], x.odd, c[i])
		} else {
			build.VMOVSLDUP(c[i+1], c[i+1])
			build.VPBLENDD(operand.Imm(0xAA), c[i+1], c[i], c[i])
		}
	}
	even, odd := x.vec(), x.vec()
	build.VPUNPCKLQDQ(c[2], c[0], even)
	build.VPUNPCKHQDQ(c[2], c[0], odd)
	return []reg.VecVirtual{even, odd}
}
