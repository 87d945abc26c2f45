package kernel

import "unsafe"

// hasFewRows tells whether the product has so few rows that packing a transposed b costs more than
// it saves, as each element of a panel would be used only a few times. If columns clash in the cache,
// few must cope with that, or packing is better again.
func (p *product[T]) hasFewRows() bool {
	return p.transB && p.m <= p.tiles.fewRows && p.n >= p.tiles.lanes && p.k >= p.tiles.group && (p.tiles.fewClash || !p.clash())
}

// clash tells whether rows of b in memory are half a page apart, or a multiple of that: then they
// fight for the same lines of the first-level cache.
func (p *product[T]) clash() bool {
	var zero T
	return p.k*int(unsafe.Sizeof(zero))%2048 == 0
}

// A fewRows is the rows of op(a) for few, with the elements between rows and between columns.
type fewRows[T Float] struct {
	a         []T
	row, step int
}

// fewRows returns the rows of op(a). If they clash, they are copied apart.
func (g *panel[T]) fewRows() fewRows[T] {
	if g.transA {
		return fewRows[T]{g.a, 1, g.m}
	}
	if g.m == 1 || !g.clash() {
		return fewRows[T]{g.a, g.k, 1}
	}
	stride := g.k + 16
	g.w.rows = grow(g.w.rows, g.m*stride)
	for i := range g.m {
		copy(g.w.rows[i*stride:], g.a[i*g.k:][:g.k])
	}
	return fewRows[T]{g.w.rows, stride, 1}
}

// multiplyFew computes columns j0 to j1 of all rows straight from b.
func (g *panel[T]) multiplyFew() {
	lanes := g.tiles.lanes
	passes := ceilDiv(g.m, len(g.tiles.fewVectors))
	vectors := g.tiles.fewVectors[ceilDiv(g.m, passes)-1]
	a := g.fewRows()
	if g.clash() {
		vectors = 1
	}
	j := g.j0
	for ; j < g.j1; j += vectors * lanes {
		if g.j1-j < vectors*lanes {
			vectors = 1
		}
		if g.j1-j < lanes {
			break
		}
		g.fewColumns(a, j, vectors, passes, &g.c[j], g.n, g.accumulate)
	}
	if j < g.j1 {
		g.lastFew(a, j, passes)
	}
	for i := range g.m {
		g.finish(i)
	}
}

// lastFew computes columns j to j1, less than a vector: it is filled up with columns before them,
// which are thrown away.
func (g *panel[T]) lastFew(a fewRows[T], j, passes int) {
	lanes, width := g.tiles.lanes, g.j1-j
	g.w.turned = grow(g.w.turned, g.m*lanes)
	last := g.w.turned[:g.m*lanes]
	if g.accumulate {
		for i := range g.m {
			copy(last[(i+1)*lanes-width:][:width], g.c[i*g.n+j:])
		}
	}
	g.fewColumns(a, g.j1-lanes, 1, passes, &last[0], lanes, g.accumulate)
	for i := range g.m {
		copy(g.c[i*g.n+j:][:width], last[(i+1)*lanes-width:])
	}
}

// fewColumns multiplies all rows of a, divided evenly by passes, by some vectors of columns from j on
// into c, whose rows begin cRow elements apart.
func (g *panel[T]) fewColumns(a fewRows[T], j, vectors, passes int, c *T, cRow int, add bool) {
	size := int(unsafe.Sizeof(*c))
	for pass := range passes {
		i, end := pass*g.m/passes, (pass+1)*g.m/passes
		ci := (*T)(unsafe.Add(unsafe.Pointer(c), i*cRow*size))
		g.tiles.few(end-i, vectors, g.k, &a.a[i*a.row], a.row*size, a.step*size, &g.b[j*g.k], g.k*size, ci, cRow*size, add)
	}
}
