package kernel

import (
	"math"
	"sync"
)

// SparseMatMul does what MatMul does, with b as it is, in less time if most elements of a are 0: it looks
// whether they are. The bits are those of MatMul if b is finite; an element of b that is NaN or infinite
// and meets zeros alone leaves no trace.
func SparseMatMul[T Float](c, a, b []T, m, n, k int, transA, accumulate bool, epilogue Epilogue[T]) {
	// Up to 16 columns, MatMul may sum in an order of its own.
	if a, ok := any(a).([]float32); ok && sparseLevel() && m > 0 && n > 16 && k > 0 && len(a) >= m*k && len(b) >= k*n && len(c) >= m*n &&
		m*n*k >= minJob/2 && m*(k+16) <= mostListed && k <= math.MaxInt32 && sparse(a[:m*k]) {
		s := sparsePool.Get().(*sparseProduct)
		s.c, s.a, s.b = any(c).([]float32), a, any(b).([]float32)
		s.m, s.n, s.k, s.transA, s.accumulate = m, n, k, transA, accumulate
		s.epilogue, _ = any(epilogue).(Epilogue[float32])
		s.run()
		s.c, s.a, s.b, s.epilogue = nil, nil, nil, nil
		sparsePool.Put(s)
		return
	}
	MatMul(c, a, b, m, n, k, transA, false, accumulate, epilogue)
}

// mostDense is the part of elements that are not 0 up to which the lists pay: measured.
const mostDense = 0.5

// mostListed bounds the memory of the lists, to 32 MB: products of larger a go the dense way.
const mostListed = 1 << 22

// sparse estimates from up to 2048 elements, in runs that lie evenly, whether a is sparse.
func sparse(a []float32) bool {
	const run, runs = 32, 64
	found, seen := 0, 0
	for lo := 0; lo < len(a); lo += max(run, len(a)/runs) {
		for _, v := range a[lo:min(lo+run, len(a))] {
			if v != 0 {
				found++
			}
			seen++
		}
	}
	return float64(found) <= mostDense*float64(seen)
}

// A sparseProduct is one call. Row i of op(a) has a list of what is not 0 in it, for each slice of rows of b:
// where, in bytes from the first, the row of a panel begins that the element meets, and the element's value.
type sparseProduct struct {
	c, a, b            []float32
	m, n, k            int
	transA, accumulate bool
	epilogue           Epilogue[float32]

	room, slices int // elements of the lists of a row, and their number
	depth, cols  int // rows of b in a slice, and columns of a job
	at           []uint32
	value        []float32
	starts       []int32 // (m, slices+1): where a list begins in those of its row
}

// A sparsePanel is a copy of a job's columns of a slice of b.
type sparsePanel [sparseDepth * sparseCols]float32

var sparsePanels = sync.Pool{New: func() any { return new(sparsePanel) }}

var sparsePool = sync.Pool{New: func() any { return new(sparseProduct) }}

// A job takes one slice of b after the other through its rows of c. A copy of the slice, whose rows begin
// with a line of memory, stays in the first-level cache. The limits:
const (
	sparseCols  = 96  // of a job: as many chains of multiply-adds as hide most of their latency
	sparseDepth = 104 // of a slice
	sparseRows  = 256 // of a job
	listRows    = 16  // of a job that makes lists
	listCols    = 128 // the same, of a transposed a
)

func (s *sparseProduct) run() {
	s.room, s.slices = s.k+16, ceilDiv(s.k, sparseDepth)
	s.depth, s.cols = ceilDiv(s.k, s.slices), roundUp(ceilDiv(s.n, ceilDiv(s.n, sparseCols)), 16)
	s.at, s.value = growTo(s.at, s.m*s.room), growTo(s.value, s.m*s.room)
	s.starts = growTo(s.starts, s.m*(s.slices+1))
	if s.transA {
		Parallel(ceilDiv(s.m, listCols), s.listColumns)
	} else {
		Parallel(ceilDiv(s.m, listRows), s.listRows)
	}
	blocks := ceilDiv(s.m, sparseRows)
	rows := ceilDiv(s.m, blocks)
	Parallel(blocks*ceilDiv(s.n, s.cols), func(job int) {
		i, j := job%blocks*rows, job/blocks*s.cols
		s.block(i, min(i+rows, s.m), j, min(j+s.cols, s.n))
	})
}

// listRows makes the lists of some rows of a.
func (s *sparseProduct) listRows(job int) {
	for i := job * listRows; i < min((job+1)*listRows, s.m); i++ {
		at, value, starts := s.at[i*s.room:(i+1)*s.room], s.value[i*s.room:(i+1)*s.room], s.starts[i*(s.slices+1):]
		found := 0
		for q := range s.slices {
			starts[q] = int32(found)
			found += list(at[found:], value[found:], s.a[i*s.k+q*s.depth:i*s.k+min((q+1)*s.depth, s.k)], 4*s.cols)
		}
		starts[s.slices] = int32(found)
	}
}

// listColumns makes the lists of some columns of a, from those of parts of its rows.
func (s *sparseProduct) listColumns(job int) {
	var at [listCols + 16]uint32
	var value [listCols + 16]float32
	var counts [listCols]int32
	lo, hi := job*listCols, min((job+1)*listCols, s.m)
	for p := range s.k {
		if p%s.depth == 0 {
			s.startSlice(lo, hi, p/s.depth, &counts)
		}
		from := uint32(4 * s.cols * (p % s.depth))
		found := list(at[:], value[:], s.a[p*s.m+lo:p*s.m+hi], 1)
		for t, i := range at[:found] {
			to := (lo+int(i))*s.room + int(counts[i])
			s.at[to], s.value[to] = from, value[t]
			counts[i]++
		}
	}
	s.startSlice(lo, hi, s.slices, &counts)
}

func (s *sparseProduct) startSlice(lo, hi, slice int, counts *[listCols]int32) {
	for i := lo; i < hi; i++ {
		s.starts[i*(s.slices+1)+slice] = counts[i-lo]
	}
}

// list is sparseListAVX512 for any length.
func list(at []uint32, value, x []float32, step int) int {
	whole, found := len(x)&^15, 0
	if whole > 0 {
		found = sparseList(&at[0], &value[0], &x[0], whole, step)
	}
	for i, v := range x[whole:] {
		if v != 0 {
			at[found], value[found] = uint32((whole+i)*step), v
			found++
		}
	}
	return found
}

// block computes rows first to end and columns j to stop of c.
func (s *sparseProduct) block(first, end, j, stop int) {
	panel := sparsePanels.Get().(*sparsePanel)
	for q := range s.slices {
		p := q * s.depth
		sparseCopy(s, panel, p, min(s.depth, s.k-p), j, stop)
		sparseTile(s, panel, first, end, j, stop, q)
	}
	sparsePanels.Put(panel)
	if s.epilogue == nil {
		return
	}
	for i := first; i < end; i++ {
		s.epilogue(i, j, s.c[i*s.n+j:i*s.n+stop:i*s.n+stop])
	}
}

// growTo returns buf with n elements, of any value.
func growTo[T any](buf []T, n int) []T {
	if cap(buf) < n {
		return make([]T, n)
	}
	return buf[:n]
}
