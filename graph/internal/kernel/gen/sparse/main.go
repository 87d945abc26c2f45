// Program sparse writes the assembly of the product with a matrix of many zeros, for AVX-512 in float32:
// the list of what is not zero in a row, a copy of rows that lie close, and the sum of rows that a list names.
package main

import (
	"fmt"
	"strconv"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vectors is the most vectors of a row that are summed at a time.
const vectors = 8

func main() {
	build.ConstraintExpr("!purego")
	list()
	copyRows()
	for v := 1; v <= vectors; v++ {
		tile(v)
	}
	build.Generate()
}

// param loads a parameter of 64 bits.
func param(name string) reg.Register { return build.Load(build.Param(name), build.GP64()) }

// paramMask loads the parameter mask, for lanes.
func paramMask() reg.OpmaskVirtual {
	mask, k := build.Load(build.Param("mask"), build.GP32()), build.K()
	build.KMOVW(mask, k)
	return k
}

// list goes through vectors of 16 elements. What a vector of a list holds beyond the elements found is
// overwritten by the next.
func list() {
	build.TEXT("sparseListAVX512", attr.NOSPLIT, "func(at *uint32, value *float32, x *float32, n, step int) int")
	build.Doc("sparseListAVX512 lists the elements of x, n of them, a positive multiple of 16, that are not 0, and step times",
		"their indices, and returns how many there are. The lists need room for 16 more.")
	build.Pragma("noescape")
	at, value, x, n, step := param("at"), param("value"), param("x"), param("n"), param("step")

	lanes := build.GLOBL("sparseLanes", attr.RODATA|attr.NOPTR)
	for i := range 16 {
		build.DATA(4*i, operand.U32(i))
	}
	zero, index, next, scale := build.ZMM(), build.ZMM(), build.ZMM(), build.ZMM()
	build.VPXORD(zero, zero, zero)
	build.VPBROADCASTD(step.(reg.GP).As32(), scale)
	build.VPMULLD(lanes, scale, index)
	build.VPSLLD(operand.Imm(4), scale, next)

	total, found := build.GP64(), build.GP64()
	build.XORQ(total, total)
	data, packed, where := build.ZMM(), build.ZMM(), build.ZMM()
	k := build.K()
	build.Label("list")
	build.VMOVUPS(operand.Mem{Base: x}, data)
	build.VCMPPS(operand.Imm(4), zero, data, k) // not equal, or NaN
	build.VPCOMPRESSD_Z(index, k, where)
	build.VMOVDQU32(where, operand.Mem{Base: at, Index: total, Scale: 4})
	build.VCOMPRESSPS_Z(data, k, packed)
	build.VMOVUPS(packed, operand.Mem{Base: value, Index: total, Scale: 4})
	build.KMOVW(k, found.As32())
	build.POPCNTL(found.As32(), found.As32())
	build.ADDQ(found, total)
	build.VPADDD(next, index, index)
	build.ADDQ(operand.Imm(64), x)
	build.SUBQ(operand.Imm(16), n)
	build.JNZ(operand.LabelRef("list"))
	build.VZEROUPPER()
	build.Store(total, build.ReturnIndex(0))
	build.RET()
}

// copyRows asks for what it reads 8 rows ahead, which may be far away.
func copyRows() {
	build.TEXT("sparseCopyAVX512", attr.NOSPLIT, "func(dst *float32, dstStep int, src *float32, srcStep, rows, vectors int, mask uint32)")
	build.Doc("sparseCopyAVX512 copies vectors of each of the rows of src, of which mask picks elements of the last: the others of",
		"dst become 0. Steps are the bytes between rows.")
	build.Pragma("noescape")
	dst, dstStep, src, srcStep := param("dst"), param("dstStep"), param("src"), param("srcStep")
	rows, vectors, k := param("rows"), param("vectors"), paramMask()
	data, last := build.ZMM(), build.GP64()
	build.MOVQ(vectors, last)
	build.SHLQ(operand.Imm(6), last)
	build.SUBQ(operand.Imm(64), last)
	at := build.GP64()
	vector := func(base reg.Register) operand.Mem { return operand.Mem{Base: base, Index: at, Scale: 1} }
	build.Label("row")
	ahead := build.GP64()
	build.LEAQ(operand.Mem{Base: src, Index: srcStep, Scale: 8}, ahead)
	build.XORQ(at, at)
	build.CMPQ(at, last)
	build.JEQ(operand.LabelRef("last"))
	build.Label("vector")
	build.PREFETCHT0(vector(ahead))
	build.VMOVUPS(vector(src), data)
	build.VMOVUPS(data, vector(dst))
	build.ADDQ(operand.Imm(64), at)
	build.CMPQ(at, last)
	build.JNE(operand.LabelRef("vector"))
	build.Label("last")
	build.PREFETCHT0(vector(ahead))
	build.VMOVUPS_Z(vector(src), k, data)
	build.VMOVUPS(data, vector(dst))
	build.ADDQ(srcStep, src)
	build.ADDQ(dstStep, dst)
	build.DECQ(rows)
	build.JNZ(operand.LabelRef("row"))
	build.VZEROUPPER()
	build.RET()
}

// tile keeps v vectors of a row of c in registers at a time.
func tile(v int) {
	name := fmt.Sprintf("sparseTile%dAVX512", v)
	build.TEXT(name, attr.NOSPLIT, "func(c *float32, cStep int, b *float32, at *uint32, value *float32, room int, starts *int32, startStep, rows int, mask uint32, add bool)")
	build.Doc(name+" sets, for each of the rows of c, cStep bytes apart, "+strconv.Itoa(v)+" vectors, of which mask picks elements of the",
		"last, to the sum of value[i] times those of b that begin at[i] bytes on, for i from starts[0] to starts[1] - 1, added to",
		"c if add. From one row to the next, starts moves by startStep bytes, at and value by room bytes.")
	build.Pragma("noescape")
	c, cStep, b := param("c"), param("cStep"), param("b")
	at, value, room := param("at"), param("value"), param("room")
	starts, startStep, rows := param("starts"), param("startStep"), param("rows")
	k := paramMask()
	add := build.Load(build.Param("add"), build.GP8())

	sum := make([]reg.VecVirtual, v)
	for i := range sum {
		sum[i] = build.ZMM()
	}
	build.Label("row")
	for i := range sum {
		build.VPXORD(sum[i], sum[i], sum[i])
	}
	build.TESTB(add, add)
	build.JZ(operand.LabelRef("list"))
	for i := range sum {
		m := operand.Mem{Base: c, Disp: 64 * i}
		if i == v-1 {
			build.VMOVUPS_Z(m, k, sum[i])
		} else {
			build.VMOVUPS(m, sum[i])
		}
	}
	build.Label("list")
	i, end := build.GP64(), build.GP64()
	build.MOVL(operand.Mem{Base: starts}, i.As32())
	build.MOVL(operand.Mem{Base: starts, Disp: 4}, end.As32())
	build.CMPQ(i, end)
	build.JEQ(operand.LabelRef("store"))
	from, factor := build.GP64(), build.ZMM()
	build.Label("element")
	build.MOVL(operand.Mem{Base: at, Index: i, Scale: 4}, from.As32())
	build.VBROADCASTSS(operand.Mem{Base: value, Index: i, Scale: 4}, factor)
	for j := range sum {
		m := operand.Mem{Base: b, Index: from, Scale: 1, Disp: 64 * j}
		build.VFMADD231PS(m, factor, sum[j])
	}
	build.INCQ(i)
	build.CMPQ(i, end)
	build.JNE(operand.LabelRef("element"))
	build.Label("store")
	for i := range sum {
		m := operand.Mem{Base: c, Disp: 64 * i}
		if i == v-1 {
			build.VMOVUPS(sum[i], k, m)
		} else {
			build.VMOVUPS(sum[i], m)
		}
	}
	build.ADDQ(cStep, c)
	build.ADDQ(room, at)
	build.ADDQ(room, value)
	build.ADDQ(startStep, starts)
	build.DECQ(rows)
	build.JNZ(operand.LabelRef("row"))
	build.VZEROUPPER()
	build.RET()
}
