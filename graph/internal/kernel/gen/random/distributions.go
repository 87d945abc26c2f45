package main

import (
	"fmt"
	"slices"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Predicates of VCMPPS.
const (
	lessThan     = operand.U8(0x01)
	unordered    = operand.U8(0x03)
	greaterEqual = operand.U8(0x0D)
)

func (f *function) uniform(words []reg.VecVirtual) {
	scale := f.float(0x1p-24)
	for _, w := range words {
		build.VPSRLD(operand.Imm(8), w, w)
		build.VCVTDQ2PS(w, w)
		build.VMULPS(scale, w, w)
	}
}

func (f *function) bernoulli(words []reg.VecVirtual) {
	f.uniform(words)
	for i, u := range words {
		p := f.vec()
		build.VMOVUPS(operand.Mem{Base: f.p, Disp: i * f.bytes}, p)
		if f.bytes == 64 {
			less, nan := build.K(), build.K()
			build.VCMPPS(lessThan, p, u, less)
			build.VCMPPS(unordered, p, p, nan)
			build.VMOVAPS_Z(f.one, less, u)
			build.VMOVAPS(p, nan, u)
		} else {
			nan := f.vec()
			build.VCMPPS(lessThan, p, u, u)
			build.VANDPS(f.one, u, u)
			build.VCMPPS(unordered, p, p, nan)
			build.VBLENDVPS(nan, p, u, u)
		}
	}
}

// normal is normalOf32, on as many vectors at a time as there are registers for.
func (f *function) normal(words []reg.VecVirtual) {
	n := f.bytes / 32
	for i := 0; i < len(words); i += n {
		f.quantile(words[i : i+n])
	}
}

func (f *function) quantile(words []reg.VecVirtual) {
	// These hold, one vector per vector of words, what has the same name in normalOf32.
	a, l, z := f.vecs(len(words)), f.vecs(len(words)), f.vecs(len(words))
	half, scale := f.float(0.5), f.float(0x1p-31)
	for i, w := range words {
		t := f.vec()
		build.VPSRAD(operand.Imm(31), w, t)
		f.xor(t, w, a[i])
		f.xor(f.integer(0x7fffffff), a[i], t)
		for _, x := range []reg.VecVirtual{a[i], t} {
			build.VCVTDQ2PS(x, x)
			build.VADDPS(half, x, x)
			build.VMULPS(scale, x, x)
		}
		build.VADDPS(f.float(1), a[i], l[i])
		build.VMULPS(t, l[i], l[i])
	}

	// l = -log2(l)
	exponent := f.vecs(len(words))
	for i := range words {
		build.VPSUBD(f.integer(0x3f400000), l[i], exponent[i])
		build.VPSRAD(operand.Imm(23), exponent[i], exponent[i])
		whole := f.vec()
		build.VPSLLD(operand.Imm(23), exponent[i], whole)
		build.VPSUBD(whole, l[i], l[i])
		build.VSUBPS(f.float(1), l[i], l[i])
		build.VCVTDQ2PS(exponent[i], exponent[i])
	}
	f.horner(z, l, 8, func(j int) []reg.VecVirtual {
		return slices.Repeat([]reg.VecVirtual{f.coefficient("log2Poly", j)}, len(words))
	})
	sign := f.integer(1 << 31)
	for i := range words {
		build.VMULPS(l[i], z[i], z[i])
		build.VADDPS(exponent[i], z[i], z[i])
		f.xor(sign, z[i], l[i])
	}

	isTail := make([]reg.Register, len(words))
	for i := range words {
		tail := f.vec()
		build.VSQRTPS(l[i], tail)
		build.VSUBPS(f.float(4.25), tail, tail)
		isTail[i] = f.mask()
		build.VCMPPS(greaterEqual, f.float(8), l[i], isTail[i])
		build.VSUBPS(f.float(4), l[i], l[i])
		f.overwrite(l[i], isTail[i], tail)
	}
	f.horner(z, l, 9, func(j int) []reg.VecVirtual {
		far, c := f.coefficient("quantileTail", j), make([]reg.VecVirtual, len(words))
		for i := range c {
			c[i] = f.coefficient("quantileCentre", j)
			f.overwrite(c[i], isTail[i], far)
		}
		return c
	})
	for i, w := range words {
		build.VMULPS(a[i], z[i], z[i])
		if f.bytes == 64 {
			build.VPANDD(sign, w, w)
		} else {
			build.VPAND(sign, w, w)
		}
		f.xor(z[i], w, w)
	}
}

// horner sets y to the polynomial of x with n coefficients.
func (f *function) horner(y, x []reg.VecVirtual, n int, coefficient func(j int) []reg.VecVirtual) {
	c := coefficient(n - 1)
	for i := range y {
		build.VMOVAPS(c[i], y[i])
	}
	for j := n - 2; j >= 0; j-- {
		c := coefficient(j)
		for i := range y {
			build.VMULPS(x[i], y[i], y[i])
			build.VADDPS(c[i], y[i], y[i])
		}
	}
}

// coefficient loads element j of a table of package kernel into all lanes.
func (f *function) coefficient(table string, j int) reg.VecVirtual {
	v := f.vec()
	symbol := operand.Symbol{Name: fmt.Sprintf("·%s", table)}
	build.VBROADCASTSS(operand.NewDataAddr(symbol, 4*j), v)
	return v
}

// mask allocates what a comparison of vectors writes.
func (f *function) mask() reg.Register {
	if f.bytes == 64 {
		return build.K()
	}
	return f.vec()
}

// overwrite sets dst to x where mask is set.
func (f *function) overwrite(dst reg.VecVirtual, mask reg.Register, x reg.VecVirtual) {
	if f.bytes == 64 {
		build.VMOVAPS(x, mask, dst)
	} else {
		build.VBLENDVPS(mask, x, dst, dst)
	}
}
