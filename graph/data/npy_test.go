package data

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
)

// npy is an NPY file of version 1 with the given description and body.
func npy(description, body string) []byte {
	b := []byte("\x93NUMPY\x01\x00")
	b = binary.LittleEndian.AppendUint16(b, uint16(len(description)))
	return append(append(b, description...), body...)
}

func describeNPY(descr, fortran, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }   \n", descr, fortran, shape)
}

// The bodies are the bytes of 1 (or True), and of a second number that shows sign and order.
func TestNPYElements(t *testing.T) {
	for _, c := range []struct {
		descr, body string
		want        graph.Array
	}{
		{"|b1", "\x01\x00", graph.Ints([]int{1, 0}, 2)},
		{"|u1", "\x01\xff", graph.Ints([]int{1, 255}, 2)},
		{"|i1", "\x01\xff", graph.Ints([]int{1, -1}, 2)},
		{"<u2", "\x01\x00\x02\xff", graph.Ints([]int{1, 0xff02}, 2)},
		{">u2", "\x00\x01\xff\x02", graph.Ints([]int{1, 0xff02}, 2)},
		{"<i2", "\x01\x00\xfe\xff", graph.Ints([]int{1, -2}, 2)},
		{">i4", "\x00\x00\x00\x01\xff\xff\xff\xfd", graph.Ints([]int{1, -3}, 2)},
		{"<u4", "\x01\x00\x00\x00\x00\x00\x00\xff", graph.Ints([]int{1, 0xff000000}, 2)},
		{"<i8", "\x01\x00\x00\x00\x00\x00\x00\x00\xfc\xff\xff\xff\xff\xff\xff\xff", graph.Ints([]int{1, -4}, 2)},
		{">u8", "\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00", graph.Ints([]int{1, 1 << 32}, 2)},
		{"<f4", "\x00\x00\x80\x3f\x00\x00\xc0\xbf", graph.Floats32([]float32{1, -1.5}, 2)},
		{">f4", "\x3f\x80\x00\x00\xbf\xc0\x00\x00", graph.Floats32([]float32{1, -1.5}, 2)},
		{"<f8", "\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\xf8\xbf", graph.Floats64([]float64{1, -1.5}, 2)},
	} {
		got, err := ReadNPY(writeFile(t, "a.npy", npy(describeNPY(c.descr, "False", "(2,)"), c.body)))
		if err != nil || !sameKind(got, c.want) || !slices.Equal(got.Int, c.want.Int) || !slices.Equal(got.F32, c.want.F32) ||
			!slices.Equal(got.F64, c.want.F64) {
			t.Errorf("%s: %v, %v, want %v", c.descr, got, err, c.want)
		}
		x, err := readNPYAs(writeFile(t, "a.npy", npy(describeNPY(c.descr, "False", "(2,)"), c.body)), asFloat32)
		if err != nil || x.F32 == nil || float64(x.F32[0]) != c.want.At(0) || x.F32[1] != float32(c.want.At(1)) {
			t.Errorf("%s as float32: %v, %v, want %v", c.descr, x, err, c.want)
		}
	}
}

func TestNPYShapes(t *testing.T) {
	// Element (i, j, k) of shape (2, 3, 4) is 12i + 4j + k; column-major files hold i fastest.
	var fortran []byte
	for k := range 4 {
		for j := range 3 {
			for i := range 2 {
				fortran = append(fortran, byte(12*i+4*j+k))
			}
		}
	}
	got, err := ReadNPY(writeFile(t, "f.npy", npy(describeNPY("|u1", "True", "(2, 3, 4)"), string(fortran))))
	if err != nil || !slices.Equal(got.Int, count(24)) || !slices.Equal(got.Shape, []int{2, 3, 4}) {
		t.Errorf("column-major: %v, %v", got, err)
	}
	for shape, want := range map[string][]int{"()": {}, "( )": {}, "(1,)": {1}, "(1,1)": {1, 1}, "( 1 , 1 , )": {1, 1}} {
		got, err := ReadNPY(writeFile(t, "s.npy", npy(describeNPY("|u1", "False", shape), "a")))
		if err != nil || !slices.Equal(got.Shape, want) || got.Check() != nil {
			t.Errorf("shape %s: %v, %v", shape, got, err)
		}
	}
	// Other orders of entries, other quotes, no last comma; version 2; gzip.
	other := `{"shape":(1,), "fortran_order":False,"descr":"|u1"}`
	v2 := append([]byte("\x93NUMPY\x02\x00"), byte(len(other)), 0, 0, 0)
	v2 = append(append(v2, other...), 'a')
	for _, content := range [][]byte{npy(other, "a"), v2, pack(t, v2)} {
		if got, err := ReadNPY(writeFile(t, "o.npy", content)); err != nil || !slices.Equal(got.Int, []int{97}) {
			t.Errorf("%q: %v, %v", content, got, err)
		}
	}
}

