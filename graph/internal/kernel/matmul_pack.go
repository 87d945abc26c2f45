package kernel

import "unsafe"

// pack lays the panel out in the order in which tiles read it: strips of stripCols columns, each
// with its rows one after the other. A partial last strip of a b that is not transposed is left
// out, as tiles can read it where it is.
func (g *panel[T]) pack() {
	depth := g.p1 - g.p0
	for j := g.j0; j < g.j1; j += g.stripCols {
		strip := g.w.panel[(j-g.j0)*depth:][:depth*g.stripCols]
		width := min(g.stripCols, g.j1-j)
		switch {
		case g.transB:
			g.packTransposed(strip, j, width)
		case width == g.stripCols:
			g.tiles.copy(&strip[0], &g.b[g.p0*g.n+j], g.n*int(unsafe.Sizeof(strip[0])), depth)
		}
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

// rows returns rows i to end of op(a) at columns p0 to p1, packed where that pays, with the
// elements between rows and between columns.
func (g *panel[T]) rows(i, end int) (a *T, aRow, aStep int) {
	depth := g.p1 - g.p0
	switch {
	case !g.packA && !g.transA:
		return &g.a[i*g.k+g.p0], g.k, 1
	case !g.packA:
		return &g.a[g.p0*g.m+i], 1, g.m
	case g.transA:
		return g.packRowsTransposed(i, end), 1, end - i
	}
	// The odd number of cache lines keeps the rows out of each other's way.
	step := roundUp(depth, 32) + 16
	g.w.rows = grow(g.w.rows, (end-i)*step)
	for r := range end - i {
		copy(g.w.rows[r*step:], g.a[(i+r)*g.k+g.p0:][:depth])
	}
	return &g.w.rows[0], step, 1
}

// packRowsTransposed copies columns i to end of a, rows p0 to p1.
func (g *panel[T]) packRowsTransposed(i, end int) *T {
	depth, n := g.p1-g.p0, end-i
	g.w.rows = grow(g.w.rows, depth*n)
	dst, src := g.w.rows, g.a[g.p0*g.m+i:]
	if n == 12 {
		for q := range depth {
			*(*[12]T)(dst[q*12:]) = *(*[12]T)(src[q*g.m:])
		}
		return &dst[0]
	}
	for q := range depth {
		copy(dst[q*n:][:n], src[q*g.m:])
	}
	return &dst[0]
}
