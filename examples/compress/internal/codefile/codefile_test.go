package codefile

import (
	"encoding/binary"
	"math"
	"runtime"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// sample is n codes of l numbers, the last of which is constant.
func sample(n, l int) graph.Array {
	x := make([]float32, n*l)
	state := uint64(1)
	for i := range x {
		state = state*6364136223846793005 + 1442695040888963407
		x[i] = (float32(state>>40)/(1<<24) - 0.5) * float32(i%l+1)
		if i%l == l-1 {
			x[i] = -3.25
		}
	}
	return graph.Floats32(x, n, l)
}

func TestRoundTrip(t *testing.T) {
	const n, l = 50, 4
	codes := sample(n, l)
	for bits := 1; bits <= maxBits; bits++ {
		file, err := Encode(codes, bits)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(file)
		if err != nil {
			t.Fatal(err)
		}
		for j := range l {
			low, high := math.Inf(1), math.Inf(-1)
			for i := range n {
				low, high = min(low, codes.At(i*l+j)), max(high, codes.At(i*l+j))
			}
			half := (high - low) / (math.Exp2(float64(bits)) - 1) / 2
			for i := range n {
				if diff := math.Abs(got.At(i*l+j) - codes.At(i*l+j)); !(diff <= half+1e-6) {
					t.Fatalf("%d bits: number %d of code %d is off by %g, half a step is %g", bits, j, i, diff, half)
				}
			}
		}
	}
}

func TestEncodeRejects(t *testing.T) {
	codes := sample(3, 2)
	bad := sample(3, 2)
	bad.F32[4] = float32(math.NaN())
	for _, c := range []struct {
		codes graph.Array
		bits  int
		want  error
	}{
		{codes, 0, graph.ErrRange}, {codes, 17, graph.ErrRange}, {bad, 8, graph.ErrNotFinite},
		{codes.Reshape(6), 8, graph.ErrShape}, {codes.Reshape(2, 2), 8, graph.ErrShape},
		{graph.Array{}, 8, graph.ErrShape}, {sample(1, maxLength+1), 8, graph.ErrShape},
	} {
		if _, err := Encode(c.codes, c.bits); !errors.Is(err, c.want) {
			t.Errorf("Encode of shape %v to %d bits: error %v, expected %v", c.codes.Shape, c.bits, err, c.want)
		}
	}
}

// TestDecodeDamaged changes every byte, cuts the file everywhere and adds to it.
func TestDecodeDamaged(t *testing.T) {
	for _, bits := range []int{5, 12} {
		file, err := Encode(sample(20, 3), bits)
		if err != nil {
			t.Fatal(err)
		}
		for i := range file {
			if _, err := Decode(file[:i]); !errors.Is(err, ErrFormat) {
				t.Errorf("%d bits: the first %d of %d bytes: error %v", bits, i, len(file), err)
			}
			for _, flip := range []byte{1, 0x80, 0xff} {
				damaged := append([]byte(nil), file...)
				damaged[i] ^= flip
				if got, err := Decode(damaged); !errors.Is(err, ErrFormat) && !same(got, file) {
					t.Errorf("%d bits: byte %d changed by %#x: error %v", bits, i, flip, err)
				}
			}
		}
		if _, err := Decode(append(file[:len(file):len(file)], 0)); !errors.Is(err, ErrFormat) {
			t.Errorf("%d bits: a byte too many: error %v", bits, err)
		}
	}
}

// same reports whether codes are those of a file: the few unused bits of DEFLATE do not matter.
func same(codes graph.Array, file []byte) bool {
	want, err := Decode(file)
	if err != nil || len(want.F32) != len(codes.F32) {
		return false
	}
	for i, v := range want.F32 {
		if v != codes.F32[i] {
			return false
		}
	}
	return true
}

// TestDecodeBounded claims the largest file there can be: nothing may be allocated for it.
func TestDecodeBounded(t *testing.T) {
	file, err := Encode(sample(20, 1), 16)
	if err != nil {
		t.Fatal(err)
	}
	binary.LittleEndian.PutUint32(file[len(magic)+4:], maxImages)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = Decode(file)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrFormat) {
		t.Errorf("error %v", err)
	}
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 1<<20 {
		t.Errorf("a file of %d bytes makes Decode allocate %d bytes", len(file), bytes)
	}
}
