//go:build !purego

package kernel

//go:generate go -C gen run ./sparse -out ../sparse_amd64.s -stubs ../sparse_stubs_amd64.go -pkg kernel

// sparseLevel reports whether there are functions for lists at the level in use.
func sparseLevel() bool { return level == AVX512 }

func sparseList(at *uint32, value, x *float32, n, step int) int {
	return sparseListAVX512(at, value, x, n, step)
}

// sparseRow sets c, of 1 to 128 elements, to the sum of value[i] times the elements of b from at[i] bytes on,
// for i below count, added to c if add.
func sparseRow(c, b []float32, at []uint32, value []float32, count int, add bool) {
	vectors := (len(c) + 15) / 16
	mask := uint32(1)<<(len(c)-16*(vectors-1)) - 1
	sparseRowsAVX512[vectors-1](&c[0], &b[0], &at[0], &value[0], count, mask, add)
}

var sparseRowsAVX512 = [...]func(c, b *float32, at *uint32, value *float32, count int, mask uint32, add bool){
	sparseRow1AVX512, sparseRow2AVX512, sparseRow3AVX512, sparseRow4AVX512,
	sparseRow5AVX512, sparseRow6AVX512, sparseRow7AVX512, sparseRow8AVX512,
}
