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
	turnedInPlace   = 192 << 10 // of b, by a transposed a: more is multiplied a part at a time
	turnedDepth     = 1024      // bytes of a column of that part
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
	case !transA && !transB && s.takesNarrow(n, k):
		return narrow
	case !transB && (m <= s.mostRows(n, k) || k <= mostDirectDepth || transA && s.takesTall(m, n) || s.readsInPlace(m, n, k, transA)):
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

// takesNarrow tells whether narrow takes so many columns and terms. Two vectors of which the second is not full lie
// on more lines than they fill, which takes too long if these are not in the first-level cache.
func (s *tileSet[T]) takesNarrow(n, k int) bool {
	switch {
	case k < minNarrowDepth:
		return false
	case n <= s.lanes || n == s.smalls.narrowMost:
		return n <= s.smalls.narrowMost
	}
	return n < s.smalls.narrowMost && n*k*int(unsafe.Sizeof(*new(T))) <= cachedBytes
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
// number of lines, and where a is transposed, for which the order of a is changed as well; but not if b's rows are lines
// and at most 1 KB, or 2 KB for some rows of c: then a part of b at a time stays there, of any number of rows.
func (s *tileSet[T]) readsInPlace(m, n, k int, transA bool) bool {
	size := int(unsafe.Sizeof(*new(T)))
	short := s.lanes*size < lineBytes
	lines := n*size%lineBytes == 0
	most := 48 << 10
	switch {
	case transA && (short || !lines):
		most = 112 << 10
	case transA && (n*size <= 1024 || n*size <= 2048 && m <= 256):
		return intel
	case transA:
		most = turnedInPlace
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
