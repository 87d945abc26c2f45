package kernel

import (
	"math"
	"sync"
)

// SparseMatMul does what MatMul does, with b as it is, in less time if most elements of a are 0: it looks
// whether they are. The bits are those of MatMul if b is finite; an element of b that is NaN or infinite
// and meets zeros alone leaves no trace.
func SparseMatMul[T Float](c, a, b []T, m, n, k int, transA, accumulate bool, epilogue Epilogue[T]) {
	if a, ok := any(a).([]float32); ok && sparseLevel() && m > 0 && n >= 16 && k > 0 && len(a) >= m*k && len(b) >= k*n && len(c) >= m*n &&
		m*n*k >= minJob/2 && 4*k*n <= math.MaxUint32 && sparse(a[:m*k]) {
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
const mostDense = 0.35

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

// A sparseProduct is one call. Row i of op(a) has a list of what is not 0 in it: where, in bytes, the row
// of b begins that the element meets, and the element's value.
type sparseProduct struct {
	c, a, b            []float32
	m, n, k            int
	transA, accumulate bool
	epilogue           Epilogue[float32]

	room   int // of a list
	at     []uint32
	value  []float32
	counts []int
}

var sparsePool = sync.Pool{New: func() any { return new(sparseProduct) }}

const (
	sparseCols = 128 // of a job: for usual k, that part of b fits in the second-level cache
	sparseRows = 128 // of a job
	listRows   = 16  // of a job that makes lists
	listCols   = 128 // the same, of a transposed a
)

func (s *sparseProduct) run() {
	s.room = s.k + 16
	s.at, s.value = growTo(s.at, s.m*s.room), growTo(s.value, s.m*s.room)
	s.counts = growTo(s.counts, s.m)
	if s.transA {
		Parallel(ceilDiv(s.m, listCols), s.listColumns)
	} else {
		Parallel(ceilDiv(s.m, listRows), s.listRows)
	}
	rows := ceilDiv(s.m, sparseRows)
	Parallel(rows*ceilDiv(s.n, sparseCols), func(job int) {
		i, j := job%rows*sparseRows, job/rows*sparseCols
		s.block(i, min(i+sparseRows, s.m), j, min(j+sparseCols, s.n))
	})
}

// listRows makes the lists of some rows of a.
func (s *sparseProduct) listRows(job int) {
	for i := job * listRows; i < min((job+1)*listRows, s.m); i++ {
		s.counts[i] = list(s.at[i*s.room:(i+1)*s.room], s.value[i*s.room:(i+1)*s.room], s.a[i*s.k:(i+1)*s.k], 4*s.n)
	}
}

// listColumns makes the lists of some columns of a, from those of parts of its rows.
func (s *sparseProduct) listColumns(job int) {
	var at [listCols + 16]uint32
	var value [listCols + 16]float32
	lo, hi := job*listCols, min((job+1)*listCols, s.m)
	counts := s.counts[lo:hi]
	clear(counts)
	for p := range s.k {
		from := uint32(4 * s.n * p)
		found := list(at[:], value[:], s.a[p*s.m+lo:p*s.m+hi], 1)
		for t, i := range at[:found] {
			to := (lo+int(i))*s.room + counts[i]
			s.at[to], s.value[to] = from, value[t]
			counts[i]++
		}
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

// block computes rows i to end and columns j to stop of c.
func (s *sparseProduct) block(i, end, j, stop int) {
	for ; i < end; i++ {
		row := s.c[i*s.n+j : i*s.n+stop : i*s.n+stop]
		sparseRow(row, s.b[j:], s.at[i*s.room:], s.value[i*s.room:], s.counts[i], s.accumulate)
		if s.epilogue != nil {
			s.epilogue(i, j, row)
		}
	}
}

// growTo returns buf with n elements, of any value.
func growTo[T any](buf []T, n int) []T {
	if cap(buf) < n {
		return make([]T, n)
	}
	return buf[:n]
}
