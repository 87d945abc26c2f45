package ckpt

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

func TestWriteAndRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.safetensors")
	if err := Write(path, sample()); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil || !equal(got, sample()) {
		t.Errorf("read %v, %v", got, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o400 == 0 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	damaged := filepath.Join(dir, "damaged")
	if err := os.WriteFile(damaged, encoded(t, sample())[:100], 0o666); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{
		filepath.Join(dir, "none"): os.ErrNotExist,
		damaged:                    ErrFormat,
		dir:                        ErrFormat,
	} {
		f, err := Read(path)
		if f != nil || !errors.Is(err, want) || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v, want %v that names %s", err, want, path)
		}
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := Write(path, sample()); err != nil {
		t.Fatal(err)
	}
	bad := sample()
	bad.Tensors["bad"] = graph.Array{}
	for where, f := range map[string]*File{path: bad, filepath.Join(path, "below a file"): sample(), filepath.Join(dir, "no", "folder"): sample()} {
		if err := Write(where, f); err == nil || !strings.Contains(err.Error(), where) {
			t.Errorf("error %v, want one that names %s", err, where)
		}
	}
	list, _ := os.ReadDir(dir)
	if len(list) != 1 {
		t.Errorf("the folder holds %v, want one file", list)
	}
	if got, err := Read(path); err != nil || !equal(got, sample()) {
		t.Errorf("the old file now holds %v, %v", got, err)
	}
}

// values copies what p's parameters hold.
func values(p *graph.Params) (all []float64) {
	for _, q := range p.List() {
		for i := range q.Size {
			all = append(all, q.Value().At(i))
		}
	}
	return all
}

func TestPutAndRestore(t *testing.T) {
	for _, dtype := range []graph.DType{graph.Float32, graph.Float64} {
		p := testParams(t, dtype, 1)
		f := NewFile()
		f.Put("model/", p)
		f.Tensors["step"] = graph.Ints([]int{3}, 1)
		f, err := decode(encoded(t, f))
		if err != nil {
			t.Fatal(err)
		}
		q := testParams(t, dtype, 2)
		if slices.Equal(values(p), values(q)) {
			t.Fatal("two seeds gave the same values: the test is blind")
		}
		if err := f.Restore(q, "model/"); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(values(p), values(q)) {
			t.Errorf("%v: the restored values differ", dtype)
		}
	}
}

func TestRestoreIntoTheOtherFloatType(t *testing.T) {
	f := NewFile()
	f.Put("", testParams(t, graph.Float32, 1))
	q := testParams(t, graph.Float64, 2)
	if err := f.Restore(q, ""); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(values(q), values(testParams(t, graph.Float32, 1))) {
		t.Error("float32 values changed on the way to float64")
	}
}

func TestRestoreAllOrNothing(t *testing.T) {
	for name, c := range map[string]struct {
		change func(map[string]graph.Array)
		says   []string
	}{
		"missing": {func(m map[string]graph.Array) { delete(m, "m/enc/0/b") }, []string{`"m/enc/0/b" is missing`}},
		"shape": {func(m map[string]graph.Array) { m["m/enc/0/w"] = m["m/enc/0/w"].Reshape(5, 3) },
			[]string{`"m/enc/0/w" has shape [5 3], want [3 5]`}},
		"integers": {func(m map[string]graph.Array) { m["m/enc/0/b"] = graph.Ints(make([]int, 5), 5) }, []string{`"m/enc/0/b" holds integers`}},
		"extra":    {func(m map[string]graph.Array) { m["m/enc/1/b"] = m["m/enc/0/b"] }, []string{`"m/enc/1/b" is not expected`}},
		"renamed": {func(m map[string]graph.Array) { m["m/last"] = m["m/chain"]; delete(m, "m/chain") },
			[]string{`"m/chain" is missing`, `"m/last" is not expected`}},
		"many": {func(m map[string]graph.Array) {
			for i := range 100 {
				m["m/x"+strings.Repeat("x", i)] = m["m/chain"]
			}
		}, []string{`"m/x" is not expected`, "and 88 more"}},
	} {
		f := NewFile()
		f.Put("m/", testParams(t, graph.Float32, 1))
		c.change(f.Tensors)
		q := testParams(t, graph.Float32, 2)
		before := values(q)
		err := f.Restore(q, "m/")
		if !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: error %v, want ErrMismatch", name, err)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%s: error %v does not say %s", name, err, s)
			}
		}
		if !slices.Equal(values(q), before) {
			t.Errorf("%s: the parameters were changed in spite of the error", name)
		}
	}
}

func TestRestoreRefusesWhatIsNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		f := NewFile()
		f.Put("m/", testParams(t, graph.Float32, 1))
		f.Tensors["m/enc/0/b"].F32[3] = float32(bad)
		q := testParams(t, graph.Float32, 2)
		before := values(q)
		if err := f.Restore(q, "m/"); !errors.Is(err, graph.ErrNotFinite) || !strings.Contains(err.Error(), "m/enc/0/b") {
			t.Errorf("%v: error %v, want ErrNotFinite that names the weights", bad, err)
		}
		if !slices.Equal(values(q), before) {
			t.Errorf("%v: the parameters were changed in spite of the error", bad)
		}
	}
}

// The memory between parameters stays as it was: zero, as optimisers and norms expect.
func TestRestoreLeavesThePaddingZero(t *testing.T) {
	f := NewFile()
	f.Put("", testParams(t, graph.Float32, 1))
	for _, a := range f.Tensors {
		for i := range a.F32 {
			a.F32[i] = 7
		}
	}
	q := testParams(t, graph.Float32, 2)
	if err := f.Restore(q, ""); err != nil {
		t.Fatal(err)
	}
	slab, _ := graph.Slab[float32](q)
	sevens := 0
	for _, v := range slab {
		if v == 7 {
			sevens++
		} else if v != 0 {
			t.Fatalf("the slab holds %v", v)
		}
	}
	if sevens != q.Count() {
		t.Errorf("%d numbers were set, want %d", sevens, q.Count())
	}
}

func TestEqualStateGivesEqualFiles(t *testing.T) {
	write := func(seed uint64) []byte {
		f, err := NewModel("ae", map[string]any{"b": 1, "a": 0.1}, map[string]string{"z": "1", "y": "2"}, testParams(t, graph.Float32, seed))
		if err != nil {
			t.Fatal(err)
		}
		return encoded(t, f)
	}
	if !bytes.Equal(write(1), write(1)) {
		t.Error("equal models were written as different bytes")
	}
	if bytes.Equal(write(1), write(2)) {
		t.Error("different models were written as equal bytes")
	}
}
