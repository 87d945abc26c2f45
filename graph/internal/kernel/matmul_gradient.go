package kernel

import "unsafe"

// Small products with a transposed a, as gradients of weights are: tall and edge take few columns, outer few terms.

// tallShift is the power of two of how many rows tall takes at a time: small products have no time to divide.
func (s *tileSet[T]) tallShift(n int) int {
	if 4*n > s.lanes {
		return 4
	}
	return 5
}

// takesTall tells whether tall takes so many rows and columns.
func (s *tileSet[T]) takesTall(rows, n int) bool {
	return s.smalls.tall != nil && n <= s.lanes && rows>>s.tallShift(n) > 0
}

// takesOuter tells whether outer takes so many rows, columns and terms. That pays where c stays in the first-level
// cache, or whole lines of it are written one after the other, and tall would not put several rows into a vector.
func (s *tileSet[T]) takesOuter(rows, n, k int) bool {
	near := rows*n*int(unsafe.Sizeof(*new(T))) <= fetchBytes
	switch {
	case s.smalls.outer == nil || rows < 4 || k > outerTerms || n <= s.lanes/2:
		return false
	case n <= s.lanes:
		return k <= outerTallTerms && (n < s.lanes || k > 2 || !near)
	}
	return near || n&(s.lanes-1) == 0 && n <= 4*s.lanes && n*k <= 24*s.lanes
}

// turnsTall tells whether multiplyTallTurned takes less time than tall, or than tiles of two vectors of which the
// second is hardly filled: the sooner, the fewer lanes these fill, and if c is turned by whole groups of columns.
func (s *tileSet[T]) turnsTall(rows, n, k int) bool {
	if k < 8+2*s.group || rows <= n || n == s.lanes || 4*n > 5*s.lanes || !s.takesTall(rows, min(n, s.lanes)) {
		return false
	}
	switch {
	case n <= s.lanes && n&(s.group-1) == 0 || 2*n < s.lanes:
		return k >= 8+2*s.group
	case n > s.lanes || 4*n <= 3*s.lanes:
		return k >= 32
	}
	return k >= 48
}

// multiplyTallTurned computes rows of c, of n columns, by way of the transposed c, whose rows fill vectors.
func (s *tileSet[T]) multiplyTallTurned(c, a []T, aStep int, b []T, rows, n, k int) {
	size := int(unsafe.Sizeof(a[0]))
	state := matMulStateOf[T]()
	w := state.workspace()
	w.rows = grow(w.rows, n*rows)
	s.multiplyDirect(w.rows, b, size, n*size, a, aStep/size, n, rows, rows, k, false)
	s.transposed(c, n, w.rows, rows, n, rows)
	state.workspaces.Put(w)
}

// multiplyTall computes rows of c, of n columns, by tall.
func (s *tileSet[T]) multiplyTall(c, a []T, aStep int, b []T, rows, n, k int, add bool) {
	shift := s.tallShift(n)
	groups := rows >> shift
	s.smalls.tall(groups, n, k, &a[0], aStep, &b[0], &c[0], add)
	switch done := groups << shift; {
	case done == rows:
	case add:
		size := int(unsafe.Sizeof(a[0]))
		s.multiplyDirect(c[done*n:], a[done:], size, aStep, b, n, rows-done, n, n, k, add)
	default: // some rows are computed twice
		first := rows - 1<<shift
		s.smalls.tall(1, n, k, &a[first], aStep, &b[0], &c[first*n], add)
	}
}

// edgeShift is the power of two of how many rows edge takes at a time.
func (s *tileSet[T]) edgeShift(n int) int {
	if n > s.lanes {
		return 4
	}
	return 5
}

// takesEdge tells whether edge takes so many rows, columns and terms. It reads all of b for each group of rows, and
// turns each group of c, for which there must be neither too many terms nor too few.
func (s *tileSet[T]) takesEdge(rows, n, k int) bool {
	beyond := n // a whole vector
	if n > s.lanes {
		beyond -= s.lanes
	}
	switch {
	case s.smalls.edge == nil || k < minEdgeTerms || k > mostEdgeTerms || beyond > 2*s.group || rows>>s.edgeShift(n) == 0:
		return false
	case beyond == n:
		return n*k*int(unsafe.Sizeof(*new(T))) >= minEdgeBytes
	case beyond <= s.group:
		return k > minEdgeTerms
	}
	return k >= 3*minEdgeTerms/2
}

// multiplyEdge computes rows of c, of n columns, by edge. Some may be computed twice.
func (s *tileSet[T]) multiplyEdge(c, a []T, aStep int, b []T, rows, n, k int) {
	shift := s.edgeShift(n)
	groups := rows >> shift
	s.smalls.edge(groups, n, k, &a[0], aStep, &b[0], &c[0])
	if done := groups << shift; done < rows {
		first := rows - 1<<shift
		s.smalls.edge(1, n, k, &a[first], aStep, &b[0], &c[first*n])
	}
}
