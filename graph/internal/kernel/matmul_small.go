package kernel

import "unsafe"

// A smallSet is the functions for products that are not worth packing. Steps are in bytes.
type smallSet[T Float] struct {
	// direct is as directGeneric, on groups of up to directRows rows.
	direct        func(rows, groups, n, k int, a *T, aRow, aStep int, b *T, bStep int, c *T, cStep int, add bool, next int, fetch bool)
	directRows    int
	fewRows       int // the same if c has no more of them, at most two vectors of columns, or six, which are two tiles of three
	wideRows      int // the same if rows of c are long and k is small, so that writing c is most of the work
	directColumns int // of a tile
	directDepth   int // terms at a time, of more than twice as many, if b is large: more of its rows leave the caches before the next group reads them
	mostClashRows int // that are turned if they lie half pages apart: see rowsClash
	mostPageRows  int // of a product if b lies on too many pages: see mostRows
	// narrow computes as many groups of rows, of up to narrowRows, with columns that a vector or two hold; rows of b
	// and c are n elements. A vector takes as many rows of b as fit if n is rounded up to a power of two.
	// For each row of c such vectors are added to narrowChains sums in turn, and what rows are left to the
	// first row of the first sum, which began with c[i,j] if add. Then the sums are added in pairs, and
	// then the halves of their rows until one is left.
	narrow       func(rows, groups, n, k int, a *T, aRow int, b, c *T, add bool)
	narrowRows   int
	narrowChains int // half as many if a row of b takes two vectors
	narrowMost   int // columns
	// tall computes as many groups of rows, of 1<<tallShift, of an a that is transposed, so that rows of c follow
	// each other, with columns that a vector holds; rows of b and c are n elements. A vector takes several
	// rows of c where they fit. It is nil where it does not pay.
	tall func(groups, n, k int, a *T, aStep int, b, c *T, add bool)
	// edge computes as many groups of rows, of 1<<edgeShift, of an a that is transposed. Few columns, alone or beyond
	// a vector, lie across vectors, so that no lane is empty. It is nil where it does not pay.
	edge func(groups, n, k int, a *T, aStep int, b, c *T)
	// outer computes all rows of c from a transposed a of at most outerTerms, one after the other. It is nil
	// where it does not pay.
	outer func(rows, n, k int, a *T, aStep int, b, c *T)
	// dot is as dotsGeneric, on up to dotRows rows, or longDotRows, for which long rows pay.
	dot     func(rows, n, k int, a *T, aRow int, b *T, bRow int, c *T, cStep int, add, ask bool)
	dotRows int
	// shortDot computes as many vectors of columns of one row of c, by a transposed b whose rows of k elements,
	// at most half a vector, follow each other, as dot does. It is nil where it does not pay.
	shortDot      func(blocks, k int, a, b, c *T)
	longDotRows   int
	mostDotRows   int         // of a product
	narrowColumns int         // most of a product whose packed columns leave tiles partly empty
	addTo         [2]addTo[T] // one and two rows
	addToAhead    addTo[T]    // one row, by seven of b, while it asks for the next seven; nil where that does not pay
	halfAddTo     addTo[T]    // one row on half paths; short vectors suit it better if b's rows begin amid lines: fewer loads take two
	halfRows      int         // of b that it takes at once if they lie close in the first-level cache
	splitsPages   bool        // whether one row by rows of whole pages goes a page at a time
}

// addTo is a function like addTo1Generic.
type addTo[T Float] func(most, n, k int, a *T, aRow, aStep int, b *T, bStep int, c *T, cStep int)

// operands are the matrices of a product that is not packed, or parts of them, where they lie in memory: element p of row
// i of a is i*aRow + p*aStep bytes behind a, rows of b and of c are bRow and cRow bytes apart.
type operands[T Float] struct {
	c, a, b                 *T
	rows, columns, k        int
	cRow, aRow, aStep, bRow int
	add                     bool // to c
}

// behind is the element so many bytes behind x.
func behind[T Float](x *T, bytes int) *T { return (*T)(unsafe.Add(unsafe.Pointer(x), bytes)) }

// turnedWhole tells whether a is transposed, and b and c are as wide as they lie in memory.
func (x *operands[T]) turnedWhole() bool {
	size := int(unsafe.Sizeof(*x.a))
	return x.aRow == size && x.cRow == x.columns*size && x.bRow == x.cRow
}

