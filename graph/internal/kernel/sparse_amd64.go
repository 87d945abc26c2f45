//go:build !purego

package kernel

//go:generate go -C gen run ./sparse -out ../sparse_amd64.s -stubs ../sparse_stubs_amd64.go -pkg kernel

// sparseLevel reports whether there are functions for lists at the level in use.
func sparseLevel() bool { return level == AVX512 }

func sparseList(at *uint32, value, x *float32, n, step int) int {
	return sparseListAVX512(at, value, x, n, step)
}

// sparseCopy copies columns j to stop of rows rows of s.b from row p on.
func sparseCopy(s *sparseProduct, panel *sparsePanel, p, rows, j, stop int) {
	vectors, mask := sparseVectors(j, stop)
	sparseCopyAVX512(&panel[0], 4*s.cols, &s.b[p*s.n+j], 4*s.n, rows, vectors, mask)
}

// sparseVectors is how many vectors columns j to stop take, and what of the last.
func sparseVectors(j, stop int) (vectors int, mask uint32) {
	vectors = (stop - j + 15) / 16
	return vectors, uint32(1)<<(stop-j-16*(vectors-1)) - 1
}

// sparseTile adds to rows i to end and columns j to stop of c, what slice q of b gives; for the
// first slice it sets them unless the product accumulates.
func sparseTile(s *sparseProduct, b *sparsePanel, i, end, j, stop, q int) {
	vectors, mask := sparseVectors(j, stop)
	sparseTilesAVX512[vectors-1](&s.c[i*s.n+j], 4*s.n, &b[0], &s.at[i*s.room], &s.value[i*s.room], 4*s.room,
		&s.starts[i*(s.slices+1)+q], 4*(s.slices+1), end-i, mask, s.accumulate || q > 0)
}

var sparseTilesAVX512 = [...]func(c *float32, cStep int, b *float32, at *uint32, value *float32, room int, starts *int32, startStep, rows int, mask uint32, add bool){
	sparseTile1AVX512, sparseTile2AVX512, sparseTile3AVX512, sparseTile4AVX512,
	sparseTile5AVX512, sparseTile6AVX512, sparseTile7AVX512, sparseTile8AVX512,
}
