package kernel

import "unsafe"

//go:generate go -C gen run ./matmul -out ../matmul_amd64.s -stubs ../matmul_amd64.go -pkg kernel

// An Epilogue is called for each finished row segment of a product while it is in cache:
// row holds columns j to j+len(row) of row i of c, and may be changed in place. In a batched
// product i counts the rows of all matrices. Together the segments cover c exactly once. They
// begin at multiples of 32 columns and, but for the last of a row, are multiples of 32 columns
// long. Calls run concurrently for different segments.
type Epilogue[T Float] func(i, j int, row []T)

// MatMul sets c = op(a) op(b), or adds the product to c if accumulate, where op transposes if
// transA or transB. Matrices are row-major and dense: op(a) is m×k (a is k×m if transA), op(b)
// is k×n (b is n×k if transB) and c is m×n. c must not overlap a or b. The epilogue may be nil.
//
// Every element of c is one chain of multiply-adds,
//
//	c[i,j] = ((c[i,j] or 0) + a[i,0] b[0,j]) + a[i,1] b[1,j] + ...,
//
// in increasing order of k and, above the Generic level, fused (rounded once per step). Hence
// its bits depend neither on the number of threads nor on the position in the matrix, and, with a and b
// as they are, a row of a gives the same result alone and in a batch. Two kinds of products differ in
// rounding from that formula. With a and b as they are, few columns of b (up to a vector, of float64 up to two, for
// k of 32 or more) are summed in several parts, so that few rows need not wait for one chain and vectors are filled:
// what was said of the bits holds for them as well. Few rows of a by a transposed b, or few of its columns,
// are dot products, summed in as many parts as a vector has lanes: their bits depend on nothing but the two
// vectors, but differ from those of larger products. No term is left out, so NaN and infinities propagate as
// in the formula. With k = 0 the product is zero.
func MatMul[T Float](c, a, b []T, m, n, k int, transA, transB, accumulate bool, epilogue Epilogue[T]) {
	// A small product takes about as long as the way to it.
	if m > 0 && n > 0 && k > 0 && (n > 1 || m == 1) && m*n*k < minJob/2 && len(c) >= m*n && len(a) >= m*k && len(b) >= k*n {
		s := matMulStateOf[T]().tiles()
		turnA, turnB := rowsAsColumns(m, n, k, transA, transB)
		if by := s.methodOf(m, n, k, turnA, turnB); by != packed && !s.turnsA(by, m, n, k, turnA) {
			size := int(unsafe.Sizeof(a[0]))
			var x operands[T] // set field by field, since a literal is copied
			x.c, x.a, x.b, x.rows, x.columns, x.k = &c[0], &a[0], &b[0], m, n, k
			x.cRow, x.aRow, x.aStep, x.bRow, x.add = n*size, k*size, size, n*size, accumulate
			if turnA {
				x.aRow, x.aStep = size, m*size
			}
			s.small(by, &x)
			finishRows(c, m, n, epilogue)
			return
		}
	}
	BatchedMatMul(c, a, b, 1, m, n, k, transA, transB, accumulate, epilogue)
}

