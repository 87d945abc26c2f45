package kernel

import "unsafe"

// StridedMatMul sets, for i < m and j < n,
//
//	c[i cRow + j] = (c[i cRow + j] if accumulate, else 0) + sum over p < k of a[i aRow + p aStep] b[p bRow + j],
//
// each a chain in increasing order of p as in MatMul. Rows of a may overlap, as those of a convolution do;
// rows of c must not. It reads a and b where they lie, on the calling goroutine: k and n are small enough for
// b to stay in a cache. k is positive.
func StridedMatMul[T Float](c []T, cRow int, a []T, aRow, aStep int, b []T, bRow, m, n, k int, accumulate bool) {
	if m <= 0 || n <= 0 {
		return
	}
	if k <= 0 || min(aRow, aStep, bRow, cRow) < 0 {
		panic("kernel: wrong dimension of a strided matrix product")
	}
	if len(c) < (m-1)*cRow+n || len(a) < (m-1)*aRow+(k-1)*aStep+1 || len(b) < (k-1)*bRow+n {
		panic("kernel: slice too short for a strided matrix product")
	}
	t := matMulStateOf[T]().tiles()
	size := int(unsafe.Sizeof(a[0]))
	groups, each, larger := divideRows(m, t.rows)
	whole := n == t.tiles[0].vectors*t.lanes
	for i := 0; i < m; groups-- {
		rows := each
		if larger > 0 {
			rows, larger = each+1, larger-1
		}
		if ai, ci := &a[i*aRow], &c[i*cRow]; whole { // as row would, in less time
			t.tiles[0].run(rows, k, ai, aRow*size, aStep*size, &b[0], bRow*size, ci, cRow*size, n, accumulate, ai)
		} else {
			t.row(rows, k, ai, aRow*size, aStep*size, &b[0], bRow*size, ci, cRow*size, n, accumulate, ai)
		}
		i += rows
	}
}
