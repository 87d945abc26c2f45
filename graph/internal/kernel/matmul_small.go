package kernel

import "unsafe"

// A method is a way to compute a product.
type method int

const (
	packed method = iota // b, and a where that pays, is laid out anew for register tiles
	direct               // tiles read both where they are
	turned               // the same of a transposed b, which is turned before
	dots                 // of rows of a and columns of a transposed b, which are rows in memory
	narrow               // few columns, of which a vector holds several rows
)

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
	// narrow computes as many groups of rows, of up to narrowRows, with columns that a vector holds; rows of b
	// and c are n elements. A vector takes as many rows of b as fit if n is rounded up to a power of two.
	// For each row of c such vectors are added to narrowChains sums in turn, and what rows are left to the
	// first row of the first sum, which began with c[i,j] if add. Then the sums are added in pairs, and
	// then the halves of their rows until one is left.
	narrow       func(rows, groups, n, k int, a *T, aRow int, b, c *T, add bool)
	narrowRows   int
	narrowChains int
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

// Limits of the methods, measured.
const (
	mostDirectRows  = 36        // of a product, unless k is small
	mostDirectDepth = 16        // with so few terms, writing c is most of the work
	mostTurnedDepth = 128       // of a transposed b that Intel takes less time to turn by parts than to pack
	mostDotPages    = 32        // rows that lie whole pages apart, and fight for the same lines of the first-level cache
	minAddColumns   = 96        // of rows that are added whole: with fewer, tiles take less time
	cachedBytes     = 48 << 10  // of b: up to there it is in the first-level cache, and tiles take less time for a single row
	wideBytes       = 28 << 10  // of b that stays in the first-level cache; from beyond, full paths read it too often for few rows
	fetchBytes      = 32 << 10  // of c that does not stay there
	fetchTerms      = 4         // for which to write c is all the work
	outerTerms      = 8         // of a transposed a for which all of b stays in registers
	outerTallTerms  = 5         // the same where tall would do as well
	minEdgeTerms    = 8         // of a transposed a, a few columns of whose product lie across vectors
	mostEdgeTerms   = 48        // of the same
	minEdgeBytes    = 96        // of its b, if that has no whole vector of columns
	lineBytes       = 64        // vectors of rows that are no number of lines lie on two, and wait for both
	aheadBytes      = 2560      // of a row of b: seven, the next seven and c stay in the first-level cache
	directBytes     = 256 << 10 // of b that groups of rows share, unless 32 columns are more
	dotBytes        = 64 << 10  // the same for dots
	fewTerms        = 512       // of a single row of c: to turn b for fewer takes longer than their dot products
	turnBytes       = 24 << 10  // of a transposed b that is turned for more terms than mostDirectDepth
	turnedBytes     = 8 << 10   // that are turned at a time
	minNarrowDepth  = 32        // with fewer terms, a chain is short
	longDots        = 24        // vectors of a long row
	dotColumns      = 2         // of which dot computes a multiple
	pageBytes       = 4096      // the first-level cache keeps few lines that lie so far apart
	mostPages       = 1024      // whose addresses processors keep at hand, at least
	nearBytes       = 512
	mostApartRows   = 3  // of a that are copied out of the way of b's; with more, arithmetic is the limit
	minApartColumns = 64 // of b that make the copy worth while
	minApartRows    = 32 // the same for copies of c
)

// methodOf chooses how to compute a product.
func (s *tileSet[T]) methodOf(m, n, k int, transA, transB bool) method {
	switch {
	case k == 0:
		return packed
	case !transA && !transB && s.smalls.narrow != nil && n <= s.lanes && k >= minNarrowDepth:
		return narrow
	case !transB && (m <= s.mostRows(n, k) || k <= mostDirectDepth || transA && s.takesTall(m, n) || s.readsInPlace(n, k, transA)):
		return direct
	case !transB:
		return packed
	case s.dotsPay(m, n, k):
		return dots
	case k <= mostDirectDepth || intel && k <= mostTurnedDepth || m <= s.mostRows(n, k) && n*k*int(unsafe.Sizeof(*new(T))) <= turnBytes:
		return turned
	}
	return packed
}

