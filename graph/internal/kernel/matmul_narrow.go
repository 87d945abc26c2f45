package kernel

// narrow tells whether c has so few columns, for its rows, that its transpose is quicker to
// compute, as tiles have whole vectors of columns. Unless a is transposed, it must then be packed,
// which only AVX-512 makes up for.
func (s *tileSet[T]) narrow(m, n int, transA bool) bool {
	most := 0
	switch {
	case transA && level > Generic:
		most = s.lanes - 2
	case level == AVX512:
		most = 15 // of either type: measured up to here
	}
	return n <= most && m >= 2*s.lanes
}

// transposed computes the transposes of the products op(b)ᵀ op(a)ᵀ and turns them round. The
// chains of multiply-adds are those of the product itself, so the bits are the same.
func (s *matMulState[T]) transposed(c, a, b []T, count, m, n, k int, transA, transB, accumulate bool, epilogue Epilogue[T]) {
	w := s.workspace()
	w.turned = grow(w.turned, count*m*n)
	turned := w.turned[:count*m*n]
	if accumulate {
		for z := range count {
			Transpose(turned[z*m*n:][:m*n], c[z*m*n:][:m*n], m, n)
		}
	}
	BatchedMatMul(turned, b, a, count, n, m, k, !transB, !transA, accumulate, nil)
	for z := range count {
		Transpose(c[z*m*n:][:m*n], turned[z*m*n:][:m*n], n, m)
	}
	s.workspaces.Put(w)
	if epilogue != nil {
		for i := range count * m {
			epilogue(i, 0, c[i*n:(i+1)*n:(i+1)*n])
		}
	}
}
