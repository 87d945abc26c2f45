package kernel

import (
	"math"
	"math/bits"
)

// Multipliers and key increments of Philox4x32.
const (
	philoxM0     = 0xD2511F53
	philoxM1     = 0xCD9E8D57
	philoxW0     = 0x9E3779B9
	philoxW1     = 0xBB67AE85
	philoxRounds = 10
)

// philox encrypts one block of four words.
func philox(s Stream, counter uint64) [4]uint32 {
	c0, c1 := uint32(counter), uint32(counter>>32)
	c2, c3 := uint32(s.Step), uint32(s.Step>>32)
	k0, k1 := uint32(s.Key), uint32(s.Key>>32)
	for range philoxRounds {
		hi0, lo0 := bits.Mul32(philoxM0, c0)
		hi1, lo1 := bits.Mul32(philoxM1, c2)
		c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0
		k0 += philoxW0
		k1 += philoxW1
	}
	return [4]uint32{c0, c1, c2, c3}
}

// lowBits is the stream of the lower bits of float64 numbers drawn from s.
func (s Stream) lowBits() Stream { return Stream{^s.Key, s.Step} }

func uint32sGeneric(dst []uint32, s Stream, offset int) {
	for i := 0; i < len(dst); i += 4 {
		w := philox(s, uint64(offset+i)/4)
		copy(dst[i:], w[:])
	}
}

// uniformOf32 maps a word to [0, 1).
func uniformOf32(w uint32) float32 { return float32(w>>8) * 0x1p-24 }

func uniform32Generic(dst []float32, s Stream, offset int) {
	for i := 0; i < len(dst); i += 4 {
		w := philox(s, uint64(offset+i)/4)
		for j := range min(4, len(dst)-i) {
			dst[i+j] = uniformOf32(w[j])
		}
	}
}

func bernoulli32Generic(dst, p []float32, s Stream, offset int) {
	for i := 0; i < len(dst); i += 4 {
		w := philox(s, uint64(offset+i)/4)
		for j := range min(4, len(dst)-i) {
			dst[i+j] = bernoulliOf(uniformOf32(w[j]), p[i+j])
		}
	}
}

func bernoulliOf[T Float](u, p T) T {
	switch {
	case u < p:
		return 1
	case p != p:
		return p
	}
	return 0
}

func normal32Generic(dst []float32, s Stream, offset int) {
	for i := 0; i < len(dst); i += 4 {
		w := philox(s, uint64(offset+i)/4)
		for j := range min(4, len(dst)-i) {
			dst[i+j] = normalOf32(w[j])
		}
	}
}

// Coefficients, lowest power first, fitted for least relative error to the functions named.
var (
	// log2(1+r)/r for r in [-1/4, 1/2).
	log2Poly = [8]float32{1.442695856, -0.7213521003, 0.48080194, -0.3602610528,
		0.2908063531, -0.2519421279, 0.2012798488, -0.09087799489}
	// Φ⁻¹((1+a)/2)/a as a function of L-4, where L = -log2(1-a²), for L in [0, 8).
	quantileCentre = [9]float32{2.217920065, 0.2392829359, -0.003469732357, -0.0004809461825,
		6.810972263e-05, -2.064291039e-06, -4.196111263e-07, 3.838367135e-08, 8.911008598e-10}
	// The same as a function of sqrt(L)-4.25 for L in [8, 31].
	quantileTail = [9]float32{4.771739959, 1.186370969, 0.003001467558, -0.001548657427,
		0.0006173801958, -0.0003433688544, 0.0002252744162, -7.464581722e-05, 3.273749599e-06}
)

// tailStart is the L from which quantileTail holds; centreMiddle and tailMiddle are the
// points about which the polynomials are written.
const (
	tailStart    = 8
	centreMiddle = 4
	tailMiddle   = 4.25
)

// normalOf32 is the normal quantile of (w+1/2)/2^32, where w counts from -2^31 as a signed
// integer. The approach is that of Giles, Approximating the erfinv function, GPU Computing
// Gems 2 (2011): the quantile over its argument a is a smooth function of log(1-a²).
// Products and sums are rounded one by one (no fused operation), so that every
// implementation gives the same bits.
func normalOf32(w uint32) float32 {
	sign := int32(w) >> 31
	k := int32(w) ^ sign
	// a = |2w+1|/2^32 and t = 1-a, each with a relative error of one rounding.
	a := (float32(k) + 0.5) * 0x1p-31
	t := (float32(k^math.MaxInt32) + 0.5) * 0x1p-31

	// 1-a² = m 2^e with m in [3/4, 3/2).
	u := int32(math.Float32bits(t * (a + 1)))
	e := (u - 0x3f400000) >> 23
	r := math.Float32frombits(uint32(u-e<<23)) - 1
	l := -(float32(horner(log2Poly[:], r)*r) + float32(e))

	var z float32
	if l >= tailStart {
		z = horner(quantileTail[:], float32(math.Sqrt(float64(l)))-tailMiddle)
	} else {
		z = horner(quantileCentre[:], l-centreMiddle)
	}
	z *= a
	return math.Float32frombits(math.Float32bits(z) ^ w&(1<<31))
}

func horner(c []float32, x float32) float32 {
	y := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		y = float32(y*x) + c[i]
	}
	return y
}

// words64 gives the numbers of four consecutive float64 elements: the words of s above those
// of its stream of low bits.
func words64(s Stream, counter uint64) (w [4]uint64) {
	high, low := philox(s, counter), philox(s.lowBits(), counter)
	for j := range w {
		w[j] = uint64(high[j])<<32 | uint64(low[j])
	}
	return w
}

func uniformOf64(w uint64) float64 { return float64(w>>11) * 0x1p-53 }

func uniform64(dst []float64, s Stream, offset int) {
	for i := 0; i < len(dst); i += 4 {
		w := words64(s, uint64(offset+i)/4)
		for j := range min(4, len(dst)-i) {
			dst[i+j] = uniformOf64(w[j])
		}
	}
}

func bernoulli64(dst, p []float64, s Stream, offset int) {
	for i := 0; i < len(dst); i += 4 {
		w := words64(s, uint64(offset+i)/4)
		for j := range min(4, len(dst)-i) {
			dst[i+j] = bernoulliOf(uniformOf64(w[j]), p[i+j])
		}
	}
}

func normal64(dst []float64, s Stream, offset int) {
	for i := 0; i < len(dst); i += 4 {
		w := words64(s, uint64(offset+i)/4)
		for j := range min(4, len(dst)-i) {
			dst[i+j] = normalOf64(w[j])
		}
	}
}

// normalOf64 is the normal quantile of the middle of the cell of width 2^-53 that the highest
// 53 bits of w, counted from -2^52 as a signed integer, name.
func normalOf64(w uint64) float64 {
	x := (float64(int64(w)>>11) + 0.5) * 0x1p-52
	return math.Sqrt2 * math.Erfinv(x)
}
