package kernel

import "unsafe"

// multiplyDots multiplies by dot products of rows of a and of a transposed b.
func (s *tileSet[T]) multiplyDots(x *operands[T]) {
	size := int(unsafe.Sizeof(*x.a))
	switch {
	case x.rows == 1 && !x.add && s.takesShortDot(x.columns, x.k):
		s.multiplyShortDots(x)
		return
	case x.rows <= s.smalls.dotRows && x.columns%dotColumns == 0 && x.columns*x.aRow <= cachedBytes:
		s.smalls.dot(x.rows, x.columns, x.k, x.a, x.aRow, x.b, x.aRow, x.c, x.cRow, x.add, false)
		return
	}
	// Rows of a that lie near b's are moved apart.
	if x.rows <= mostApartRows && x.columns >= minApartColumns && wholePages[T](x.k) && near(x.a, x.b) {
		state := matMulStateOf[T]()
		w := state.workspace()
		part := *x
		other := w.apart(x.rows*x.k, x.b)
		copy(other, unsafe.Slice(x.a, x.rows*x.k))
		part.a = &other[0]
		s.multiplyDots(&part)
		state.workspaces.Put(w)
		return
	}
	ask := intel && x.aRow%lineBytes != 0 && x.columns*x.aRow > cachedBytes
	passes := ceilDiv(x.rows, s.smalls.dotRows)
	if x.rows <= s.smalls.longDotRows && x.k >= longDots*s.lanes {
		passes = 1
	}
	width := x.columns
	if passes > 1 {
		width = max(8, dotBytes/x.aRow/8*8)
	}
	for j := 0; j < x.columns; j += width {
		w := min(width, x.columns-j)
		for pass := range passes {
			i, end := pass*x.rows/passes, (pass+1)*x.rows/passes
			a, c := behind(x.a, i*x.aRow), behind(x.c, i*x.cRow)
			if whole := w / dotColumns * dotColumns; whole > 0 {
				s.smalls.dot(end-i, whole, x.k, a, x.aRow, behind(x.b, j*x.aRow), x.aRow, behind(c, j*size), x.cRow, x.add, ask)
			}
			switch odd := w % dotColumns; {
			case odd == 0:
			case w > dotColumns && !x.add: // one is computed twice
				j := j + w - dotColumns
				s.smalls.dot(end-i, dotColumns, x.k, a, x.aRow, behind(x.b, j*x.aRow), x.aRow, behind(c, j*size), x.cRow, false, ask)
			default:
				s.dotColumn(x, i, end, j+w-1)
			}
		}
	}
}

// takesShortDot tells whether shortDot takes so many columns and terms.
func (s *tileSet[T]) takesShortDot(columns, k int) bool {
	return s.smalls.shortDot != nil && 1 < k && 2*k <= s.lanes && columns >= s.lanes
}

// multiplyShortDots computes columns of a row of c by shortDot.
func (s *tileSet[T]) multiplyShortDots(x *operands[T]) {
	s.smalls.shortDot(x.columns/s.lanes, x.k, x.a, x.b, x.c)
	if x.columns%s.lanes > 0 { // some are computed twice
		last := x.columns - s.lanes
		s.smalls.shortDot(1, x.k, x.a, behind(x.b, last*x.aRow), behind(x.c, last*int(unsafe.Sizeof(*x.c))))
	}
}

// dotColumn computes rows i to end of column j, as two equal columns.
func (s *tileSet[T]) dotColumn(x *operands[T], i, end, j int) {
	size := int(unsafe.Sizeof(*x.a))
	state := matMulStateOf[T]()
	w := state.workspace()
	w.rows = grow(w.rows, (end-i)*dotColumns)
	sums := w.rows[:(end-i)*dotColumns]
	s.smalls.dot(end-i, dotColumns, x.k, behind(x.a, i*x.aRow), x.aRow, behind(x.b, j*x.aRow), 0, &sums[0], dotColumns*size, false, false)
	for r := i; r < end; r++ {
		sum, c := sums[(r-i)*dotColumns], behind(x.c, r*x.cRow+j*size)
		if x.add {
			sum += *c
		}
		*c = sum
	}
	state.workspaces.Put(w)
}
