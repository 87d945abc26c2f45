package kernel

import "unsafe"

const (
	longSweep  = 256 // columns of a block beside which preparing rows of a costs little
	shortPiece = 6   // rows of a tile
	packedRows = 72  // of op(a) that are packed together: some lines of memory in a row, few pages in turn
	packSlack  = 16  // elements that packRows may write after a strip
)

// An ahead is a part of a that tiles will read soon: left rows of memory, step elements apart,
// from at on. While the tiles before compute, it is packed or asked for a few rows at a time, so
// that nobody waits for memory.
type ahead struct {
	at, step, left int
	each           int // rows to do before each tile
	lines          int // of each row to ask for, if it is not packed

	// If strips > 0 the rows are cut into strips of width columns, which begin stride elements
	// apart, the first at dst in the workspace.
	strips, width, dst, stride int
}

// packsRows tells whether the panel's rows of a are packed. A tile would find its rows of a
// transposed a in short pieces in different lines, and often in different pages, that are too
// many for the caches to keep from one strip of b to the next. Measured, that costs more than
// packing where the pieces lie whole pages apart, and else if they are as short as AVX2's.
func (g *panel[T]) packsRows() bool {
	if !g.transA || !g.packB || g.i1-g.i0 <= g.tileRows {
		return false
	}
	if wholePages[T](g.m) {
		return g.blockCols >= longSweep/2
	}
	return g.tiles.rows <= shortPiece && g.blockCols >= longSweep && g.k >= longSweep
}

// multiplyPacked is multiply with rows of a packed in groups of a few tiles.
func (g *panel[T]) multiplyPacked() {
	depth := g.p1 - g.p0
	stride := depth*g.tileRows + packSlack
	half := packedRows / g.tileRows * stride
	g.w.rows = grow(g.w.rows, 2*half)
	buffer := 0
	g.packLater(g.i0, buffer)
	g.prepare(depth)
	for i := g.i0; i < g.i1; {
		strips, rows, from := g.next.strips, g.next.width, buffer
		if next := i + strips*rows; next < g.i1 {
			buffer = half - buffer
			g.packLater(next, buffer)
			g.next.each = ceilDiv(depth, strips*ceilDiv(g.j1-g.j0, g.stripCols))
		}
		for s := range strips {
			g.sweep(i, i+rows, &g.w.rows[from+s*stride], 1, rows)
			i += rows
		}
		g.prepare(g.next.left)
	}
}

// packLater plans to pack rows i and following of op(a) at dst.
func (g *panel[T]) packLater(i, dst int) {
	depth := g.p1 - g.p0
	g.next = ahead{
		at: g.p0*g.m + i, step: g.m, left: depth,
		strips: min((g.i1-i)/g.tileRows, packedRows/g.tileRows), width: g.tileRows,
		dst: dst, stride: depth*g.tileRows + packSlack,
	}
	if g.next.strips == 0 {
		g.next.strips, g.next.width = 1, g.i1-i
	}
}

// askFor plans to ask for rows i and following of an a that is not transposed.
func (g *panel[T]) askFor(i int) {
	if g.transA || !g.packB || i == g.i1 || g.tiles.prefetch == nil || g.blockCols < longSweep {
		g.next.left = 0
		return
	}
	rows := min(g.tileRows, g.i1-i)
	size := int(unsafe.Sizeof(g.a[0]))
	g.next = ahead{
		at: i*g.k + g.p0, step: g.k, left: rows,
		each:  ceilDiv(rows, ceilDiv(g.j1-g.j0, g.stripCols)),
		lines: ceilDiv((g.p1-g.p0)*size, 64),
	}
}

// prepare packs or asks for up to n of the next rows.
func (g *panel[T]) prepare(n int) {
	x := &g.next
	n = min(n, x.left)
	if n == 0 {
		return
	}
	size := int(unsafe.Sizeof(g.a[0]))
	if x.strips > 0 {
		g.tiles.packRows(&g.w.rows[x.dst], x.stride*size, &g.a[x.at], x.step*size, x.strips, n, x.width)
	} else {
		g.tiles.prefetch((*byte)(unsafe.Pointer(&g.a[x.at])), x.step*size, n, x.lines)
	}
	x.left -= n
	x.at += n * x.step
	x.dst += n * x.width
}
