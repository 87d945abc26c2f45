package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An update is one function.
type update struct {
	name    string
	slices  string   // parameters, with spaces between them
	stored  string   // those that are written
	numbers []number // scalars that the formula reads
	formula func(f *function)
}

var updates = []update{
	{"SGD", "w grad", "w", []number{rate, scale, l2}, func(f *function) {
		f.descend(f.product(rate, f.gradient()))
	}},
	{"Momentum", "w grad v", "w v", []number{rate, scale, l2, momentum}, func(f *function) {
		f.accelerate(f.gradient())
		f.descend(f.product(rate, f.vector["v"]))
	}},
	{"Nesterov", "w grad v", "w v", []number{rate, scale, l2, momentum}, func(f *function) {
		d := f.gradient()
		f.accelerate(d)
		build.VADDPS(f.product(momentum, f.vector["v"]), d, d)
		f.descend(f.product(rate, d))
	}},
	{"Adam", "w grad m v", "w m v", []number{rate, scale, l2, keep, gain1, gain2, correct2, epsilon}, func(f *function) {
		d := f.gradient()
		f.average("m", gain1, d)
		build.VMULPS(d, d, d)
		f.average("v", gain2, d)
		step := f.quotient(f.product(rate, f.vector["m"]), f.product(correct2, f.vector["v"]))
		build.VMULPS(f.numbers[keep], f.vector["w"], f.vector["w"])
		f.descend(step)
	}},
	{"RMSProp", "w grad v", "w v", []number{rate, scale, l2, gain2, epsilon}, func(f *function) {
		d := f.gradient()
		f.average("v", gain2, f.square(d))
		f.descend(f.quotient(f.product(rate, d), f.vector["v"]))
	}},
	{"AdaGrad", "w grad v", "w v", []number{rate, scale, l2, epsilon}, func(f *function) {
		d := f.gradient()
		build.VADDPS(f.square(d), f.vector["v"], f.vector["v"])
		f.descend(f.quotient(f.product(rate, d), f.vector["v"]))
	}},
	{"EMA", "avg w", "avg", []number{gain1}, func(f *function) {
		f.average("avg", gain1, f.vector["w"])
	}},
	{"AddL1", "grad w", "grad", []number{scale, l1}, (*function).addL1},
	{"ClipValue", "grad", "grad", []number{limit}, func(f *function) {
		// The second operand, here the gradient, is the result if one is NaN.
		g, low := f.vector["grad"], f.vec()
		build.VMINPS(g, f.numbers[limit], g)
		build.VXORPS(low, low, low)
		build.VSUBPS(f.numbers[limit], low, low)
		build.VMAXPS(g, low, g)
	}},
}

// gradient returns scale g + l2 w.
func (f *function) gradient() reg.VecVirtual {
	d := f.product(scale, f.vector["grad"])
	build.VADDPS(f.product(l2, f.vector["w"]), d, d)
	return d
}

// product returns x times a scalar.
func (f *function) product(a number, x reg.VecVirtual) reg.VecVirtual {
	y := f.vec()
	build.VMULPS(f.numbers[a], x, y)
	return y
}

func (f *function) square(x reg.VecVirtual) reg.VecVirtual {
	y := f.vec()
	build.VMULPS(x, x, y)
	return y
}

// quotient returns x / (sqrt(y) + epsilon).
func (f *function) quotient(x, y reg.VecVirtual) reg.VecVirtual {
	z := f.vec()
	build.VSQRTPS(y, z)
	build.VADDPS(f.numbers[epsilon], z, z)
	build.VDIVPS(z, x, z)
	return z
}

// descend subtracts a step from w.
func (f *function) descend(step reg.VecVirtual) {
	build.VSUBPS(step, f.vector["w"], f.vector["w"])
}

// accelerate sets v = momentum v + d.
func (f *function) accelerate(d reg.VecVirtual) {
	v := f.vector["v"]
	build.VMULPS(f.numbers[momentum], v, v)
	build.VADDPS(d, v, v)
}

// average moves a slice towards x: s += gain (x - s).
func (f *function) average(slice string, gain number, x reg.VecVirtual) {
	s, change := f.vector[slice], f.vec()
	build.VSUBPS(s, x, change)
	build.VMULPS(f.numbers[gain], change, change)
	build.VADDPS(change, s, s)
}

// addL1 sets g = scale g + l1 sign(w), and leaves scale g where w is 0 or NaN.
func (f *function) addL1() {
	const notEqual = operand.U8(0x0C) // ordered: false for NaN
	g, w, zero := f.vector["grad"], f.vector["w"], f.vec()
	build.VXORPS(zero, zero, zero)
	build.VMULPS(f.numbers[scale], g, g)
	step := f.vec() // l1 with the sign of w: the lowest 31 bits of w shifted out and back
	build.VPSRLD(operand.Imm(31), w, step)
	build.VPSLLD(operand.Imm(31), step, step)
	build.VORPS(f.numbers[l1], step, step)
	if f.bytes == 64 {
		mask := build.K()
		build.VCMPPS(notEqual, zero, w, mask)
		build.VADDPS(step, g, mask, g)
	} else {
		mask := f.vec()
		build.VCMPPS(notEqual, zero, w, mask)
		build.VADDPS(step, g, step)
		build.VBLENDVPS(mask, step, g, g)
	}
}
