package kernel

import (
	"runtime"
	"unsafe"
)

// tileGeneric is the reference of every tile function: for rows of a and width columns of b,
//
//	c[i,j] = (c[i,j] if add, else 0) + a[i,0] b[0,j] + ... + a[i,k-1] b[k-1,j],
//
// k > 0, where row i of a begins aRow bytes, and its next element aStep bytes, after the one
// before. bStep and cStep are the bytes between rows of b and c. Products are rounded before
// they are added, on every architecture. The last parameter is where a part of a begins that will
// be read soon.
func tileGeneric[T Float](rows, k int, a *T, aRow, aStep int, b *T, bStep int, c *T, cStep, width int, add bool, _ *T) {
	for i := range rows {
		ai := unsafe.Add(unsafe.Pointer(a), i*aRow)
		ci := unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(c), i*cStep)), width)
		if !add {
			clear(ci)
		}
		for p := range k {
			x := *(*T)(unsafe.Add(ai, p*aStep))
			bp := unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(b), p*bStep)), width)
			for j, y := range bp {
				ci[j] += T(x * y)
			}
		}
	}
}

// fewGeneric multiplies rows of a by vectors times 32 columns of a transposed b, the lanes of the
// generic level:
//
//	c[i,j] = (c[i,j] if add, else 0) + a[i,0] b[j,0] + ... + a[i,k-1] b[j,k-1].
//
// Row i of a begins aRow bytes, and its next element aStep bytes, after the one before; bStep and
// cStep are the bytes between rows of memory of b and of c. The functions of other levels want k to
// be no less than the group of their tileSet.
func fewGeneric[T Float](rows, vectors, k int, a *T, aRow, aStep int, b *T, bStep int, c *T, cStep int, add bool) {
	size := int(unsafe.Sizeof(*a))
	for j := range vectors * genericLanes {
		bj := unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(b), j*bStep)), k)
		for i := range rows {
			ai := unsafe.Add(unsafe.Pointer(a), i*aRow)
			cij := (*T)(unsafe.Add(unsafe.Pointer(c), i*cStep+j*size))
			var sum T
			if add {
				sum = *cij
			}
			for p, y := range bj {
				sum += T(*(*T)(unsafe.Add(ai, p*aStep)) * y)
			}
			*cij = sum
		}
	}
}

// transposeRowsGeneric sets dst[p,i] = src[i,p] for rows i and k columns p of src. Steps are the bytes
// between rows. What lies ahead bytes after an element read is likely to be read soon.
func transposeRowsGeneric[T Float](dst *T, dstStep int, src *T, srcStep, rows, k, ahead int) {
	size := int(unsafe.Sizeof(*dst))
	for i := range rows {
		out := unsafe.Add(unsafe.Pointer(dst), i*size)
		for p, x := range unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(src), i*srcStep)), k) {
			*(*T)(unsafe.Add(out, p*dstStep)) = x
		}
	}
}

// packingTileGeneric is tileGeneric for whole strips of two vectors, here of twice 32 columns, which
// copies the rows of b one after the other to packed on the way.
func packingTileGeneric[T Float](rows, k int, a *T, aRow, aStep int, b *T, bStep int, c *T, cStep int, add bool, packed *T) {
	const width = 2 * genericLanes
	out := unsafe.Slice(packed, k*width)
	for p := range k {
		copy(out[p*width:][:width], unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(b), p*bStep)), width))
	}
	tileGeneric(rows, k, a, aRow, aStep, b, bStep, c, cStep, width, add, nil)
}

// packRowsGeneric cuts k rows of src, srcStep bytes apart, into strips of width columns. In dst the
// rows of a strip are contiguous, and strips are dstStep bytes apart.
func packRowsGeneric[T Float](dst *T, dstStep int, src *T, srcStep, strips, k, width int) {
	size := int(unsafe.Sizeof(*dst))
	for p := range k {
		for s := range strips {
			out := unsafe.Add(unsafe.Pointer(dst), s*dstStep+p*width*size)
			in := unsafe.Add(unsafe.Pointer(src), p*srcStep+s*width*size)
			copy(unsafe.Slice((*T)(out), width), unsafe.Slice((*T)(in), width))
		}
	}
}

// The register tile of the Generic level is as wide as a few cache lines.
const (
	genericRows  = 8
	genericLanes = 32
)

func genericTiles[T Float]() *tileSet[T] {
	return &tileSet[T]{
		lanes: genericLanes, rows: genericRows,
		tiles: []tile[T]{
			{vectors: 2, rows: genericRows, partial: true, run: tileGeneric[T]},
			{vectors: 1, rows: genericRows, partial: true, run: tileGeneric[T]},
		},
		few: fewGeneric[T], fewVectors: []int{1, 1, 1, 1}, fewRows: 4, fewClash: true,
		transpose: transposeRowsGeneric[T], group: 1,
		packing:  packingTileGeneric[T],
		packRows: packRowsGeneric[T],
		peak:     peakGeneric[T], peakLanes: 1,
	}
}

// peakGeneric runs iterations times 12 independent multiply-adds.
func peakGeneric[T Float](iterations int) {
	var s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11 T
	x, y := T(0.5), T(0.25)
	for range iterations {
		s0 += T(x * s0)
		s1 += T(y * s1)
		s2 += T(x * s2)
		s3 += T(y * s3)
		s4 += T(x * s4)
		s5 += T(y * s5)
		s6 += T(x * s6)
		s7 += T(y * s7)
		s8 += T(x * s8)
		s9 += T(y * s9)
		s10 += T(x * s10)
		s11 += T(y * s11)
	}
	runtime.KeepAlive(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11) // so that the loop is compiled
}
