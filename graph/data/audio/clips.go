package audio

import (
	"archive/tar"
	"bufio"
	"compress/flate"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph/data"
)

// A Clip is a wave with its name.
type Clip struct {
	Name string // path below the folder or in the archive, with slashes
	Wave
}

// maxUnpacked is the number of bytes that Load reads at most: about nine hours at 16 kHz. Compressed
// archives grow a thousandfold.
const maxUnpacked = 1 << 30

// Load reads all WAV files of a folder and the folders in it, or of a .tar or .tar.gz archive, sorted
// by name; or one WAV file. Other files, and hidden ones, are passed over. All must have one sample rate. A
// clip that cannot be read is an error that names it, data.ErrFormat if its content is at fault; no
// clips at all are a data.ErrEmpty, more than 1 GiB a data.ErrFormat.
func Load(path string) ([]Clip, error) { return load(path, maxUnpacked) }

func load(path string, limit int64) ([]Clip, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, errors.Wrap(err, "audio")
	}
	l := &loader{left: limit}
	switch {
	case info.IsDir():
		err = l.folder(path)
	case isWAV(path):
		err = l.file(path, filepath.Base(path))
	default:
		err = l.archive(path)
	}
	if err != nil {
		return nil, errors.WithMessagef(err, "audio: %q", path)
	}
	if err := l.check(); err != nil {
		return nil, errors.WithMessagef(err, "audio: %q", path)
	}
	return l.clips, nil
}

// isWAV reports whether a path names a WAV file that is not hidden.
func isWAV(name string) bool {
	base := path.Base(filepath.ToSlash(name))
	return strings.EqualFold(path.Ext(base), ".wav") && !strings.HasPrefix(base, ".")
}

// A loader gathers clips as long as they are not too large together.
type loader struct {
	clips []Clip
	left  int64 // bytes that may still be read
}

// counted is a reader whose bytes are taken from those left.
type counted struct {
	r    io.Reader
	left *int64
}

func (c counted) Read(b []byte) (int, error) {
	if *c.left <= 0 {
		return 0, errors.Wrap(data.ErrFormat, "too large")
	}
	n, err := c.r.Read(b[:min(int64(len(b)), *c.left)])
	*c.left -= int64(n)
	return n, err
}

func (l *loader) add(name string, r io.Reader) error {
	w, err := DecodeWAV(counted{r, &l.left})
	if err != nil {
		return errors.WithMessagef(err, "clip %q", name)
	}
	l.clips = append(l.clips, Clip{name, w})
	return nil
}

func (l *loader) file(name, shown string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return l.add(shown, bufio.NewReader(f))
}

func (l *loader) folder(dir string) error {
	return filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != dir && strings.HasPrefix(entry.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		if !isWAV(name) {
			return nil
		}
		relative, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		return l.file(name, filepath.ToSlash(relative))
	})
}

func (l *loader) archive(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	b := bufio.NewReader(f)
	var r io.Reader = b
	if head, _ := b.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		if r, err = gzip.NewReader(b); err != nil {
			return archiveError(err)
		}
	}
	whole := l.left // apart from the clips, which are larger than their part of the archive if they are sparse files
	r = counted{r, &whole}
	files := tar.NewReader(r)
	for {
		h, err := files.Next()
		if err == io.EOF {
			_, err := io.Copy(io.Discard, r) // to the end, where gzip verifies its checksum
			return archiveError(err)
		}
		if err != nil {
			return archiveError(err)
		}
		if h.Typeflag == tar.TypeReg && isWAV(h.Name) {
			if err := l.add(strings.TrimPrefix(path.Clean(h.Name), "/"), files); err != nil {
				return archiveError(err)
			}
		}
	}
}

// archiveError makes the errors that a damaged archive gives a data.ErrFormat.
func archiveError(err error) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, tar.ErrHeader) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.As(err, &corrupt) {
		return errors.Wrapf(data.ErrFormat, "damaged archive: %v", err)
	}
	return err
}

// check sorts the clips, and says what is wrong with them together, if anything.
func (l *loader) check() error {
	if len(l.clips) == 0 {
		return errors.Wrap(data.ErrEmpty, "no .wav files")
	}
	slices.SortFunc(l.clips, func(a, b Clip) int { return strings.Compare(a.Name, b.Name) })
	for i, c := range l.clips[1:] {
		switch before := l.clips[i]; {
		case c.Name == before.Name:
			return errors.Wrapf(data.ErrFormat, "two clips have the name %q", c.Name)
		case c.Rate != before.Rate:
			return errors.Wrapf(data.ErrFormat, "%q has %d samples a second, %q %d: they must be the same", before.Name, before.Rate, c.Name, c.Rate)
		}
	}
	return nil
}