// small computes a product by any method but packed. A transposed b is at rows of k elements.
func (s *tileSet[T]) small(by method, x *operands[T]) {
	switch by {
	case dots:
		s.multiplyDots(x)
		return
	case narrow:
		s.multiplyNarrow(x)
		return
	case turned:
		s.multiplyTurned(x)
		return
	}
	bytes := x.k * x.bRow
	if bytes <= cachedBytes {
		s.multiplyDirect(x)
		return
	}
	if s.addsRows(x) {
		s.addRows(x)
		return
	}
	depth := x.k
	switch turned := x.aRow < x.aStep; {
	case turned && bytes > turnedInPlace && x.columns >= 2*s.lanes:
		depth = evenDepth(x.k, turnedDepth/int(unsafe.Sizeof(*x.a)))
	case x.k > 2*s.smalls.directDepth && bytes > directBytes:
		depth = evenDepth(x.k, s.smalls.directDepth)
	}
	part := *x
	for p := 0; p < x.k; p += depth {
		part.a, part.b, part.k = behind(x.a, p*x.aStep), behind(x.b, p*x.bRow), min(depth, x.k-p)
		s.multiplyDirect(&part)
		part.add = true
	}
}

// multiplyTurned multiplies by a transposed b. It turns a part at a time, which stays in the first-level cache.
func (s *tileSet[T]) multiplyTurned(x *operands[T]) {
	size := int(unsafe.Sizeof(*x.a))
	state := matMulStateOf[T]()
	w := state.workspace()
	width := min(x.columns, max(32, turnedBytes/(x.k*size)/32*32))
	w.rows = grow(w.rows, (x.k+shortRow)*width)
	b := unsafe.Slice(x.b, x.columns*x.k)
	part := *x
	part.b = &w.rows[0]
	for j := 0; j < x.columns; j += width {
		part.c, part.columns = behind(x.c, j*size), min(width, x.columns-j)
		part.bRow = part.columns * size
		s.transposed(w.rows, part.columns, b[j*x.k:], x.k, part.columns, x.k)
		s.multiplyDirect(&part)
	}
	state.workspaces.Put(w)
}

// multiplyDirect multiplies by tiles that read a and b where they are.
func (s *tileSet[T]) multiplyDirect(x *operands[T]) {
	if x.turnedWhole() && s.multiplyGradient(x) {
		return
	}
	size := int(unsafe.Sizeof(*x.a))
	groups, each, larger := divideRows(x.rows, s.groupRows(x.rows, x.columns, x.k))
	cached := x.k*x.bRow <= cachedBytes
	// Tiles of so many rows have three vectors of columns: four are two and two, rather than three and one.
	halves := each > 6 && x.columns > 3*s.lanes && x.columns <= 4*s.lanes && (cached || x.bRow%lineBytes == 0)
	if groups == 1 && cached && !halves {
		s.smalls.direct(each, 1, x.columns, x.k, x.a, x.aRow, x.aStep, x.b, x.bRow, x.c, x.cRow, x.add, 0, false)
		return
	}
	width := x.columns
	switch {
	case halves:
		width = 2 * s.lanes
	case groups > 1 && width*x.k*size > directBytes:
		width = max(32, directBytes/(x.k*size)/32*32)
	}
	var next int // asking takes the time of loads, which on full paths are the limit
	switch {
	case !halfPaths:
	case x.bRow%2048 == 0: // rows that lie so fight for the same lines of the first-level cache
		next = s.smalls.directColumns * size
	default:
		next = 8 * x.bRow
	}
	// To ask for c before it is written pays where vectors lie on two lines, and where all time is for writing.
	fetch := x.rows*x.columns*size > fetchBytes && (x.cRow%lineBytes != 0 || intel && x.k <= fetchTerms)
	done := larger * (each + 1)
	for j := 0; j < x.columns; j += width {
		w := min(width, x.columns-j)
		b, c := behind(x.b, j*size), behind(x.c, j*size)
		if larger > 0 {
			s.smalls.direct(each+1, larger, w, x.k, x.a, x.aRow, x.aStep, b, x.bRow, c, x.cRow, x.add, next, fetch)
		}
		s.smalls.direct(each, groups-larger, w, x.k, behind(x.a, done*x.aRow), x.aRow, x.aStep, b, x.bRow, behind(c, done*x.cRow), x.cRow, x.add, next, fetch)
	}
}

// groupRows is the most rows of a group of direct.
func (s *tileSet[T]) groupRows(rows, columns, k int) int {
	switch {
	case !intel && k <= mostDirectDepth && columns >= minAddColumns && (halfPaths || k*columns*int(unsafe.Sizeof(*new(T))) <= wideBytes):
		return s.smalls.wideRows
	case columns <= 2*s.lanes || rows <= s.smalls.fewRows || columns > 5*s.lanes && columns <= 6*s.lanes:
		return s.smalls.fewRows
	}
	return s.smalls.directRows
}

