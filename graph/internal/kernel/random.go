package kernel

// A Stream names a sequence of random numbers. Element i of a stream depends on the stream
// and on i alone, so any part of it can be drawn, in any order, by any number of threads.
//
// The numbers are those of Philox4x32-10 (Salmon, Moraes, Dror and Shaw, Parallel Random
// Numbers: As Easy as 1, 2, 3, SC 2011): word i is word i%4 of the block whose counter is
// i/4 (low 64 bits) and Step (high 64 bits), encrypted under Key.
type Stream struct {
	Key  uint64
	Step uint64
}

// group is the number of elements that offsets are multiples of, and randomPiece the number
// that the vector loops draw at once.
const (
	group       = 16
	randomPiece = 64
)

// Uint32s sets dst[i] to word offset+i of stream s. The offset is a multiple of 16, as for
// all functions below.
func Uint32s(dst []uint32, s Stream, offset int) {
	checkOffset(offset)
	if len(dst) <= chunk {
		uint32s(dst, s, offset)
		return
	}
	For(len(dst), func(lo, hi int) { uint32s(dst[lo:hi], s, offset+lo) })
}

// Uniform sets dst[i] to element offset+i of the uniform distribution on [0, 1): word
// offset+i of s over 2^32, rounded down to a multiple of 2^-24. In float64 another stream
// supplies 29 more bits below, so that both types see the same numbers but for rounding.
func Uniform[T Float](dst []T, s Stream, offset int) {
	checkOffset(offset)
	if len(dst) <= chunk {
		uniform(dst, s, offset)
		return
	}
	For(len(dst), func(lo, hi int) { uniform(dst[lo:hi], s, offset+lo) })
}

// Bernoulli sets dst[i] to 1 if Uniform's element offset+i is less than p[i], else to 0:
// never for p[i] <= 0, always for p[i] >= 1. A NaN in p is copied, so that it is not lost.
// The slices may be the same. It panics if p is shorter than dst.
func Bernoulli[T Float](dst, p []T, s Stream, offset int) {
	checkOffset(offset)
	if len(p) < len(dst) {
		panic("kernel: Bernoulli has fewer probabilities than elements")
	}
	if len(dst) <= chunk {
		bernoulli(dst, p, s, offset)
		return
	}
	For(len(dst), func(lo, hi int) { bernoulli(dst[lo:hi], p[lo:hi], s, offset+lo) })
}

// Normal sets dst[i] to element offset+i of the standard normal distribution: the quantile
// of the middle of the cell of width 2^-32 that word offset+i of s names. The values are
// symmetric about zero and reach ±6.34 (a fair generator passes that once in 4e9 draws).
// In float32 the quantile is a polynomial with a relative error below 1e-6; in float64 it is
// math.Erfinv, with 21 more bits from another stream, and reaches ±8.2.
func Normal[T Float](dst []T, s Stream, offset int) {
	checkOffset(offset)
	if len(dst) <= chunk {
		normal(dst, s, offset)
		return
	}
	For(len(dst), func(lo, hi int) { normal(dst[lo:hi], s, offset+lo) })
}

func checkOffset(offset int) {
	if offset < 0 || offset%group != 0 {
		panic("kernel: offset into a random stream is not a multiple of 16")
	}
}

// uniform, bernoulli and normal draw one piece, by vector instructions where there are any.

func uniform[T Float](dst []T, s Stream, offset int) {
	switch d := any(dst).(type) {
	case []float32:
		uniform32(d, s, offset)
	case []float64:
		uniform64(d, s, offset)
	}
}

func bernoulli[T Float](dst, p []T, s Stream, offset int) {
	switch d := any(dst).(type) {
	case []float32:
		bernoulli32(d, any(p).([]float32), s, offset)
	case []float64:
		bernoulli64(d, any(p).([]float64), s, offset)
	}
}

func normal[T Float](dst []T, s Stream, offset int) {
	switch d := any(dst).(type) {
	case []float32:
		normal32(d, s, offset)
	case []float64:
		normal64(d, s, offset)
	}
}
