package kernel

import "unsafe"

// multiplyDots is small by dots.
func (s *tileSet[T]) multiplyDots(c, a, b []T, n, k, i0, i1, j0, j1 int, add bool) {
	size := int(unsafe.Sizeof(a[0]))
	rows, width := i1-i0, j1-j0
	if rows == 1 && !add && s.takesShortDot(width, k) {
		s.multiplyShortDots(c[i0*n+j0:], a[i0*k:], b[j0*k:], width, k)
		return
	}
	// Rows of a that lie near b's are moved apart.
	if rows <= mostApartRows && width >= minApartColumns && wholePages[T](k) && near(&a[i0*k], &b[j0*k]) {
		state := matMulStateOf[T]()
		w := state.workspace()
		other := w.apart(rows*k, &b[j0*k])
		copy(other, a[i0*k:])
		s.multiplyDots(c[i0*n:], other, b, n, k, 0, rows, j0, j1, add)
		state.workspaces.Put(w)
		return
	}
	ask := intel && k*size%lineBytes != 0 && width*k*size > cachedBytes
	passes := ceilDiv(rows, s.smalls.dotRows)
	if rows <= s.smalls.longDotRows && k >= longDots*s.lanes {
		passes = 1
	}
	if passes > 1 {
		width = max(8, dotBytes/(k*size)/8*8)
	}
	for ; j0 < j1; j0 += width {
		w := min(width, j1-j0)
		for pass := range passes {
			i, end := i0+pass*rows/passes, i0+(pass+1)*rows/passes
			if whole := w / dotColumns * dotColumns; whole > 0 {
				s.smalls.dot(end-i, whole, k, &a[i*k], k*size, &b[j0*k], k*size, &c[i*n+j0], n*size, add, ask)
			}
			switch odd := w % dotColumns; {
			case odd == 0:
			case w > dotColumns && !add: // one is computed twice
				j := j0 + w - dotColumns
				s.smalls.dot(end-i, dotColumns, k, &a[i*k], k*size, &b[j*k], k*size, &c[i*n+j], n*size, false, ask)
			default:
				s.dotColumn(c, a, b, n, k, i, end, j0+w-1, add)
			}
		}
	}
}

// takesShortDot tells whether shortDot takes so many columns and terms.
func (s *tileSet[T]) takesShortDot(columns, k int) bool {
	return s.smalls.shortDot != nil && 1 < k && 2*k <= s.lanes && columns >= s.lanes
}

// multiplyShortDots computes columns of a row of c by shortDot.
func (s *tileSet[T]) multiplyShortDots(c, a, b []T, columns, k int) {
	s.smalls.shortDot(columns/s.lanes, k, &a[0], &b[0], &c[0])
	if columns%s.lanes > 0 { // some are computed twice
		last := columns - s.lanes
		s.smalls.shortDot(1, k, &a[0], &b[last*k], &c[last])
	}
}

// dotColumn computes rows i to end of column j, as two equal columns.
func (s *tileSet[T]) dotColumn(c, a, b []T, n, k, i, end, j int, add bool) {
	size := int(unsafe.Sizeof(a[0]))
	state := matMulStateOf[T]()
	w := state.workspace()
	w.rows = grow(w.rows, (end-i)*dotColumns)
	sums := w.rows[:(end-i)*dotColumns]
	s.smalls.dot(end-i, dotColumns, k, &a[i*k], k*size, &b[j*k], 0, &sums[0], dotColumns*size, false, false)
	for r := i; r < end; r++ {
		sum := sums[(r-i)*dotColumns]
		if add {
			sum += c[r*n+j]
		}
		c[r*n+j] = sum
	}
	state.workspaces.Put(w)
}