// BatchedMatMul does what MatMul does for count matrices laid one after the other in c, a and b.
// An a or b of exactly one matrix is used for all.
func BatchedMatMul[T Float](c, a, b []T, count, m, n, k int, transA, transB, accumulate bool, epilogue Epilogue[T]) {
	if count < 0 || m < 0 || n < 0 || k < 0 {
		panic("kernel: negative dimension of a matrix product")
	}
	strideA, strideB := m*k, k*n
	if len(a) == strideA {
		strideA = 0
	}
	if len(b) == strideB {
		strideB = 0
	}
	if len(c) < count*m*n || len(a) < max((count-1)*strideA, 0)+m*k || len(b) < max((count-1)*strideB, 0)+k*n {
		panic("kernel: slice too short for a matrix product")
	}
	if count == 0 || m == 0 || n == 0 {
		return
	}

	if n == 1 && m > 1 { // a single column is a row as well, and its elements dot products unless a is transposed
		if count == 1 {
			MatMul(c, b, a, 1, m, k, false, !transA, accumulate, nil)
		} else {
			BatchedMatMul(c, b, a, count, 1, m, k, false, !transA, accumulate, nil)
		}
		finishRows(c, count*m, n, epilogue)
		return
	}
	transA, transB = rowsAsColumns(m, n, k, transA, transB)
	s := matMulStateOf[T]()
	by := s.tiles().methodOf(m, n, k, transA, transB)
	if s.tiles().turnsA(by, m, n, k, transA) {
		w := s.workspace()
		if transA {
			a = s.turnRows(w, a, k, m)
		} else {
			a = s.turnRows(w, a, m, k)
		}
		BatchedMatMul(c, a, b, count, m, n, k, !transA, transB, accumulate, epilogue)
		s.workspaces.Put(w)
		return
	}
	if by == packed && transA && transB && count == 1 && !accumulate && intel && m > mostDirectRows && 4*m <= k {
		s.multiplyBothTurned(c, a, b, m, n, k)
		finishRows(c, m, n, epilogue)
		return
	}
	p := s.product()
	p.c, p.a, p.b = c, a, b
	p.strideA, p.strideB = strideA, strideB
	p.m, p.n, p.k, p.by = m, n, k, by
	p.transA, p.transB, p.accumulate, p.epilogue = transA, transB, accumulate, epilogue
	p.plan(count)
	if jobs := count * p.rowBlocks * p.colBlocks; jobs == 1 {
		p.block(0)
	} else {
		Parallel(jobs, p.run)
	}
	s.release(p)
}

// rowsAsColumns tells whether a and b are to be taken as transposed: a single row lies in memory as a column does, and
// a product of a single element is a dot product.
func rowsAsColumns(m, n, k int, transA, transB bool) (bool, bool) {
	return transA && m > 1 && k > 1, n == 1 || transB && k > 1
}

// turnsA tells whether a is turned before: for dot products, or since its rows clash.
func (s *tileSet[T]) turnsA(by method, m, n, k int, transA bool) bool {
	return by == dots && transA || by == direct && !transA && s.rowsClash(m, n, k)
}

// multiplyBothTurned computes a product of two transposed matrices by way of the transposed c, for which b and a are as they
// are. Measured on Intel, to turn c takes less time than to pack both if it has few rows for so many terms. Its bits are the
// same, as every element is the same chain.
func (s *matMulState[T]) multiplyBothTurned(c, a, b []T, m, n, k int) {
	w := s.workspace()
	w.rows = grow(w.rows, n*m)
	turned := w.rows[:n*m]
	MatMul(turned, b, a, n, m, k, false, false, false, nil)
	s.tiles().transposed(c, n, turned, m, n, m)
	s.workspaces.Put(w)
}

// turnRows returns the transposes of matrices of so many rows and columns in a buffer of w.
func (s *matMulState[T]) turnRows(w *workspace[T], x []T, rows, cols int) []T {
	count := len(x) / (rows * cols)
	w.rows = grow(w.rows, (count*cols+shortRow)*rows)
	for z := range count {
		at := z * rows * cols
		s.tiles().transposed(w.rows[at:], rows, x[at:at+rows*cols], cols, rows, cols)
	}
	return w.rows[:count*rows*cols]
}

// finishRows hands whole rows of c to the epilogue.
func finishRows[T Float](c []T, rows, n int, epilogue Epilogue[T]) {
	if epilogue == nil {
		return
	}
	for i := range rows {
		epilogue(i, 0, c[i*n:(i+1)*n:(i+1)*n])
	}
}

// PeakLoop runs a loop of independent multiply-adds on registers at the current level and
// returns how many floating-point operations it did. Timed, it gives the peak of one thread.
func PeakLoop[T Float](iterations int) (flops int) {
	t := matMulStateOf[T]().tiles()
	t.peak(iterations)
	return 2 * 12 * t.peakLanes * iterations
}
