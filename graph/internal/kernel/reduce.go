package kernel

// Sums of this file are accumulated in float64, whatever T, in an order that depends on the
// length and the level only.

// Sum returns the sum of x.
func Sum[T Float](x []T) float64 { return vector[T]().sum(x) }

// SumSquares returns the sum of x[i]^2.
func SumSquares[T Float](x []T) float64 { return vector[T]().sumSquares(x) }

// Dot returns the sum of a[i]*b[i].
func Dot[T Float](a, b []T) float64 {
	checkLen2(a, b)
	return vector[T]().dot(a, b)
}

// Max returns the largest element of x, ignoring NaN; -Inf if there is none.
func Max[T Float](x []T) T { return vector[T]().max(x) }

// AllFinite reports whether x is free of NaN and infinities.
func AllFinite[T Float](x []T) bool {
	// 0*v is 0 for a finite v and NaN otherwise, and a sum with a NaN is NaN.
	return vector[T]().sumZeros(x) == 0
}

// RowSums sets dst[r] to the sum of row r of x, a rows by cols matrix.
func RowSums[T Float](dst, x []T, rows, cols int) {
	checkRows(x, rows, cols)
	checkRows(dst, rows, 1)
	v := vector[T]()
	for r := range rows {
		dst[r] = T(v.sum(x[r*cols : (r+1)*cols]))
	}
}

// ColumnSums sets dst[c] to the sum of column c of x, a rows by cols matrix.
func ColumnSums[T Float](dst, x []T, rows, cols int) {
	checkRows(x, rows, cols)
	checkRows(dst, cols, 1)
	vector[T]().columnSums(dst, x)
}
