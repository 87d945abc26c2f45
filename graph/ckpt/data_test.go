package ckpt

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

func TestRoundTripIsBitExact(t *testing.T) {
	long := NewFile() // more than a chunk of each type, not a multiple
	n := 2*chunk + 7
	x32, x64, ints := make([]float32, n), make([]float64, n), make([]int, n)
	for i := range n {
		x32[i] = math.Float32frombits(uint32(i) * 2654435761)
		x64[i] = math.Float64frombits(uint64(i) * 0x9e3779b97f4a7c15)
		ints[i] = i*i*i - n
	}
	long.Tensors["x32"] = graph.Floats32(x32, n)
	long.Tensors["x64"] = graph.Floats64(x64, 1, n)
	long.Tensors["ints"] = graph.Ints(ints, n, 1)
	for name, f := range map[string]*File{"sample": sample(), "long": long, "empty": NewFile()} {
		got, err := decode(encoded(t, f))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !equal(f, got) {
			t.Errorf("%s: wrote %v, read %v", name, f, got)
		}
	}
	zero, err := decode(encoded(t, &File{}))
	if err != nil || !equal(zero, NewFile()) {
		t.Errorf("the zero File comes back as %v, %v", zero, err)
	}
}

// The tests' equal must tell files apart by one bit.
func TestEqualIsStrict(t *testing.T) {
	for name, change := range map[string]func(*File){
		"negative zero": func(f *File) { f.Tensors["enc/0/w"].F32[4] = 0 },
		"NaN payload":   func(f *File) { f.Tensors["wide"].F64[1] = math.NaN() },
		"shape":         func(f *File) { f.Tensors["scalar"] = f.Tensors["scalar"].Reshape(1) },
		"integer":       func(f *File) { f.Tensors["labels"].Int[3]++ },
		"metadata":      func(f *File) { f.Meta["note"] += " " },
		"name":          func(f *File) { f.Tensors["w"] = f.Tensors["wide"]; delete(f.Tensors, "wide") },
	} {
		f := sample()
		if change(f); equal(f, sample()) {
			t.Errorf("equal is blind to a change of %s", name)
		}
		if bytes.Equal(encoded(t, f), encoded(t, sample())) {
			t.Errorf("the file does not show a change of %s", name)
		}
	}
}

func TestEqualFilesHaveEqualBytes(t *testing.T) {
	first := encoded(t, sample())
	for range 20 { // maps are ranged over in another order each time
		if !bytes.Equal(first, encoded(t, sample())) {
			t.Fatal("equal Files were written as different bytes")
		}
	}
}

// What the format's description asks of a file, checked without this package's reader.
func TestLayout(t *testing.T) {
	b := encoded(t, sample())
	n := binary.LittleEndian.Uint64(b)
	if n%8 != 0 {
		t.Errorf("the header has %d bytes, want a multiple of 8", n)
	}
	var h map[string]json.RawMessage
	if err := json.Unmarshal(b[8:8+n], &h); err != nil {
		t.Fatal(err)
	}
	var meta map[string]string
	if err := json.Unmarshal(h["__metadata__"], &meta); err != nil || meta["note"] != sample().Meta["note"] {
		t.Errorf("metadata %q, %v", meta, err)
	}
	var wide struct {
		Dtype   string
		Shape   []int
		Offsets [2]int `json:"data_offsets"`
	}
	if err := json.Unmarshal(h["wide"], &wide); err != nil {
		t.Fatal(err)
	}
	if wide.Dtype != "F64" || len(wide.Shape) != 1 || wide.Shape[0] != 3 {
		t.Errorf("wide is %+v", wide)
	}
	at := 8 + int(n) + wide.Offsets[0]
	if at%8 != 0 {
		t.Errorf("a float64 tensor begins at byte %d, want a multiple of 8", at)
	}
	if got := binary.LittleEndian.Uint64(b[at+8:]); got != 0xfff0000000000abc {
		t.Errorf("element 1 has the bits %x", got)
	}
}

func TestEncodeRefuses(t *testing.T) {
	ok := graph.Floats32([]float32{1}, 1)
	for name, f := range map[string]*File{
		"two kinds of number": {Tensors: map[string]graph.Array{"a": {Shape: []int{1}, F32: []float32{1}, Int: []int{1}}}},
		"wrong length":        {Tensors: map[string]graph.Array{"a": graph.Floats32([]float32{1}, 2)}},
		"empty":               {Tensors: map[string]graph.Array{"a": graph.Floats32([]float32{}, 0)}},
		"zero Array":          {Tensors: map[string]graph.Array{"a": {}}},
		"reserved name":       {Tensors: map[string]graph.Array{"__metadata__": ok}},
		"name not UTF-8":      {Tensors: map[string]graph.Array{"a\xff": ok}},
		"key not UTF-8":       {Meta: map[string]string{"a\xff": ""}},
		"value not UTF-8":     {Meta: map[string]string{"a": "\xff"}},
		"header too long":     {Meta: map[string]string{"a": strings.Repeat("a", maxHeader)}},
	} {
		var b bytes.Buffer
		if err := f.Encode(&b); err == nil || b.Len() > 0 {
			t.Errorf("%s: error %v after %d bytes, want an error and no byte", name, err, b.Len())
		}
	}
}

// A limited writer fails, as a full disk does, after so many bytes.
type limited struct{ left int }

var errFull = errors.New("no space left on device")

func (w *limited) Write(b []byte) (int, error) {
	if len(b) > w.left {
		return w.left, errFull
	}
	w.left -= len(b)
	return len(b), nil
}

func TestEncodeReportsAFullDisk(t *testing.T) {
	size := len(encoded(t, sample()))
	for n := range size {
		if err := sample().Encode(&limited{n}); !errors.Is(err, errFull) {
			t.Fatalf("full after %d bytes of %d: error %v", n, size, err)
		}
	}
	if err := sample().Encode(&limited{size}); err != nil {
		t.Errorf("just enough room: %v", err)
	}
}

// A failing reader gives errors other than the end of the file.
type failing struct {
	io.ReaderAt
	after int64
}

var errDisk = errors.New("input/output error")

func (r failing) ReadAt(b []byte, at int64) (int, error) {
	if at+int64(len(b)) > r.after {
		return 0, errDisk
	}
	return r.ReaderAt.ReadAt(b, at)
}

func TestDecodeTellsAFailingDiskFromABadFile(t *testing.T) {
	b := encoded(t, sample())
	for n := range len(b) {
		_, err := Decode(failing{bytes.NewReader(b), int64(n)}, int64(len(b)))
		if !errors.Is(err, errDisk) || errors.Is(err, ErrFormat) {
			t.Fatalf("failure after %d bytes: error %v", n, err)
		}
	}
}