// divideRows divides rows into groups of each, and one more in the first larger ones, none of more than most.
func divideRows(rows, most int) (groups, each, larger int) {
	switch { // few rows have no time for divisions
	case rows <= most:
		return 1, rows, 0
	case rows <= 2*most:
		return 2, rows / 2, rows % 2
	case rows <= 4*most && rows > 3*most:
		return 4, rows / 4, rows % 4
	}
	groups = ceilDiv(rows, most)
	return groups, rows / groups, rows % groups
}

// multiplyNarrow multiplies by narrow.
func (s *tileSet[T]) multiplyNarrow(x *operands[T]) {
	groups, each, larger := divideRows(x.rows, s.smalls.narrowRows)
	if larger > 0 {
		s.smalls.narrow(each+1, larger, x.columns, x.k, x.a, x.aRow, x.b, x.c, x.add)
	}
	done := larger * (each + 1)
	s.smalls.narrow(each, groups-larger, x.columns, x.k, behind(x.a, done*x.aRow), x.aRow, x.b, behind(x.c, done*x.cRow), x.add)
}

// addsRows tells whether rows of c are sums of whole rows of b, instead of tiles. It does for one row and,
// where memory is the limit, for two.
func (s *tileSet[T]) addsRows(x *operands[T]) bool {
	switch {
	case x.rows > 2 || x.columns < minAddColumns:
		return false
	case x.rows == 1:
		return x.k*x.bRow > cachedBytes
	case x.bRow%pageBytes == 0:
		return x.k >= minApartRows
	default:
		return x.k >= 128 && x.bRow >= 1024 && x.bRow < pageBytes
	}
}

// addRows computes one or two rows of c as sums of rows of b.
func (s *tileSet[T]) addRows(x *operands[T]) {
	size := int(unsafe.Sizeof(*x.a))
	addTo, most := s.smalls.addTo[x.rows-1], 3
	switch {
	case x.rows == 2:
		most = 4
	case intel: // loads that take two lines are less of a limit then
		most = 7
		if s.smalls.addToAhead != nil && x.bRow%lineBytes != 0 && x.bRow <= aheadBytes && x.k*x.bRow <= farBytes {
			addTo = s.smalls.addToAhead
		}
	case !halfPaths:
	case x.bRow%1024 == 0:
		addTo, most = s.smalls.halfAddTo, s.smalls.halfRows // more would fight for the same lines of the first-level cache
	default:
		addTo, most = s.smalls.halfAddTo, 8
	}
	row := func(i int) []T { return unsafe.Slice(behind(x.c, i*x.cRow), x.columns) }
	if !x.add {
		for i := range x.rows {
			clear(row(i))
		}
	}
	if x.bRow%pageBytes != 0 || x.k < minApartRows || x.rows == 1 && !s.smalls.splitsPages {
		addTo(most, x.columns, x.k, x.a, x.aRow, x.aStep, x.b, x.bRow, x.c, x.cRow)
		return
	}
	// A page of each row at a time, which the processor fetches ahead, and c out of the rows' way.
	state := matMulStateOf[T]()
	w := state.workspace()
	page := pageBytes / size
	sums := w.apart(x.rows*page, x.b)
	for j := 0; j < x.columns; j += page {
		part := min(page, x.columns-j)
		for i := range x.rows {
			copy(sums[i*page:], row(i)[j:][:part])
		}
		addTo(most, part, x.k, x.a, x.aRow, x.aStep, behind(x.b, j*size), x.bRow, &sums[0], pageBytes)
		for i := range x.rows {
			copy(row(i)[j:], sums[i*page:][:part])
		}
	}
	state.workspaces.Put(w)
}

// near tells whether x and y lie at nearly the same place of a page. Read side by side, what follows
// them then fights for the same lines of the first-level cache, if the other rows lie there as well.
func near[T Float](x, y *T) bool {
	distance := (uintptr(unsafe.Pointer(x)) - uintptr(unsafe.Pointer(y))) % pageBytes
	return distance < nearBytes || distance > pageBytes-nearBytes
}

// apart returns n elements, of undefined values, that begin half a page from where x does.
func (w *workspace[T]) apart(n int, x *T) []T {
	size := int(unsafe.Sizeof(*x))
	w.rows = grow(w.rows, n+pageBytes/size)
	skip := (uintptr(unsafe.Pointer(x)) + pageBytes/2 - uintptr(unsafe.Pointer(&w.rows[0]))) % pageBytes
	return w.rows[int(skip)/size:][:n]
}
