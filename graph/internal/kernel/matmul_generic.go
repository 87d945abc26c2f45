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

// directGeneric is tileGeneric for groups of rows one below the other, of n columns. What lies next
// bytes after a row of b is asked for, unless next is 0, and c before it is written if fetch.
func directGeneric[T Float](rows, groups, n, k int, a *T, aRow, aStep int, b *T, bStep int, c *T, cStep int, add bool, next int, fetch bool) {
	tileGeneric(rows*groups, k, a, aRow, aStep, b, bStep, c, cStep, n, add, nil)
}

// dotsGeneric multiplies rows of a by n columns of a transposed b, which are rows of memory, n a
// multiple of dotColumns:
//
//	c[i,j] = (c[i,j] if add, else 0) + (a[i,0] b[j,0] + ... + a[i,k-1] b[j,k-1]),
//
// where rows begin aRow, bRow and cStep bytes apart. Other levels add the terms in an order of their
// own, one for each k, and the last argument, ask, has them ask for rows of b before they read them.
func dotsGeneric[T Float](rows, n, k int, a *T, aRow int, b *T, bRow int, c *T, cStep int, add, _ bool) {
	for i := range rows {
		ai := unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(a), i*aRow)), k)
		ci := unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(c), i*cStep)), n)
		for j := range ci {
			var sum T
			for p, y := range unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(b), j*bRow)), k) {
				sum += T(ai[p] * y)
			}
			if add {
				sum += ci[j]
			}
			ci[j] = sum
		}
	}
}

// addTo1Generic adds to n columns of a row of c k rows of b, each times an element of a. Steps are in
// bytes, aStep that between the elements of a. Other levels take most rows of b, at most 8, at once.
func addTo1Generic[T Float](_, n, k int, a *T, aRow, aStep int, b *T, bStep int, c *T, cStep int) {
	tileGeneric(1, k, a, aRow, aStep, b, bStep, c, cStep, n, true, nil)
}

// addTo2Generic is addTo1Generic for two rows of a and c, and at most 4 rows of b at once.
func addTo2Generic[T Float](_, n, k int, a *T, aRow, aStep int, b *T, bStep int, c *T, cStep int) {
	tileGeneric(2, k, a, aRow, aStep, b, bStep, c, cStep, n, true, nil)
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
		smalls: smallSet[T]{
			direct: directGeneric[T], directRows: genericRows, fewRows: genericRows, wideRows: genericRows, directColumns: genericLanes, directDepth: 1024, mostPageRows: mostDirectRows,
			dot: dotsGeneric[T], dotRows: 4, longDotRows: 4, mostDotRows: 4, narrowColumns: 16,
			addTo: [2]addTo[T]{addTo1Generic[T], addTo2Generic[T]}, halfAddTo: addTo1Generic[T], halfRows: 4,
		},
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
