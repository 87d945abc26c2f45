package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// peakChains is the number of independent multiply-adds in the loop that measures the peak:
// more than latency times throughput of any CPU so far.
const peakChains = 12

// peak writes a loop of multiply-adds that touches no memory.
func (g generator) peak() {
	name := g.funcName("Peak")
	build.TEXT(name, attr.NOSPLIT, "func(iterations int)")
	build.Doc(name + " runs iterations times 12 independent vector multiply-adds.")
	build.Load(build.Param("iterations"), reg.RAX)
	for _, r := range g.regs[:peakChains+2] {
		g.zero(r)
	}
	build.Label("loop")
	for _, r := range g.regs[:peakChains] {
		g.fma(g.regs[peakChains], g.regs[peakChains+1], r)
	}
	build.DECQ(reg.RAX)
	build.JNZ(operand.LabelRef("loop"))
	build.VZEROUPPER()
	build.RET()
}
