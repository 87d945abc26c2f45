package codefile

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

func codes(n, l int) graph.Array {
	x := make([]float32, n*l)
	graph.Normal(graph.NewKey(1), x)
	for i := range n {
		x[i*l] = 3 // a unit that does not vary
	}
	return graph.Floats32(x, n, l)
}

// The error of a number is at most half a level of its range.
func TestRoundTrip(t *testing.T) {
	for _, bits := range []int{1, 3, 8, 9, 16} {
		in := codes(50, 7)
		var b bytes.Buffer
		if err := Encode(&b, in, bits); err != nil {
			t.Fatal(err)
		}
		out, err := Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		for j := range 7 {
			low, high := math.Inf(1), math.Inf(-1)
			for i := range 50 {
				low, high = min(low, in.At(i*7+j)), max(high, in.At(i*7+j))
			}
			half := (high-low)/float64(int(1)<<bits-1)/2 + 1e-6
			for i := range 50 {
				if d := math.Abs(out.At(i*7+j) - in.At(i*7+j)); d > half {
					t.Fatalf("%d bits, number %d of image %d is off by %g, at most %g", bits, j, i, d, half)
				}
			}
		}
	}
}

func TestRefusesWhatCannotBeWritten(t *testing.T) {
	nan := codes(2, 3)
	nan.F32[4] = float32(math.NaN())
	if err := Encode(&bytes.Buffer{}, nan, 8); !errors.Is(err, graph.ErrNotFinite) {
		t.Errorf("NaN: %v", err)
	}
	for _, bits := range []int{0, 17, -1} {
		if Encode(&bytes.Buffer{}, codes(2, 3), bits) == nil {
			t.Errorf("%d bits are accepted", bits)
		}
	}
	if err := Encode(&bytes.Buffer{}, graph.Floats32([]float32{1}, 1), 8); !errors.Is(err, graph.ErrShape) {
		t.Errorf("one axis: %v", err)
	}
}

func TestDamage(t *testing.T) {
	var b bytes.Buffer
	if err := Encode(&b, codes(20, 3), 10); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	want, err := Decode(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	const head = 14 + 3*8 + 4
	for n := range whole {
		if _, err := Decode(bytes.NewReader(whole[:n])); !errors.Is(err, ErrFormat) {
			t.Fatalf("cut off after %d of %d bytes: %v", n, len(whole), err)
		}
	}
	for i := range whole {
		for bit := range 8 {
			bad := bytes.Clone(whole)
			bad[i] ^= 1 << bit
			got, err := Decode(bytes.NewReader(bad))
			if i < head && !errors.Is(err, ErrFormat) {
				t.Errorf("bit %d of byte %d of the header is wrong: %v", bit, i, err)
			}
			if err == nil && !slices.Equal(got.F32, want.F32) { // gzip has bits that do not matter
				t.Errorf("bit %d of byte %d is wrong, and so are the codes", bit, i)
			}
		}
	}
	huge := bytes.Clone(whole)
	copy(huge[6:], []byte{255, 255, 255, 255, 255, 255, 255, 255})
	if _, err := Decode(bytes.NewReader(huge)); !errors.Is(err, ErrFormat) {
		t.Errorf("a header of 2^64 numbers: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := Encode(&b, codes(5, 2), 8); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Decode(bytes.NewReader(data))
		if err == nil && a.CheckFinite() != nil {
			t.Error("numbers that are not finite")
		}
	})
}
