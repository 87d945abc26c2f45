//go:build !purego

package kernel

//go:generate go -C gen run ./random -out ../random_amd64.s -stubs ../random_stubs_amd64.go -pkg kernel

// philoxState is what the assembly reads: the two key words of every round, the first block,
// and the two words of the step, all in the low halves.
type philoxState = [2*philoxRounds + 3]uint64

func newPhiloxState(s Stream, offset int) (x philoxState) {
	k0, k1 := uint32(s.Key), uint32(s.Key>>32)
	for r := range philoxRounds {
		x[2*r], x[2*r+1] = uint64(k0), uint64(k1)
		k0 += philoxW0
		k1 += philoxW1
	}
	rest := x[2*philoxRounds:]
	rest[0], rest[1], rest[2] = uint64(offset)/4, uint64(uint32(s.Step)), s.Step>>32
	return x
}

// randomWhole is how many of n elements the assembly draws at the level in use: whole pieces.
// The generic functions, which give the same bits, draw the rest.
func randomWhole(n int) int {
	if level == Generic {
		return 0
	}
	return n &^ (randomPiece - 1)
}

func uint32s(dst []uint32, s Stream, offset int) {
	n := randomWhole(len(dst))
	if n > 0 {
		x := newPhiloxState(s, offset)
		if level == AVX512 {
			randomUint32sAVX512(&dst[0], n, &x)
		} else {
			randomUint32sAVX2(&dst[0], n, &x)
		}
	}
	uint32sGeneric(dst[n:], s, offset+n)
}

func uniform32(dst []float32, s Stream, offset int) {
	n := randomWhole(len(dst))
	if n > 0 {
		x := newPhiloxState(s, offset)
		if level == AVX512 {
			randomUniformAVX512(&dst[0], n, &x)
		} else {
			randomUniformAVX2(&dst[0], n, &x)
		}
	}
	uniform32Generic(dst[n:], s, offset+n)
}

func bernoulli32(dst, p []float32, s Stream, offset int) {
	n := randomWhole(len(dst))
	if n > 0 {
		x := newPhiloxState(s, offset)
		if level == AVX512 {
			randomBernoulliAVX512(&dst[0], &p[0], n, &x)
		} else {
			randomBernoulliAVX2(&dst[0], &p[0], n, &x)
		}
	}
	dst, p, offset = dst[n:], p[n:], offset+n
	if level == Generic || len(dst) < randomPiece/4 {
		bernoulli32Generic(dst, p, s, offset)
		return
	}
	// Pieces of a matrix's row often end like this: draw a whole piece.
	var whole [randomPiece]float32
	copy(whole[:], p[:len(dst)])
	x := newPhiloxState(s, offset)
	if level == AVX512 {
		randomBernoulliAVX512(&whole[0], &whole[0], randomPiece, &x)
	} else {
		randomBernoulliAVX2(&whole[0], &whole[0], randomPiece, &x)
	}
	copy(dst, whole[:])
}

func normal32(dst []float32, s Stream, offset int) {
	n := randomWhole(len(dst))
	if n > 0 {
		x := newPhiloxState(s, offset)
		if level == AVX512 {
			randomNormalAVX512(&dst[0], n, &x)
		} else {
			randomNormalAVX2(&dst[0], n, &x)
		}
	}
	normal32Generic(dst[n:], s, offset+n)
}
