package data

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
)

func pack(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeFile(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// allocated is the number of bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestIDXElements(t *testing.T) {
	for _, c := range []struct {
		name string
		file string
		want []float32
	}{
		{"uint8", "\x00\x00\x08\x01\x00\x00\x00\x03\x00\x7f\xff", []float32{0, 127, 255}},
		{"int8", "\x00\x00\x09\x01\x00\x00\x00\x02\x7f\xff", []float32{127, -1}},
		{"int16", "\x00\x00\x0b\x01\x00\x00\x00\x02\x01\x02\xff\xfe", []float32{258, -2}},
		{"int32", "\x00\x00\x0c\x01\x00\x00\x00\x02\x00\x01\x00\x02\xff\xff\xff\xfd", []float32{65538, -3}},
		{"float32", "\x00\x00\x0d\x01\x00\x00\x00\x01\x3f\xc0\x00\x00", []float32{1.5}},
		{"float64", "\x00\x00\x0e\x01\x00\x00\x00\x01\xbf\xf8\x00\x00\x00\x00\x00\x00", []float32{-1.5}},
	} {
		for _, content := range [][]byte{[]byte(c.file), pack(t, []byte(c.file))} {
			a, err := ReadIDX(writeFile(t, "a", content))
			if err != nil || !slices.Equal(a.F32, c.want) || !slices.Equal(a.Shape, []int{len(c.want)}) {
				t.Errorf("%s: %v, %v, want %v", c.name, a, err, c.want)
			}
		}
	}
}

func TestLoadIDX(t *testing.T) {
	images := writeFile(t, "images", []byte("\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x03abcdef"))
	labels := writeFile(t, "labels.gz", pack(t, []byte("\x00\x00\x08\x01\x00\x00\x00\x02\x05\x09")))
	s, err := LoadIDX(images, labels)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.X.F32, []float32{97, 98, 99, 100, 101, 102}) || !slices.Equal(s.X.Shape, []int{2, 1, 3}) ||
		!slices.Equal(s.Y.Int, []int{5, 9}) {
		t.Errorf("X %v, Y %v", s.X, s.Y)
	}
	if s, err = LoadIDX(images, ""); err != nil || !s.Y.IsZero() {
		t.Errorf("without labels: %v, %v", s, err)
	}
	_, err = LoadIDX(images, writeFile(t, "labels", []byte("\x00\x00\x08\x01\x00\x00\x00\x01\x05")))
	wantError(t, "counts", err, graph.ErrShape, "2 examples")
	_, err = LoadIDX(images, images)
	wantError(t, "images as labels", err, ErrFormat, "one dimension of integers")
	_, err = LoadIDX(filepath.Join(t.TempDir(), "absent"), "")
	wantError(t, "absent", err, os.ErrNotExist, "absent")
}

func TestIDXErrors(t *testing.T) {
	good := []byte("\x00\x00\x08\x02\x00\x00\x00\x02\x00\x00\x00\x03abcdef")
	packed := pack(t, good)
	damaged := bytes.Clone(packed)
	damaged[len(damaged)-6] ^= 1 // in the checksum
	for _, c := range []struct {
		name    string
		content []byte
		want    error
		text    string
	}{
		{"empty file", nil, ErrFormat, "ends within the IDX header"},
		{"magic", []byte("\x01\x00\x08\x01\x00\x00\x00\x01a"), ErrFormat, "01 00 08 01"},
		{"type", []byte("\x00\x00\x0a\x01\x00\x00\x00\x01a"), ErrFormat, "element type"},
		{"no dimensions", []byte("\x00\x00\x08\x00a"), ErrFormat, "number of dimensions"},
		{"short header", good[:9], ErrFormat, "ends within the IDX header"},
		{"short", good[:15], ErrFormat, "header says 6 numbers of 1 bytes but only 3 bytes follow"},
		{"long", append(bytes.Clone(good), 0), ErrFormat, "more bytes follow"},
		{"empty array", []byte("\x00\x00\x08\x02\x00\x00\x00\x00\x00\x00\x00\x03"), ErrEmpty, "[0 3]"},
		{"overflow", []byte("\x00\x00\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), ErrFormat, "larger than any file"},
		{"gzip checksum", damaged, ErrFormat, "compressed data"},
		{"gzip cut", packed[:len(packed)-9], ErrFormat, "compressed data"},
		{"gzip header", packed[:5], ErrFormat, "compressed data"},
	} {
		path := writeFile(t, "bad-file", c.content)
		_, err := ReadIDX(path)
		wantError(t, c.name, err, c.want, c.text)
		wantError(t, c.name, err, c.want, path)
	}
}

// A header that claims terabytes must not cost memory.
func TestIDXHugeHeader(t *testing.T) {
	content := append([]byte("\x00\x00\x0e\x02\x7f\xff\xff\xff\x00\x00\xff\xff"), make([]byte, 1000)...)
	var err error
	used := allocated(func() { _, err = DecodeIDX(bytes.NewReader(content)) })
	wantError(t, "huge header", err, ErrFormat, "only 1000 bytes follow")
	if used > 1<<18 {
		t.Errorf("%d bytes allocated for a file of %d", used, len(content))
	}
}

func FuzzIDX(f *testing.F) {
	for _, seed := range []string{
		"\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x03abcdef",
		"\x00\x00\x0e\x01\x00\x00\x00\x01\xbf\xf8\x00\x00\x00\x00\x00\x00",
		"\x00\x00\x08\x01\x7f\xff\xff\xff",
		"\x00\x00\x0c\x01\x00\x00\x00\x02\x00\x01\x00\x02\xff\xff\xff\xfd",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		used := allocated(func() {
			for _, decode := range []func([]byte) (graph.Array, error){
				func(b []byte) (graph.Array, error) { return DecodeIDX(bytes.NewReader(b)) },
				func(b []byte) (graph.Array, error) { return DecodeIDXLabels(bytes.NewReader(b)) },
			} {
				if a, err := decode(content); err == nil && a.Check() != nil {
					t.Errorf("accepted an array that is wrong: %v", a.Check())
				}
			}
		})
		if used > 1<<19+64*uint64(len(content)) {
			t.Errorf("%d bytes allocated for a file of %d", used, len(content))
		}
	})
}
