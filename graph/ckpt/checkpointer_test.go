package ckpt

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// at is a File that tells its step.
func at(step int) *File {
	f := NewFile()
	f.Tensors["step"] = graph.Ints([]int{step}, 1)
	f.Tensors["w"] = graph.Floats32(make([]float32, 100), 100)
	return f
}

func checkpointer(t *testing.T, dir string, keep int, steps ...int) *Checkpointer {
	t.Helper()
	c, err := NewCheckpointer(dir, keep)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if err := c.Save(s, at(s)); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// holds fails unless the folder holds exactly the files of these names.
func holds(t *testing.T, dir string, want ...string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range list {
		got = append(got, e.Name())
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}

// latest fails unless Latest gives this step and so many skipped files.
func latest(t *testing.T, c *Checkpointer, step, skipped int) {
	t.Helper()
	got, err := c.Latest()
	if err != nil {
		t.Fatal(err)
	}
	if got.Step != step || got.Tensors["step"].Int[0] != step || len(got.Skipped) != skipped {
		t.Errorf("latest is step %d with %d skipped, want %d with %d", got.Step, len(got.Skipped), step, skipped)
	}
	for _, err := range got.Skipped {
		if !errors.Is(err, ErrFormat) {
			t.Errorf("skipped because of %v", err)
		}
	}
}

func truncate(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()-1); err != nil {
		t.Fatal(err)
	}
}

func TestCheckpointerKeepsTheLast(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	c := checkpointer(t, dir, 2)
	if _, err := c.Latest(); !errors.Is(err, ErrNoCheckpoint) {
		t.Errorf("an empty folder gives %v, want ErrNoCheckpoint", err)
	}
	for _, s := range []int{0, 9, 10, 123456789, 1000000000} { // the last two outgrow the padding
		if err := c.Save(s, at(s)); err != nil {
			t.Fatal(err)
		}
		latest(t, c, s, 0)
	}
	holds(t, dir, "ckpt-123456789.safetensors", "ckpt-1000000000.safetensors")
	latest(t, checkpointer(t, dir, 1), 1000000000, 0)
}

func TestSavingAStepAgainReplacesIt(t *testing.T) {
	dir := t.TempDir()
	c := checkpointer(t, dir, 3, 1, 2)
	f := at(2)
	f.Meta["again"] = "yes"
	if err := c.Save(2, f); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, "ckpt-00000001.safetensors", "ckpt-00000002.safetensors")
	if got, err := c.Latest(); err != nil || got.Meta["again"] != "yes" {
		t.Errorf("latest is %v, %v", got, err)
	}
}

func TestDamagedNewestFallsBack(t *testing.T) {
	dir := t.TempDir()
	c := checkpointer(t, dir, 3, 10, 20, 30)
	truncate(t, c.path(30))
	b, err := os.ReadFile(c.path(20))
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-1] ^= 1 // as long as before: only the checksum tells
	if err := os.WriteFile(c.path(20), b, 0o666); err != nil {
		t.Fatal(err)
	}
	latest(t, c, 10, 2)
	// The run goes on from 10 over the damaged ones.
	if err := c.Save(15, at(15)); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, "ckpt-00000010.safetensors", "ckpt-00000015.safetensors")
	latest(t, c, 15, 0)
}

func TestAllDamaged(t *testing.T) {
	c := checkpointer(t, t.TempDir(), 3, 10, 20)
	truncate(t, c.path(10))
	truncate(t, c.path(20))
	_, err := c.Latest()
	if !errors.Is(err, ErrFormat) || errors.Is(err, ErrNoCheckpoint) || !strings.Contains(err.Error(), c.path(20)) {
		t.Errorf("error %v, want ErrFormat that names the newest", err)
	}
}

func TestAnotherRunsCheckpointsStay(t *testing.T) {
	dir := t.TempDir()
	checkpointer(t, dir, 2, 100, 200)
	err := checkpointer(t, dir, 2).Save(50, at(50))
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "step 200") && !strings.Contains(err.Error(), "step 100") {
		t.Errorf("error %v, want ErrNewer that names a step", err)
	}
	holds(t, dir, "ckpt-00000100.safetensors", "ckpt-00000200.safetensors")
}

// What a kill in the middle of a write leaves is no checkpoint, and is cleared away; files of others
// are left alone.
func TestLeftOversOfAKill(t *testing.T) {
	dir := t.TempDir()
	checkpointer(t, dir, 2, 1)
	half := encoded(t, at(2))[:200]
	others := []string{"notes.txt", ".other.tmp-1-0", "ckpt-2.safetensors", "ckpt-x.safetensors", "ckpt--0000003.safetensors", "ckpt-00000004.safetensors.old"}
	for _, name := range append(others, ".ckpt-00000002.safetensors.tmp-4711-0") {
		if err := os.WriteFile(filepath.Join(dir, name), half, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c := checkpointer(t, dir, 2)
	latest(t, c, 1, 0)
	holds(t, dir, append(others, "ckpt-00000001.safetensors")...)
}

func TestFailedSaveKeepsTheOldOnes(t *testing.T) {
	dir := t.TempDir()
	c := checkpointer(t, dir, 1, 1)
	bad := at(2)
	bad.Tensors["bad"] = graph.Array{}
	if err := c.Save(2, bad); err == nil {
		t.Error("a File with an empty array was saved")
	}
	if err := c.Save(-1, at(1)); err == nil {
		t.Error("step -1 was saved")
	}
	holds(t, dir, "ckpt-00000001.safetensors")
	latest(t, c, 1, 0)
}

func TestCheckpointFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		if _, err := NewCheckpointer(dir, 2); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("error %v, want one that names %s", err, file)
		}
	}
	if _, err := NewCheckpointer(t.TempDir(), 0); err == nil || !strings.Contains(err.Error(), "keep") {
		t.Errorf("keeping none: error %v", err)
	}
}
