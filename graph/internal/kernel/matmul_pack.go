package kernel

import "unsafe"

// pack lays the panel of a transposed b out in the order in which tiles read it: strips of stripCols
// columns, each with its rows one after the other.
func (g *panel[T]) pack() {
	depth := g.p1 - g.p0
	for j := g.j0; j < g.j1; j += g.stripCols {
		g.packTransposed(g.w.panel[(j-g.j0)*depth:][:depth*g.stripCols], j, min(g.stripCols, g.j1-j))
	}
}

// packTransposed fills a strip with width columns from j on, which are rows of b.
func (g *panel[T]) packTransposed(strip []T, j, width int) {
	size := int(unsafe.Sizeof(strip[0]))
	depth := g.p1 - g.p0
	groups := depth / g.tiles.group
	done := 0
	for ; groups > 0 && done+g.tiles.lanes <= width; done += g.tiles.lanes {
		g.tiles.transpose(&strip[done], g.stripCols*size, &g.b[(j+done)*g.k+g.p0], g.k*size, groups)
	}
	for col := range width {
		from := groups * g.tiles.group
		if col >= done {
			from = 0
		}
		row := g.b[(j+col)*g.k+g.p0:][:depth]
		for q := from; q < depth; q++ {
			strip[q*g.stripCols+col] = row[q]
		}
	}
}

// rows returns where rows i to end of op(a) begin, at column p0, and the elements between rows and
// between columns, if they are not packed. Tiles then read a where it is: measured, copying costs
// more than it saves. The exception is a stride of whole pages, under which all rows of a tile fight
// for the same few lines of the first-level cache: they are copied apart.
func (g *panel[T]) rows(i, end int) (a *T, aRow, aStep int) {
	if g.transA {
		return &g.a[g.p0*g.m+i], 1, g.m
	}
	if !wholePages[T](g.k) || g.j1-g.j0 <= g.stripCols {
		return &g.a[i*g.k+g.p0], g.k, 1
	}
	depth := g.p1 - g.p0
	stride := depth + 16
	g.w.rows = grow(g.w.rows, (end-i)*stride)
	for r := range end - i {
		copy(g.w.rows[r*stride:][:depth], g.a[(i+r)*g.k+g.p0:])
	}
	return &g.w.rows[0], stride, 1
}

// wholePages tells whether n elements are a number of pages.
func wholePages[T Float](n int) bool {
	var zero T
	return n*int(unsafe.Sizeof(zero))%4096 == 0
}
