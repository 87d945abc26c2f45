package kernel

import (
	"runtime"
	"unsafe"
)

// A product is one call of BatchedMatMul. c is cut into blocks of rows by columns, which are
// independent jobs.
type product[T Float] struct {
	state *matMulState[T]
	tiles *tileSet[T]
	run   func(job int) // block, bound once

	a, b, c                    []T
	strideA, strideB           int // elements between matrices, 0 if shared
	m, n, k                    int
	transA, transB, accumulate bool
	epilogue                   Epilogue[T]

	blockRows, blockCols int // of a job, at most
	rowBlocks, colBlocks int // of a matrix
	tileRows             int // of a register tile, at most
	panelCols            int // columns of b that are packed at a time
	panelDepth           int // rows of b that are packed at a time
	stripCols            int // columns of a tile, and of a strip of a packed panel
	packA                bool
	by                   method
}

const (
	tileDepth    = 4096      // most bytes of a row of a that a tile reads: the more, the fewer times c is read and written
	panelBytes   = 768 << 10 // of a packed panel: it stays in the second-level cache
	maxPanelCols = 512       // of a packed panel: 128 to 512 are as quick, measured
	maxBlockRows = 2048      // for which a panel of b is packed once; packed themselves, they stay in the third-level cache
	minBlockCols = 64
	minBlockRows = 96
	minJob       = 1 << 20 // flops that are worth a job
	fewJobs      = 8       // enough to balance a few threads
)

// plan cuts the product into jobs and chooses block sizes.
func (p *product[T]) plan(count int) {
	p.cut(count)
	if p.by != packed {
		return
	}
	size := int(unsafe.Sizeof(p.a[:1][0]))
	tiles := ceilDiv(p.blockRows, p.tiles.rows)
	p.tileRows = ceilDiv(p.blockRows, tiles)
	p.stripCols = 2 * p.tiles.lanes
	p.panelDepth = evenDepth(p.k, tileDepth/size)
	most := min(maxPanelCols, panelBytes/size/max(p.panelDepth, 1)/32*32)
	p.panelCols = roundUp(ceilDiv(p.blockCols, ceilDiv(p.blockCols, most)), 32)
	p.packA = tiles > 1 && p.packsRows()
}

// cut chooses the blocks of c: one for a single thread, up to maxBlockRows, and for several cut where
// they are longer until there are enough jobs. No bit of c depends on it.
func (p *product[T]) cut(count int) {
	p.colBlocks = 1
	p.rowBlocks = ceilDiv(p.m, maxBlockRows)
	want := 1
	if runtime.GOMAXPROCS(0) > 1 {
		want = min(2*p.m*p.n*p.k/minJob, fewJobs)
	}
	for {
		p.blockCols = roundUp(ceilDiv(p.n, p.colBlocks), 32)
		p.blockRows = ceilDiv(p.m, p.rowBlocks)
		p.colBlocks = ceilDiv(p.n, p.blockCols)
		p.rowBlocks = ceilDiv(p.m, p.blockRows)
		cols, rows := p.blockCols >= 2*minBlockCols, p.blockRows >= 2*minBlockRows
		switch {
		case count*p.colBlocks*p.rowBlocks >= want:
			return
		case cols && (p.blockCols >= p.blockRows || !rows):
			p.colBlocks *= 2
		case rows:
			p.rowBlocks *= 2
		default:
			return
		}
	}
}

func ceilDiv(x, y int) int { return (x + y - 1) / y }

func roundUp(x, to int) int { return ceilDiv(x, to) * to }

// evenDepth divides k into equal parts of at most most rows, rounded up to 16.
func evenDepth(k, most int) int {
	if k == 0 {
		return 0
	}
	return min(k, roundUp(ceilDiv(k, ceilDiv(k, most)), 16))
}

// block computes one block of c: for each panel of b, all rows of a.
func (p *product[T]) block(job int) {
	colBlock := job % p.colBlocks
	rowBlock := job / p.colBlocks % p.rowBlocks
	matrix := job / (p.colBlocks * p.rowBlocks)
	w := p.state.workspace()
	g := panel[T]{
		product: p, w: w,
		a: p.a[matrix*p.strideA:], b: p.b[matrix*p.strideB:], c: p.c[matrix*p.m*p.n:],
		row0: matrix * p.m,
		i0:   rowBlock * p.blockRows, i1: min((rowBlock+1)*p.blockRows, p.m),
	}
	start, end := colBlock*p.blockCols, min((colBlock+1)*p.blockCols, p.n)
	switch {
	case p.by != packed:
		g.j0, g.j1 = start, end
		g.multiplySmall()
		g.finish(g.i0, g.i1)
	case p.packA:
		g.multiplyPacked(start, end)
	default:
		for g.j0 = start; g.j0 < end; g.j0 = g.j1 {
			g.j1 = min(g.j0+p.panelCols, end)
			if p.k == 0 {
				g.empty()
			} else {
				g.multiplyAll()
			}
		}
	}
	p.state.workspaces.Put(w)
}

