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
		return k <= outerTallTerms && (n < s.lanes || k == 4 || !near)
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

// multiplyGradient multiplies by outer, edge or tall, if one of them pays: a is transposed, and rows of b and c follow
// each other.
func (s *tileSet[T]) multiplyGradient(x *operands[T]) bool {
	rows, n, k := x.rows, x.columns, x.k
	switch {
	case x.add && s.takesTall(rows, n):
		s.multiplyTall(x)
	case x.add:
		return false
	case s.takesEdge(rows, n, k):
		s.multiplyEdge(x)
	case s.takesOuter(rows, n, k):
		s.smalls.outer(rows, n, k, x.a, x.aStep, x.b, x.c)
	case s.turnsTall(rows, n, k):
		s.multiplyTallTurned(x)
	case s.takesTall(rows, n):
		s.multiplyTall(x)
	default:
		return false
	}
	return true
}

// multiplyTallTurned multiplies by way of the transposed c, whose rows fill vectors.
func (s *tileSet[T]) multiplyTallTurned(x *operands[T]) {
	size := int(unsafe.Sizeof(*x.a))
	state := matMulStateOf[T]()
	w := state.workspace()
	w.rows = grow(w.rows, x.columns*x.rows)
	s.multiplyDirect(&operands[T]{
		c: &w.rows[0], a: x.b, b: x.a, rows: x.columns, columns: x.rows, k: x.k,
		cRow: x.rows * size, aRow: size, aStep: x.bRow, bRow: x.aStep,
	})
	s.transposed(unsafe.Slice(x.c, x.rows*x.columns), x.columns, w.rows, x.rows, x.columns, x.rows)
	state.workspaces.Put(w)
}

// multiplyTall multiplies by tall.
func (s *tileSet[T]) multiplyTall(x *operands[T]) {
	shift := s.tallShift(x.columns)
	groups := x.rows >> shift
	s.smalls.tall(groups, x.columns, x.k, x.a, x.aStep, x.b, x.c, x.add)
	switch done := groups << shift; {
	case done == x.rows:
	case x.add:
		rest := *x
		rest.a, rest.c, rest.rows = behind(x.a, done*x.aRow), behind(x.c, done*x.cRow), x.rows-done
		s.multiplyDirect(&rest)
	default: // some rows are computed twice
		first := x.rows - 1<<shift
		s.smalls.tall(1, x.columns, x.k, behind(x.a, first*x.aRow), x.aStep, x.b, behind(x.c, first*x.cRow), false)
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
// turns a part of each group of c, for which there must be neither too many terms nor too few.
func (s *tileSet[T]) takesEdge(rows, n, k int) bool {
	beyond := n // a whole vector
	if n > s.lanes {
		beyond -= s.lanes
	}
	size := int(unsafe.Sizeof(*new(T)))
	switch {
	case s.smalls.edge == nil || k > mostEdgeTerms || beyond > 2*s.group || rows>>s.edgeShift(n) == 0:
		return false
	case beyond == n:
		return k >= minEdgeTerms && n*k*size >= minEdgeBytes
	case beyond <= s.group:
		return k > minEdgeTerms || k > 2 && rows*n*size <= fetchBytes
	}
	return k >= 3*minEdgeTerms/2
}

// multiplyEdge multiplies by edge. Some rows may be computed twice.
func (s *tileSet[T]) multiplyEdge(x *operands[T]) {
	shift := s.edgeShift(x.columns)
	groups := x.rows >> shift
	s.smalls.edge(groups, x.columns, x.k, x.a, x.aStep, x.b, x.c)
	if groups<<shift < x.rows {
		first := x.rows - 1<<shift
		s.smalls.edge(1, x.columns, x.k, behind(x.a, first*x.aRow), x.aStep, x.b, behind(x.c, first*x.cRow))
	}
}
