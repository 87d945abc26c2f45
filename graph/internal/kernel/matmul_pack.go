package kernel

import "unsafe"

// pack lays the panel out in the order in which tiles read it: strips of stripCols columns, each
// with its rows one after the other. A partial last strip of a b that is not transposed is left
// out, as tiles can read it where it is.
func (g *panel[T]) pack() {
	depth := g.p1 - g.p0
	if !g.transB {
		if strips := (g.j1 - g.j0) / g.stripCols; strips > 0 {
			size := int(unsafe.Sizeof(g.b[0]))
			g.tiles.copyCols(&g.w.panel[0], depth*g.stripCols*size, &g.b[g.p0*g.n+g.j0], g.n*size, strips, depth)
		}
		return
	}
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

// rows returns rows i to end of op(a) at columns p0 to p1, with the elements between rows and
// between columns.
func (g *panel[T]) rows(i, end int) (a *T, aRow, aStep int) {
	depth := g.p1 - g.p0
	switch {
	case g.packA && g.transA:
		return &g.w.rows[(i-g.packed)*depth], 1, g.tiles.rows
	case g.packA:
		step := packedStep(depth)
		return &g.w.rows[(i-g.packed)*step], step, 1
	case g.transA:
		return &g.a[g.p0*g.m+i], 1, g.m
	}
	return &g.a[i*g.k+g.p0], g.k, 1
}

// packedStep is the elements from one packed row to the next: an odd number of cache lines keeps
// rows out of each other's way.
func packedStep(depth int) int { return roundUp(depth, 32) + 16 }

// packRows packs rows i to end of op(a) at columns p0 to p1: if a is transposed, in strips of
// tiles.rows with their columns one after the other.
func (g *panel[T]) packRows(i, end int) {
	g.packed = i
	depth := g.p1 - g.p0
	if !g.transA {
		step := packedStep(depth)
		g.w.rows = grow(g.w.rows, (end-i)*step)
		for r := range end - i {
			copy(g.w.rows[r*step:], g.a[(i+r)*g.k+g.p0:][:depth])
		}
		return
	}
	width := g.tiles.rows
	g.w.rows = grow(g.w.rows, roundUp(end-i, width)*depth)
	strips := (end - i) / width
	if strips > 0 {
		size := int(unsafe.Sizeof(g.a[0]))
		g.tiles.copyRows(&g.w.rows[0], depth*width*size, &g.a[g.p0*g.m+i], g.m*size, strips, depth)
	}
	if i += strips * width; i < end {
		last := g.w.rows[strips*width*depth:]
		for q := range depth {
			copy(last[q*width:], g.a[(g.p0+q)*g.m+i:][:end-i])
		}
	}
}
