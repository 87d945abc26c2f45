package kernel

import (
	"sync"
	"unsafe"
)

// A tileFunc computes one register tile of a product: see tileGeneric, which they all work like. On the
// way it asks for a line of memory from next on every askEvery steps of k.
type tileFunc[T Float] func(rows, k int, a *T, aRow, aStep int, b *T, bStep int, c *T, cStep, width int, add bool, next *T)

const askEvery = 8

// A tile is a tileFunc with what it can take.
type tile[T Float] struct {
	vectors int  // columns, in vectors
	rows    int  // most rows
	partial bool // whether the last vector may be partial
	run     tileFunc[T]
}

// A tileSet is the machine-dependent part of the product for one element type and level.
type tileSet[T Float] struct {
	lanes int       // elements in a vector
	rows  int       // most rows of a tile
	tiles []tile[T] // widest first

	smalls smallSet[T]

	// transpose is as transposeRowsGeneric, for a multiple of group rows and whole lines of columns.
	transpose func(dst *T, dstStep int, src *T, srcStep, rows, k, ahead int)
	group     int // elements in 128 bits
	// packing is as packingTileGeneric, for strips of two vectors of columns.
	packing func(rows, k int, a *T, aRow, aStep int, b *T, bStep int, c *T, cStep int, add bool, packed *T)

	// packRows is as packRowsGeneric. It may write packSlack elements after each strip.
	packRows func(dst *T, dstStep int, src *T, srcStep, strips, k, width int)

	peak      func(iterations int)
	peakLanes int
}

// pick returns the widest tile that takes so many rows and at most width columns.
func (s *tileSet[T]) pick(rows, width int) *tile[T] {
	for i := range s.tiles {
		t := &s.tiles[i]
		if rows > t.rows {
			continue
		}
		if width >= t.vectors*s.lanes || t.partial && width > (t.vectors-1)*s.lanes {
			return t
		}
	}
	panic("kernel: no tile fits")
}

// row multiplies some rows of a by width columns of b, tile by tile. Steps are in bytes.
func (s *tileSet[T]) row(rows, k int, a *T, aRow, aStep int, b *T, bStep int, c *T, cStep, width int, add bool, next *T) {
	size := int(unsafe.Sizeof(*a))
	for {
		t := s.pick(rows, width)
		w := min(width, t.vectors*s.lanes)
		t.run(rows, k, a, aRow, aStep, b, bStep, c, cStep, w, add, next)
		width -= w
		if width == 0 {
			return
		}
		b = (*T)(unsafe.Add(unsafe.Pointer(b), w*size))
		c = (*T)(unsafe.Add(unsafe.Pointer(c), w*size))
	}
}

// A matMulState holds what products of one element type share.
type matMulState[T Float] struct {
	levels     [AVX512 + 1]*tileSet[T]
	products   sync.Pool // of *product[T]
	workspaces sync.Pool // of *workspace[T]
}

var (
	matMulState32 = matMulState[float32]{levels: tileSets32()}
	matMulState64 = matMulState[float64]{levels: tileSets64()}
)

func matMulStateOf[T Float]() *matMulState[T] {
	var zero T
	if _, ok := any(zero).(float32); ok {
		return any(&matMulState32).(*matMulState[T])
	}
	return any(&matMulState64).(*matMulState[T])
}

func (s *matMulState[T]) tiles() *tileSet[T] { return s.levels[level] }

// product returns a product that is used again after release, so that multiplying allocates
// nothing.
func (s *matMulState[T]) product() *product[T] {
	p, ok := s.products.Get().(*product[T])
	if !ok {
		p = &product[T]{state: s}
		p.run = p.block
	}
	p.tiles = s.tiles()
	return p
}

func (s *matMulState[T]) release(p *product[T]) {
	p.a, p.b, p.c, p.epilogue = nil, nil, nil, nil
	s.products.Put(p)
}

// A workspace is the buffers of one thread.
type workspace[T Float] struct {
	panel []T // packed part of b
	rows  []T // of a, packed, or rows that are kept apart from b's
}

func (s *matMulState[T]) workspace() *workspace[T] {
	w, ok := s.workspaces.Get().(*workspace[T])
	if !ok {
		w = new(workspace[T])
	}
	return w
}

// grow returns buf with at least n elements; their values are undefined.
func grow[T Float](buf []T, n int) []T {
	if len(buf) < n {
		return make([]T, n)
	}
	return buf
}
