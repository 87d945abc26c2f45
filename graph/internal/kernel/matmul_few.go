package kernel

import "unsafe"

// fewAlign is what the columns of multiplyFew are a multiple of, so that the segments which the
// epilogue sees are too.
const fewAlign = 32

// hasFewRows tells whether the product has so few rows that packing a transposed b costs more than
// it saves, as each element of a panel would be used only once or twice. Rows of b that are half a
// page apart, or a multiple of that, fight for the same lines of the first-level cache; then packing
// is better again, unless whole lines are used at once.
func (p *product[T]) hasFewRows() bool {
	size := int(unsafe.Sizeof(p.b[:1][0]))
	return p.transB && p.m <= p.tiles.fewRows && p.n >= fewAlign && p.k >= p.tiles.group && (p.tiles.fewClash || p.k*size%2048 != 0)
}

// multiplyFew computes columns j0 to j1 of all rows: what is whole groups of k and of columns
// straight from b, the rest through packed panels.
func (g *panel[T]) multiplyFew() {
	groups := g.k / g.tiles.group
	end, whole := g.j1, g.j0+(g.j1-g.j0)/fewAlign*fewAlign
	if whole > g.j0 {
		a := g.columnsOfRows()
		size := int(unsafe.Sizeof(*a))
		for j := g.j0; j < whole; j += g.tiles.fewCols {
			g.tiles.few(g.m, groups, a, &g.b[j*g.k], g.k*size, &g.c[j], g.n*size, g.accumulate)
		}
		g.j1 = whole
		if g.p0 = groups * g.tiles.group; g.p0 < g.k {
			g.p1 = g.k
			g.multiply()
		} else {
			for i := range g.m {
				g.finish(i)
			}
		}
	}
	if whole < end {
		g.j0, g.j1 = whole, end
		g.multiplyAll()
	}
}

// columnsOfRows returns op(a) column by column.
func (g *panel[T]) columnsOfRows() *T {
	if g.transA || g.m == 1 {
		return &g.a[0]
	}
	g.w.rows = grow(g.w.rows, g.m*g.k)
	for i := range g.m {
		for p, x := range g.a[i*g.k : (i+1)*g.k] {
			g.w.rows[p*g.m+i] = x
		}
	}
	return &g.w.rows[0]
}
