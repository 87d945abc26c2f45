package kernel

import (
	"math"
	"slices"
	"testing"
)

// The known answers are those published with the Random123 library (kat_vectors, philox4x32
// with 10 rounds): counter, key, output.
func TestPhiloxKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		s       Stream
		counter uint64
		want    [4]uint32
	}{
		{Stream{0, 0}, 0, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{Stream{1<<64 - 1, 1<<64 - 1}, 1<<64 - 1, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{Stream{0x299f31d0_a4093822, 0x03707344_13198a2e}, 0x85a308d3_243f6a88,
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := philox(c.s, c.counter); got != c.want {
			t.Errorf("philox(%x, %x) = %x, want %x", c.s, c.counter, got, c.want)
		}
	}
}

// guard surrounds n elements by values that a kernel must leave alone.
func guarded[T comparable](t *testing.T, n int, guard T, fill func(dst []T)) []T {
	t.Helper()
	const margin = 32
	all := slices.Repeat([]T{guard}, n+2*margin)
	dst := all[margin : margin+n]
	fill(dst)
	for i, x := range all {
		if (i < margin || i >= margin+n) && x != guard {
			t.Fatalf("length %d: element %d outside was overwritten by %v", n, i-margin, x)
		}
	}
	return dst
}

func atLevels(t *testing.T, f func(t *testing.T)) {
	for _, l := range Levels() {
		t.Run(l.String(), func(t *testing.T) {
			defer SetLevel(l)()
			f(t)
		})
	}
}

var lengths = []int{0, 1, 3, 4, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 1000, chunk + 17}

var streams = []Stream{{}, {Key: 1}, {Step: 1}, {0x0123456789abcdef, 0xfedcba9876543210}, {1<<64 - 1, 1<<64 - 1}}

// Offsets near 2^34 carry into the second word of the counter.
var offsets = []int{0, 16, 48, 64, 4096, 1<<34 - 64, 1<<34 - 16, 1<<62 - 4096}

// reference draws the word of element i of a stream by the definition.
func reference(s Stream, i int) uint32 { return philox(s, uint64(i/4))[i%4] }

func TestUint32sAreWordsOfBlocks(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		for _, s := range streams {
			for _, offset := range offsets {
				for _, n := range lengths {
					got := guarded(t, n, 0xdeadbeef, func(dst []uint32) { Uint32s(dst, s, offset) })
					for i, w := range got {
						if want := reference(s, offset+i); w != want {
							t.Fatalf("%v, offset %d, length %d: word %d is %x, want %x", s, offset, n, i, w, want)
						}
					}
				}
			}
		}
	})
}

func TestUniformIsWordScaled(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		s := Stream{7, 9}
		for _, n := range lengths {
			got := guarded(t, n, float32(-1), func(dst []float32) { Uniform(dst, s, 32) })
			for i, u := range got {
				want := math.Floor(float64(reference(s, 32+i))/256) / (1 << 24)
				if float64(u) != want {
					t.Fatalf("length %d: element %d is %v, want %v", n, i, u, want)
				}
			}
			wide := guarded(t, n, -1, func(dst []float64) { Uniform(dst, s, 32) })
			for i, u := range wide {
				if u < float64(got[i]) || u >= float64(got[i])+0x1p-24 {
					t.Fatalf("length %d: float64 element %d is %v, float32 %v", n, i, u, got[i])
				}
			}
		}
	})
}
