package kernel

import "unsafe"

const (
	shortPiece   = 6       // rows of a tile
	farBytes     = 2 << 20 // of an a that comes from beyond the second-level cache
	packedStrips = 6       // of a transposed a that are packed together: some lines of memory in a row
	packSlack    = 16      // elements that packRows may write after a strip
)

// packsRows tells whether the rows of a are packed. Tiles can read a where it is, which is quicker where
// its rows lie close together. But rows that lie whole pages apart fight for the same few lines of the
// first-level cache, with AVX2 half pages too, and of a transposed a a tile finds its rows in short pieces:
// measured, that costs more than packing if a comes from far away, the pieces are as short as AVX2's or the
// processor is Intel's.
func (p *product[T]) packsRows() bool {
	switch {
	case p.blockCols < 2*minBlockCols || p.k == 0:
		return false
	case p.transA:
		return intel || wholePages[T](p.m) || p.tiles.rows <= shortPiece || p.m*p.k*int(unsafe.Sizeof(p.a[0])) > farBytes
	default:
		return wholePages[T](p.k) || p.tiles.rows <= shortPiece && wholePages[T](2*p.k)
	}
}

// packRows lays the panel's rows of op(a) out in strips, one for each tile, in which columns lie one
// after the other.
func (g *panel[T]) packRows() {
	depth, tiles, stride := g.p1-g.p0, g.rowTiles(), g.rowStrip()
	g.w.rows = grow(g.w.rows, tiles*stride)
	size := int(unsafe.Sizeof(g.a[0]))
	for t := 0; t < tiles; {
		i, end := g.tile(t)
		strips := 1
		if g.transA {
			for strips < packedStrips && t+strips < tiles && g.tileHeight(t+strips) == end-i {
				strips++
			}
			g.tiles.packRows(&g.w.rows[t*stride], stride*size, &g.a[g.p0*g.m+i], g.m*size, strips, depth, end-i)
		} else {
			g.tiles.transposed(g.w.rows[t*stride:], end-i, g.a[i*g.k+g.p0:], g.k, end-i, depth)
		}
		t += strips
	}
}

// rowStrip is the elements between the strips of packed rows.
func (g *panel[T]) rowStrip() int { return (g.p1-g.p0)*g.tileRows + packSlack }

// rowTiles is the number of tiles, one below the other, that the panel's rows of op(a) are cut into.
func (g *panel[T]) rowTiles() int { return ceilDiv(g.i1-g.i0, g.tileRows) }

// tile returns the rows of tile t. They are as many as those of others, or one more for the first.
func (g *panel[T]) tile(t int) (i, end int) {
	rows, tiles := g.i1-g.i0, g.rowTiles()
	i = g.i0 + t*(rows/tiles) + min(t, rows%tiles)
	return i, i + g.tileHeight(t)
}

// tileHeight is the number of rows of tile t.
func (g *panel[T]) tileHeight(t int) int {
	rows, tiles := g.i1-g.i0, g.rowTiles()
	if t < rows%tiles {
		return rows/tiles + 1
	}
	return rows / tiles
}

// rows returns where the rows of tile t begin in op(a), at column p0, and the elements between rows and
// between columns.
func (g *panel[T]) rows(t int) (a *T, aRow, aStep int) {
	i, end := g.tile(t)
	switch {
	case g.packA:
		return &g.w.rows[t*g.rowStrip()], 1, end - i
	case g.transA:
		return &g.a[g.p0*g.m+i], 1, g.m
	default:
		return &g.a[i*g.k+g.p0], g.k, 1
	}
}

// wholePages tells whether n elements are a number of pages.
func wholePages[T Float](n int) bool {
	var zero T
	return n*int(unsafe.Sizeof(zero))%4096 == 0
}
