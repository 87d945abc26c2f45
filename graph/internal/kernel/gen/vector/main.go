// The vector program writes the assembly of the vector functions and reductions, its Go
// declarations, and the functions that enter it into the table of implementations.
package main

import (
	"flag"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	table := flag.String("table", "", "Go file for the functions that fill the table")
	flag.Parse()
	ConstraintExpr("!purego")
	var variants []variant
	for _, isa := range []isa{avx2, avx512} {
		for _, elem := range []elem{f32, f64} {
			v := variant{isa: isa, elem: elem}
			for _, k := range kernels {
				emit(isa, elem, k)
				v.kernels = append(v.kernels, k.name)
			}
			columnSums(isa, elem)
			v.kernels = append(v.kernels, "columnSums")
			variants = append(variants, v)
		}
	}
	Generate()
	writeTable(*table, variants)
}