// A panel is the rows p0 to p1 and columns j0 to j1 of b, to be multiplied by the rows i0 to i1
// of a.
type panel[T Float] struct {
	*product[T]
	w              *workspace[T]
	a, b, c        []T // of one matrix of the batch
	row0           int // number of the matrix's first row in the batch
	i0, i1, j0, j1 int
	p0, p1         int
}

// empty is multiply for k = 0.
func (g *panel[T]) empty() {
	for i := g.i0; i < g.i1 && !g.accumulate; i++ {
		clear(g.c[i*g.n+g.j0 : i*g.n+g.j1])
	}
	g.finish(g.i0, g.i1)
}

// finish hands rows i to end to the epilogue.
func (g *panel[T]) finish(i, end int) {
	if g.epilogue == nil {
		return
	}
	for ; i < end; i++ {
		g.epilogue(g.row0+i, g.j0, g.c[i*g.n+g.j0:i*g.n+g.j1:i*g.n+g.j1])
	}
}

// multiplySmall multiplies its rows and columns without packing.
func (g *panel[T]) multiplySmall() {
	size := int(unsafe.Sizeof(g.a[0]))
	x := operands[T]{
		c: &g.c[g.i0*g.n+g.j0], a: &g.a[0], b: &g.b[0], rows: g.i1 - g.i0, columns: g.j1 - g.j0, k: g.k,
		cRow: g.n * size, aRow: g.k * size, aStep: size, bRow: g.n * size, add: g.accumulate,
	}
	if g.transA {
		x.aRow, x.aStep = size, g.m*size
	}
	x.a = behind(x.a, g.i0*x.aRow)
	if g.transB {
		x.b = behind(x.b, g.j0*g.k*size)
	} else {
		x.b = behind(x.b, g.j0*size)
	}
	g.tiles.small(g.by, &x)
}

// multiplyAll goes through all panels of its columns.
func (g *panel[T]) multiplyAll() {
	for g.p0 = 0; g.p0 < g.k; g.p0 = g.p1 {
		g.p1 = min(g.p0+g.panelDepth, g.k)
		g.multiply()
	}
}

// multiplyPacked goes through all panels of columns start to end, with the rows of a packed once for
// those that need the same.
func (g *panel[T]) multiplyPacked(start, end int) {
	for g.p0 = 0; g.p0 < g.k; g.p0 = g.p1 {
		g.p1 = min(g.p0+g.panelDepth, g.k)
		g.packRows()
		for g.j0 = start; g.j0 < end; g.j0 = g.j1 {
			g.j1 = min(g.j0+g.panelCols, end)
			g.multiply()
		}
	}
}

// multiply goes through the rows of a, a tile at a time.
func (g *panel[T]) multiply() {
	g.w.panel = grow(g.w.panel, (g.p1-g.p0)*roundUp(g.j1-g.j0, g.stripCols)+shortSlack)
	if g.transB {
		g.packColumns()
	}
	for t := range g.rowTiles() {
		g.sweep(t)
	}
}

// sweep multiplies the rows of tile t by the strips of the panel. If b is not transposed, the first tile
// packs them on the way. In between it asks for the packed rows that come next.
func (g *panel[T]) sweep(t int) {
	i, end := g.tile(t)
	a, aRow, aStep := g.rows(t)
	size := int(unsafe.Sizeof(*a))
	aRow, aStep = aRow*size, aStep*size
	depth := g.p1 - g.p0
	add := g.accumulate || g.p0 > 0
	next, at := a, (t+1)*g.rowStrip()
	for j := g.j0; j < g.j1; j += g.stripCols {
		width := min(g.stripCols, g.j1-j)
		strip, c := &g.w.panel[(j-g.j0)*depth], &g.c[i*g.n+j]
		if g.packA && end < g.i1 {
			next = &g.w.rows[min(at, len(g.w.rows)-1)]
			at += depth / askEvery * (64 / size)
		}
		switch {
		case g.transB || t > 0 && width == g.stripCols:
			g.tiles.row(end-i, depth, a, aRow, aStep, strip, g.stripCols*size, c, g.n*size, width, add, next)
		case width == g.stripCols:
			g.tiles.packing(end-i, depth, a, aRow, aStep, &g.b[g.p0*g.n+j], g.n*size, c, g.n*size, add, strip)
		default: // a partial strip, which is not packed
			g.tiles.row(end-i, depth, a, aRow, aStep, &g.b[g.p0*g.n+j], g.n*size, c, g.n*size, width, add, next)
		}
	}
	if g.p1 == g.k {
		g.finish(i, end)
	}
}
