// Program matmul writes the assembly of the matrix product: register tiles, packing, and loops that
// measure the multiply-add peak, for float32 and float64, AVX2 with FMA and AVX-512.
package main

import "github.com/mmcloughlin/avo/build"

func main() {
	build.ConstraintExpr("!purego")
	mask()
	shifts()
	for _, e := range []element{float32s, float64s} {
		for _, s := range []instructionSet{avx2, avx512} {
			g := generator{e, s}
			for _, shape := range s.tiles {
				g.tile(shape)
			}
			g.direct()
			g.narrow()
			if s.bytes == 64 {
				g.tall()
				g.edge()
				g.outer()
				g.shortDot()
				g.addToAhead()
			}
			g.dot()
			g.addTo(2, 4)
			g.addTo(1, 8)
			g.transpose()
			g.packRows()
			g.peak()
		}
	}
	build.Generate()
}