// mostRows is the number of rows for which reading k rows of n elements of b for each group of them costs
// less than packing b. Narrow tiles read too little of each page where rows lie whole pages apart, or where
// the columns of a tile lie on more pages than the processor knows addresses of.
func (s *tileSet[T]) mostRows(n, k int) int {
	if wholePages[T](n) || min(k, k*n*int(unsafe.Sizeof(*new(T)))/pageBytes) > mostPages {
		return s.smalls.mostPageRows
	}
	return mostDirectRows
}

// readsInPlace tells whether tiles read a b of k rows of n elements where it is, for any number of rows: measured on
// Intel, while b stays in the caches, packing it takes longer than it saves. It saves something where long rows are no
// number of lines, and where a is transposed, for which the order of a is changed as well.
func (s *tileSet[T]) readsInPlace(n, k int, transA bool) bool {
	size := int(unsafe.Sizeof(*new(T)))
	short := s.lanes*size < lineBytes
	lines := n*size%lineBytes == 0
	most := 48 << 10
	switch {
	case transA && (short || !lines):
		most = 112 << 10
	case transA:
		most = 192 << 10
	case short || lines || n <= 8*s.lanes:
		most = 512 << 10
	}
	return intel && (n*k*size <= most || !transA && k <= 40)
}

// rowsClash tells whether the rows of an a that tiles read where it is lie so that they fight for the same
// lines of the first-level cache, and turning it costs less: measured, that is so if b comes from far away.
func (s *tileSet[T]) rowsClash(m, n, k int) bool {
	return 3 < m && m <= s.smalls.mostClashRows && wholePages[T](2*k) && n*k*int(unsafe.Sizeof(*new(T))) > 2*directBytes
}

// dotsPay tells whether dot products take less time than packing b, or turning it. What counts is the
// addition of lanes, for which rows must be long: the longer, the more rows share a packed b. Where few
// columns leave tiles of a packed b partly empty, four times as many rows count as one. Measured for 1 to
// 128 rows, 1 to 300 terms and 4 to 500 columns.
func (s *tileSet[T]) dotsPay(m, n, k int) bool {
	rows := min(m, 32)
	switch {
	case m == 1 && s.takesShortDot(n, k):
		return true
	case k <= mostDirectDepth:
		// b is turned by groups, and the lanes of AVX-512 take longer to add.
		return m+s.lanes/s.group/4 <= k/s.group || m == 1 && n*k <= fewTerms
	case n <= s.smalls.narrowColumns:
		rows = min(m, 64) / 4
	case m > s.smalls.mostDotRows || m > mostDotPages && wholePages[T](k):
		return false
	}
	return 4*k >= s.lanes*(rows-1)
}

// small computes rows i0 to i1 and columns j0 to j1 of c, of which j0 is a multiple of 32.
func (s *tileSet[T]) small(by method, c, a, b []T, m, n, k, i0, i1, j0, j1 int, transA, add bool) {
	switch by {
	case dots:
		s.multiplyDots(c, a, b, n, k, i0, i1, j0, j1, add)
		return
	case narrow:
		s.multiplyNarrow(c[i0*n:], a[i0*k:], b, i1-i0, n, k, add)
		return
	}
	size := int(unsafe.Sizeof(a[0]))
	aRow, aStep, first := k*size, size, i0*k
	if transA {
		aRow, aStep, first = size, m*size, i0
	}
	if by == turned {
		s.multiplyTurned(c[i0*n+j0:], a[first:], aRow, aStep, b[j0*k:], i1-i0, j1-j0, n, k, add)
		return
	}
	if addsRows[T](i1-i0, j1-j0, n, k) {
		s.addRows(c[i0*n+j0:], i1-i0, j1-j0, &a[first], aRow, aStep, b[j0:], n, k, add)
		return
	}
	depth := k
	if k > 2*s.smalls.directDepth && k*n*size > directBytes {
		depth = evenDepth(k, s.smalls.directDepth)
	}
	for p := 0; p < k; p += depth {
		s.multiplyDirect(c[i0*n+j0:], a[first+p*aStep/size:], aRow, aStep, b[p*n+j0:], n, i1-i0, j1-j0, n, min(depth, k-p), add || p > 0)
	}
}

