package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An instruction is one mnemonic of avo's build package.
type instruction func(ops ...operand.Op)

// An element is an element type and the instructions that work on it.
type element struct {
	name, goType string
	size         int // bytes
	mov          instruction
	movMasked    func(mem, k, dst operand.Op) // AVX-512 load that zeroes what is masked out
	expand       func(mem, k, dst operand.Op) // the same of as many elements as lanes are not masked out
	maskMov      func(ops ...operand.Op)      // AVX2 load and store under a vector mask
	broadcast    instruction
	fma          instruction
	fmaBroadcast instruction // AVX-512, with a factor from memory
	add          instruction
	// unpack takes elements of two vectors in turn, from the low and high halves of 128-bit lanes.
	unpack [2]instruction
	// lanes4 transposes the 128-bit lanes of vectors: from registers in (one for each of
	// 16/size rows) to out, using tmp.
	transposeLanes func(in, out, tmp []reg.VecPhysical)
}

// group is the number of elements in 128 bits.
func (e element) group() int { return 16 / e.size }

var float32s = element{
	name: "F32", goType: "float32", size: 4,
	mov: build.VMOVUPS, movMasked: build.VMOVUPS_Z, expand: build.VEXPANDPS_Z,
	maskMov:   func(ops ...operand.Op) { build.VMASKMOVPS(ops[0], ops[1], ops[2]) },
	broadcast: build.VBROADCASTSS, fma: build.VFMADD231PS, fmaBroadcast: build.VFMADD231PS_BCST,
	add: build.VADDPS, unpack: [2]instruction{build.VUNPCKLPS, build.VUNPCKHPS},
	transposeLanes: func(in, out, tmp []reg.VecPhysical) {
		build.VUNPCKLPS(in[1], in[0], tmp[0])
		build.VUNPCKHPS(in[1], in[0], tmp[1])
		build.VUNPCKLPS(in[3], in[2], tmp[2])
		build.VUNPCKHPS(in[3], in[2], tmp[3])
		build.VUNPCKLPD(tmp[2], tmp[0], out[0])
		build.VUNPCKHPD(tmp[2], tmp[0], out[1])
		build.VUNPCKLPD(tmp[3], tmp[1], out[2])
		build.VUNPCKHPD(tmp[3], tmp[1], out[3])
	},
}

var float64s = element{
	name: "F64", goType: "float64", size: 8,
	mov: build.VMOVUPD, movMasked: build.VMOVUPD_Z, expand: build.VEXPANDPD_Z,
	maskMov:   func(ops ...operand.Op) { build.VMASKMOVPD(ops[0], ops[1], ops[2]) },
	broadcast: build.VBROADCASTSD, fma: build.VFMADD231PD, fmaBroadcast: build.VFMADD231PD_BCST,
	add: build.VADDPD, unpack: [2]instruction{build.VUNPCKLPD, build.VUNPCKHPD},
	transposeLanes: func(in, out, _ []reg.VecPhysical) {
		build.VUNPCKLPD(in[1], in[0], out[0])
		build.VUNPCKHPD(in[1], in[0], out[1])
	},
}

// A tileShape is a register tile of up to rows rows by vectors vectors.
type tileShape struct {
	vectors, rows int
	masked        bool // the last vector may be partial
	packs         bool // packs b on the way
}

// An instructionSet is the registers of an extension and the tiles that fill them.
type instructionSet struct {
	name          string
	bytes         int // of one vector
	regs          []reg.VecPhysical
	tiles         []tileShape
	directVectors []int // vectors of columns of a tile of direct, for 1, 2, ... rows
	dotRows       int   // most rows that dot takes at once
	narrowChains  int   // vectors in which narrow sums a row of c: for as many multiply-adds as hide their latency, about
}

var avx512 = instructionSet{
	name: "AVX512", bytes: 64,
	regs: []reg.VecPhysical{
		reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
		reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
		reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
	},
	tiles:         []tileShape{{1, 12, true, false}, {2, 12, true, false}, {2, 12, false, false}, {2, 12, false, true}},
	directVectors: []int{8, 8, 4, 4, 4, 4, 3, 3}, dotRows: 8, narrowChains: 4,
}

var avx2 = instructionSet{
	name: "AVX2", bytes: 32,
	regs: []reg.VecPhysical{
		reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
		reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
	},
	tiles:         []tileShape{{1, 6, true, false}, {2, 6, true, false}, {2, 6, false, false}, {2, 6, false, true}},
	directVectors: []int{4, 4, 2, 2, 2, 2}, dotRows: 3, narrowChains: 2,
}

// A generator writes the functions of one element type and instruction set.
type generator struct {
	element
	instructionSet
}

// tileRows is the most rows of a tile of two vectors.
func (g generator) tileRows() int {
	for _, t := range g.tiles {
		if t.vectors == 2 {
			return t.rows
		}
	}
	panic("no tile of two vectors")
}

// lanes is the number of elements in a vector.
func (g generator) lanes() int { return g.bytes / g.size }

func (g generator) funcName(kind string) string {
	return fmt.Sprintf("matmul%s%s%s", kind, g.element.name, g.instructionSet.name)
}

// zero clears a register.
func (g generator) zero(r reg.VecPhysical) {
	if g.bytes == 64 {
		build.VPXORD(r, r, r)
	} else {
		build.VPXOR(r, r, r)
	}
}

// params pairs parameters with the registers that take them.
type params []struct {
	name string
	reg  reg.Register
}

func load(ps params) {
	for _, p := range ps {
		build.Load(build.Param(p.name), p.reg)
	}
}

// rowAt is the address of row i, of at most 4, where step is the bytes between rows and triple three times that.
func rowAt(base, step, triple reg.Register, i, disp int) operand.Mem {
	m := operand.Mem{Base: base, Disp: disp}
	switch i {
	case 1, 2:
		m.Index, m.Scale = step, uint8(i)
	case 3:
		m.Index, m.Scale = triple, 1
	}
	return m
}