func TestNPYErrors(t *testing.T) {
	good := npy(describeNPY("<f4", "False", "(2,)"), "12345678")
	for _, c := range []struct {
		name    string
		content []byte
		want    error
		say     string
	}{
		{"empty", nil, ErrFormat, "ends within"},
		{"magic", []byte("\x93NUMPX\x01\x00\x01\x00a"), ErrFormat, "starts with 93"},
		{"version", []byte("\x93NUMPY\x04\x00\x01\x00a"), ErrFormat, "version 4.0"},
		{"header cut", good[:20], ErrFormat, "ends within"},
		{"header of 4 GB", []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff{"), ErrFormat, "claims 4294967295 bytes"},
		{"cut", good[:len(good)-1], ErrFormat, "header says 2 numbers of 4 bytes but only 7 bytes follow"},
		{"long", append(bytes.Clone(good), 0), ErrFormat, "more bytes follow"},
		{"huge", npy(describeNPY("<f8", "False", "(1000000000000,)"), "12345678"), ErrFormat, "only 8 bytes follow"},
		{"overflow", npy(describeNPY("<f8", "False", "(4294967296, 4294967296)"), ""), ErrFormat, "larger than any file"},
		{"no elements", npy(describeNPY("<f8", "False", "(0, 3)"), ""), ErrEmpty, "[0 3]"},
		{"negative", npy(describeNPY("<f8", "False", "(-3,)"), ""), ErrFormat, "(-3,)"},
		{"complex", npy(describeNPY("<c8", "False", "(1,)"), "12345678"), ErrFormat, "<c8"},
		{"object", npy(describeNPY("|O", "False", "(1,)"), "12345678"), ErrFormat, "|O"},
		{"no order", npy(describeNPY("|f4", "False", "(1,)"), "1234"), ErrFormat, "|f4"},
		{"empty type", npy(describeNPY("", "False", "(1,)"), "1234"), ErrFormat, "element type"},
		{"order", npy(describeNPY("<f4", "0", "(1,)"), "1234"), ErrFormat, "True or False"},
		{"shape", npy(describeNPY("<f4", "False", "[1]"), "1234"), ErrFormat, "shape"},
		{"shape of text", npy(describeNPY("<f4", "False", "(a,)"), "1234"), ErrFormat, "(a,)"},
		{"many axes", npy(describeNPY("<f4", "True", "("+strings.Repeat("1,", 65)+")"), "1234"), ErrFormat, "65 axes"},
		{"unclosed", npy("{'descr': '<f4'", ""), ErrFormat, "not a dictionary"},
		{"no value", npy("{'descr'}", ""), ErrFormat, "no value"},
		{"entry missing", npy("{'descr': '<f4', 'shape': (1,)}", "1234"), ErrFormat, "expected descr, fortran_order and shape"},
		{"entry twice", npy("{'descr': '<f4', 'descr': '<f4', 'shape': (1,), 'fortran_order': False}", "1234"), ErrFormat, "entries"},
		{"no int", npy(describeNPY("<u8", "False", "(1,)"), "\xff\xff\xff\xff\xff\xff\xff\xff"), ErrFormat, "does not fit"},
	} {
		path := writeFile(t, "bad.npy", c.content)
		var err error
		used := allocated(func() { _, err = ReadNPY(path) })
		wantError(t, c.name, err, c.want, c.say)
		wantError(t, c.name, err, c.want, path)
		if used > 1<<19 {
			t.Errorf("%s: %d bytes allocated", c.name, used)
		}
	}
}

func TestLoadNPY(t *testing.T) {
	x := writeFile(t, "x.npy", npy(describeNPY("|u1", "False", "(2, 2)"), "\x01\x02\x03\x04"))
	y := writeFile(t, "y.npy", npy(describeNPY("|u1", "False", "(2,)"), "\x05\x00"))
	s, err := LoadNPY(x, y)
	if err != nil || !slices.Equal(s.X.F32, []float32{1, 2, 3, 4}) || !slices.Equal(s.Y.Int, []int{5, 0}) {
		t.Errorf("%v, %v", s, err)
	}
	target := writeFile(t, "t.npy", npy(describeNPY(">f8", "False", "(2,)"), "\x3f\xf0\x00\x00\x00\x00\x00\x00\x3f\xf8\x00\x00\x00\x00\x00\x00"))
	if s, err = LoadNPY(x, target); err != nil || !slices.Equal(s.Y.F32, []float32{1, 1.5}) {
		t.Errorf("float targets: %v, %v", s, err)
	}
	if s, err = LoadNPY(x, ""); err != nil || !s.Y.IsZero() {
		t.Errorf("no targets: %v, %v", s, err)
	}
	_, err = LoadNPY(x, writeFile(t, "z.npy", npy(describeNPY("|u1", "False", "(3,)"), "abc")))
	wantError(t, "counts", err, graph.ErrShape, "2 examples")
}

// npz is a zip of the given files, deflated.
func npz(t testing.TB, files ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i].(string))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[i+1].([]byte)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestNPZ(t *testing.T) {
	x := npy(describeNPY("<f4", "False", "(2, 1)"), "\x00\x00\x80\x3f\x00\x00\xc0\xbf")
	y := npy(describeNPY("|i1", "False", "(2,)"), "\x03\x04")
	path := writeFile(t, "a.npz", npz(t, "x_train.npy", x, "readme.txt", []byte("no array"), "y_train.npy", y))
	all, err := ReadNPZ(path)
	if err != nil || len(all) != 2 || !slices.Equal(all["x_train"].F32, []float32{1, -1.5}) || !slices.Equal(all["y_train"].Int, []int{3, 4}) {
		t.Errorf("%v, %v", all, err)
	}
	s, err := LoadNPZ(path, "x_train", "y_train")
	if err != nil || !slices.Equal(s.Shape(), []int{1}) || !slices.Equal(s.Y.Int, []int{3, 4}) {
		t.Errorf("%v, %v", s, err)
	}
	if s, err = LoadNPZ(path, "x_train", ""); err != nil || !s.Y.IsZero() {
		t.Errorf("no targets: %v, %v", s, err)
	}
	_, err = LoadNPZ(path, "x_test", "y_train")
	wantError(t, "no such array", err, ErrFormat, `no array "x_test" among ["x_train" "y_train"]`)
	_, err = LoadNPZ(path, "x_train", "x_train")
	wantError(t, "same", err, ErrConfig, "as inputs and as targets")
	_, err = ReadNPZ(filepath.Join(t.TempDir(), "absent"))
	wantError(t, "absent", err, os.ErrNotExist, "absent")

	whole := npz(t, "x.npy", npy(describeNPY("<f8", "False", "(1000,)"), string(make([]byte, 8000))))
	damaged := bytes.Clone(whole)
	damaged[60] ^= 0xff
	for name, content := range map[string][]byte{
		"no zip":    x,
		"cut":       whole[:len(whole)-30],
		"damaged":   damaged,
		"bad array": npz(t, "x.npy", []byte("abc")),
		"twice":     npz(t, "x.npy", x, "x.npy", x),
	} {
		path := writeFile(t, "bad.npz", content)
		_, err := ReadNPZ(path)
		wantError(t, name, err, ErrFormat, path)
	}
}

func FuzzNPY(f *testing.F) {
	f.Add(npy(describeNPY("<f4", "False", "(2,)"), "12345678"))
	f.Add(npy(describeNPY("|u1", "True", "(2, 3)"), "abcdef"))
	f.Add(npy(`{"shape":(),"fortran_order":True,"descr":">i8"}`, "12345678"))
	f.Add(npy(describeNPY("<f8", "False", "(1000000000000,)"), ""))
	f.Add([]byte("\x93NUMPY\x02\x00\xff\xff\xff\xff{"))
	f.Fuzz(func(t *testing.T, content []byte) {
		for as := asStored; as <= asTarget; as++ {
			used := allocated(func() {
				if a, err := decodeNPY(bytes.NewReader(content), as); err == nil && a.Check() != nil {
					t.Errorf("accepted an array that is wrong: %v", a.Check())
				}
			})
			if used > 1<<19+100*uint64(len(content)) {
				t.Errorf("%d bytes allocated for a file of %d", used, len(content))
			}
		}
	})
}

func FuzzNPZ(f *testing.F) {
	x := npy(describeNPY("<f4", "False", "(2, 1)"), "\x00\x00\x80\x3f\x00\x00\xc0\xbf")
	f.Add(npz(f, "x.npy", x))
	f.Add(npz(f, "x.npy", x, "y.npy", x[:len(x)-2], "z", []byte("z")))
	f.Fuzz(func(t *testing.T, content []byte) {
		z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		arrays, err := npzArrays(z.File, nil)
		for name, a := range arrays {
			if err == nil && a.Check() != nil {
				t.Errorf("accepted an array %q that is wrong: %v", name, a.Check())
			}
		}
	})
}