// multiplyTurned computes rows of c, of so many columns and n elements apart, from a transposed b. It turns a
// part at a time, which stays in the first-level cache.
func (s *tileSet[T]) multiplyTurned(c, a []T, aRow, aStep int, b []T, rows, columns, n, k int, add bool) {
	state := matMulStateOf[T]()
	w := state.workspace()
	width := min(columns, max(32, turnedBytes/(k*int(unsafe.Sizeof(a[0])))/32*32))
	w.rows = grow(w.rows, (k+shortRow)*width)
	for j := 0; j < columns; j += width {
		part := min(width, columns-j)
		s.transposed(w.rows, part, b[j*k:], k, part, k)
		s.multiplyDirect(c[j:], a, aRow, aStep, w.rows, part, rows, part, n, k, add)
	}
	state.workspaces.Put(w)
}

// multiplyDirect computes rows of c, of so many columns and n elements apart, from k rows of b, bRow elements apart.
func (s *tileSet[T]) multiplyDirect(c, a []T, aRow, aStep int, b []T, bRow, rows, columns, n, k int, add bool) {
	size := int(unsafe.Sizeof(a[0]))
	if aRow == size && columns == n && bRow == n {
		switch {
		case !add && s.takesEdge(rows, n, k):
			s.multiplyEdge(c, a, aStep, b, rows, n, k)
			return
		case !add && s.turnsTall(rows, n, k):
			s.multiplyTallTurned(c, a, aStep, b, rows, n, k)
			return
		case s.takesTall(rows, n):
			s.multiplyTall(c, a, aStep, b, rows, n, k, add)
			return
		}
	}
	groups, each, larger := divideRows(rows, s.groupRows(rows, columns, k))
	width := columns
	if groups > 1 && width*k*size > directBytes {
		width = max(32, directBytes/(k*size)/32*32)
	}
	var next int // asking takes the time of loads, which on full paths are the limit
	switch {
	case !halfPaths:
	case bRow*size%2048 == 0: // rows that lie so fight for the same lines of the first-level cache
		next = s.smalls.directColumns * size
	default:
		next = 8 * bRow * size
	}
	// To ask for c before it is written pays where vectors lie on two lines, and where all time is for writing.
	fetch := rows*columns*size > fetchBytes && (n*size%lineBytes != 0 || intel && k <= fetchTerms)
	done := larger * (each + 1)
	for j := 0; j < columns; j += width {
		w := min(width, columns-j)
		if larger > 0 {
			s.smalls.direct(each+1, larger, w, k, &a[0], aRow, aStep, &b[j], bRow*size, &c[j], n*size, add, next, fetch)
		}
		s.smalls.direct(each, groups-larger, w, k, &a[done*aRow/size], aRow, aStep, &b[j], bRow*size, &c[done*n+j], n*size, add, next, fetch)
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

// cached does what small does for all of c, where b is in the first-level cache, so that little is to decide:
// that takes about as long as some thousand multiplications.
func (s *tileSet[T]) cached(by method, c, a, b []T, m, n, k int, transA, add bool) {
	size := int(unsafe.Sizeof(a[0]))
	switch {
	case by == direct || by == turned:
		aRow, aStep := k*size, size
		if transA {
			aRow, aStep = size, m*size
		}
		switch {
		case by == turned:
			s.multiplyTurned(c, a, aRow, aStep, b, m, n, n, k, add)
		case aRow == size && !add && s.takesOuter(m, n, k):
			s.smalls.outer(m, n, k, &a[0], aStep, &b[0], &c[0])
		case aRow == size && !add && s.takesEdge(m, n, k):
			s.multiplyEdge(c, a, aStep, b, m, n, k)
		case aRow == size && s.takesTall(m, n) && (add || !s.turnsTall(m, n, k)):
			s.multiplyTall(c, a, aStep, b, m, n, k, add)
		case m <= s.groupRows(m, n, k):
			s.smalls.direct(m, 1, n, k, &a[0], aRow, aStep, &b[0], n*size, &c[0], n*size, add, 0, false)
		default:
			s.multiplyDirect(c, a, aRow, aStep, b, n, m, n, n, k, add)
		}
	case by == narrow:
		s.multiplyNarrow(c, a, b, m, n, k, add)
	case m == 1 && !add && s.takesShortDot(n, k):
		s.multiplyShortDots(c, a, b, n, k)
	case m <= s.smalls.dotRows && n%dotColumns == 0:
		s.smalls.dot(m, n, k, &a[0], k*size, &b[0], k*size, &c[0], n*size, add, false)
	default:
		s.multiplyDots(c, a, b, n, k, 0, m, 0, n, add)
	}
}

// divideRows divides rows into groups of each, and one more in the first larger ones, none of more than most.
func divideRows(rows, most int) (groups, each, larger int) {
	if rows <= most { // few rows have no time for divisions
		return 1, rows, 0
	}
	groups = ceilDiv(rows, most)
	return groups, rows / groups, rows % groups
}

// multiplyNarrow computes rows of c by narrow.
func (s *tileSet[T]) multiplyNarrow(c, a, b []T, rows, n, k int, add bool) {
	size := int(unsafe.Sizeof(a[0]))
	groups, each, larger := divideRows(rows, s.smalls.narrowRows)
	if larger > 0 {
		s.smalls.narrow(each+1, larger, n, k, &a[0], k*size, &b[0], &c[0], add)
	}
	done := larger * (each + 1)
	s.smalls.narrow(each, groups-larger, n, k, &a[done*k], k*size, &b[0], &c[done*n], add)
}

// addsRows tells whether rows of c are sums of whole rows of b, instead of tiles. It does for one row and,
// where memory is the limit, for two.
func addsRows[T Float](rows, width, n, k int) bool {
	var zero T
	bytes := n * int(unsafe.Sizeof(zero))
	switch {
	case rows > 2 || width < minAddColumns:
		return false
	case rows == 1:
		return k*bytes > cachedBytes
	case wholePages[T](n):
		return k >= minApartRows
	default:
		return k >= 128 && bytes >= 1024 && bytes < pageBytes
	}
}

// addRows computes width columns of one or two rows of c from b's rows of n elements.
func (s *tileSet[T]) addRows(c []T, rows, width int, a *T, aRow, aStep int, b []T, n, k int, add bool) {
	size := int(unsafe.Sizeof(*a))
	addTo, most := s.smalls.addTo[rows-1], 3
	switch {
	case rows == 2:
		most = 4
	case intel: // loads that take two lines are less of a limit then
		most = 7
		if s.smalls.addToAhead != nil && n*size%lineBytes != 0 && n*size <= aheadBytes && k*n*size <= farBytes {
			addTo = s.smalls.addToAhead
		}
	case !halfPaths:
	case n*size%1024 == 0:
		addTo, most = s.smalls.halfAddTo, s.smalls.halfRows // more would fight for the same lines of the first-level cache
	default:
		addTo, most = s.smalls.halfAddTo, 8
	}
	if !add {
		for i := range rows {
			clear(c[i*n:][:width])
		}
	}
	if !wholePages[T](n) || k < minApartRows || rows == 1 && !s.smalls.splitsPages {
		addTo(most, width, k, a, aRow, aStep, &b[0], n*size, &c[0], n*size)
		return
	}
	// A page of each row at a time, which the processor fetches ahead, and c out of the rows' way.
	state := matMulStateOf[T]()
	w := state.workspace()
	page := pageBytes / size
	sums := w.apart(rows*page, &b[0])
	for j := 0; j < width; j += page {
		part := min(page, width-j)
		for i := range rows {
			copy(sums[i*page:], c[i*n+j:][:part])
		}
		addTo(most, part, k, a, aRow, aStep, &b[j], n*size, &sums[0], pageBytes)
		for i := range rows {
			copy(c[i*n+j:], sums[i*page:][:part])
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
