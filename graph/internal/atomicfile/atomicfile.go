// Package atomicfile writes a file whole or not at all.
package atomicfile

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/pkg/errors"
)

// Write makes write's output the content of the file at path. Until all of it is on the disk the
// old file stays as it was; when Write returns nil, the new one survives a loss of power. On an
// error, or a panic of write, nothing is left behind. The folder must exist, and what is at path
// already must be a file: a device is refused, a symbolic link is replaced.
func Write(path string, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return errors.Errorf("write %q: there is something else than a file: %v", path, info.Mode())
	}
	f, err := createTemp(path)
	if err != nil {
		return errors.Wrapf(err, "write %q", path)
	}
	written := false
	defer func() {
		if !written {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return errors.Wrapf(err, "write %q", path)
	}
	if err := f.Sync(); err != nil {
		return errors.Wrapf(err, "write %q", path)
	}
	if err := f.Close(); err != nil {
		return errors.Wrapf(err, "write %q", path)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return errors.Wrapf(err, "write %q", path)
	}
	written = true
	return errors.Wrapf(syncDir(filepath.Dir(path)), "write %q: the folder", path)
}

// IsTemp reports whether name, without folder, is that of a temporary file of Write: found when
// no Write is under way, it was left by a process that was killed.
func IsTemp(name string) bool {
	return strings.HasPrefix(name, ".") && strings.Contains(name, tempMark)
}

const tempMark = ".tmp-"

// createTemp makes a new file in path's folder, with the permissions of any new file, which
// os.CreateTemp would not give.
func createTemp(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	if base == "" {
		return nil, errors.New("the path names a folder; it must name a file")
	}
	for i := 0; ; i++ {
		name := fmt.Sprintf("%s.%s%s%d-%d", dir, base, tempMark, os.Getpid(), i)
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil || !errors.Is(err, fs.ErrExist) || i == 1000 {
			return f, err
		}
	}
}

// syncDir makes a rename within dir durable, where the system can.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil // a file system that has no such call
	}
	return err
}
