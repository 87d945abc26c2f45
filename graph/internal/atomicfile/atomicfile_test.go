package atomicfile

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// want fails unless dir holds the one file "a" with the given content.
func want(t *testing.T, dir, content string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].Name() != "a" {
		t.Errorf("the folder holds %v, want the file a alone", list)
	}
	got, err := os.ReadFile(filepath.Join(dir, "a"))
	if err != nil || string(got) != content {
		t.Errorf("the file holds %q (%v), want %q", got, err, content)
	}
}

func TestWriteReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for _, s := range []string{"old and long", "new", ""} {
		if err := Write(path, text(s)); err != nil {
			t.Fatal(err)
		}
		want(t, dir, s)
	}
}

func TestFailedWriteKeepsTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left")
	err := Write(path, func(w io.Writer) error {
		if err := text("half of the n")(w); err != nil {
			return err
		}
		return full
	})
	if !errors.Is(err, full) || !strings.Contains(err.Error(), path) {
		t.Errorf("the error is %v, want one that is %v and names %s", err, full, path)
	}
	want(t, dir, "old")

	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		Write(path, func(io.Writer) error { panic("in the middle") })
	}()
	want(t, dir, "old")
}

func TestReadersSeeOldOrNew(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	err := Write(path, func(w io.Writer) error {
		if err := text("ne")(w); err != nil {
			return err
		}
		if got, _ := os.ReadFile(path); string(got) != "old" {
			t.Errorf("during the write the file holds %q, want %q", got, "old")
		}
		list, _ := os.ReadDir(dir)
		for _, e := range list {
			if IsTemp(e.Name()) != (e.Name() != "a") {
				t.Errorf("IsTemp(%q) is %v", e.Name(), IsTemp(e.Name()))
			}
		}
		return text("w")(w)
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, dir, "new")
}

func TestLeftOverTempIsNoObstacle(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	left, err := createTemp(path)
	if err != nil {
		t.Fatal(err)
	}
	left.Close()
	if err := Write(path, text("new")); err != nil {
		t.Fatal(err)
	}
	if !IsTemp(filepath.Base(left.Name())) {
		t.Errorf("IsTemp does not know %q", left.Name())
	}
	os.Remove(left.Name())
	want(t, dir, "new")
}

func TestPathsThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a")
	if err := Write(file, text("old")); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "folder")
	if err := os.MkdirAll(filepath.Join(folder, "full"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"parent is a file":      filepath.Join(file, "b"),
		"parent does not exist": filepath.Join(dir, "none", "b"),
		"is a folder":           folder,
		"is a device":           os.DevNull,
		"ends in a slash":       dir + string(filepath.Separator),
		"empty":                 "",
	} {
		err := Write(path, text("new"))
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: the error is %v, want one that names the path", name, err)
		}
		want(t, dir, "old")
	}
	list, _ := os.ReadDir(filepath.Dir(folder))
	if len(list) != 1 {
		t.Errorf("writing over a folder left %v", list)
	}
}
