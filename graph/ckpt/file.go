package ckpt

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/atomicfile"
)

// A File is what one file holds.
type File struct {
	Meta    map[string]string
	Tensors map[string]graph.Array // by path, as enc/0/w
}

// NewFile is an empty File.
func NewFile() *File {
	return &File{Meta: map[string]string{}, Tensors: map[string]graph.Array{}}
}

// Read reads the file at path into memory. The error is ErrFormat if it is not a safetensors file,
// is truncated or damaged, or holds what this package has no use for.
func Read(path string) (*File, error) {
	r, size, err := open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	f, err := Decode(r, size)
	return f, errors.Wrapf(err, "read %q", path)
}

// open opens a file for reading and tells its size.
func open(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, errors.Wrap(err, "read model file")
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.Wrapf(ErrFormat, "read %q: want a file, got %v", path, info.Mode().Type())
	}
	r, err := os.Open(path)
	if err != nil {
		return nil, 0, errors.Wrap(err, "read model file")
	}
	return r, info.Size(), nil
}

// Write writes f to path, whole or not at all: until the new file is safely on the disk the old
// one stays as it was, and an error leaves nothing behind. The folder must exist.
func Write(path string, f *File) error {
	h, err := f.header()
	if err != nil {
		return errors.Wrapf(err, "write %q", path)
	}
	return atomicfile.Write(path, func(w io.Writer) error { return f.encode(w, h) })
}

// Put adds every parameter and buffer of p under prefix + its name. The File shares p's memory:
// write it before p changes.
func (f *File) Put(prefix string, p *graph.Params) {
	for _, q := range p.List() {
		f.Tensors[prefix+q.Name] = q.Value()
	}
}

// Restore sets every parameter and buffer of p from the array named prefix + its name. Either all
// are set or, with an error, none: ErrMismatch lists what is missing, what has another shape, and
// what bears the prefix but belongs to no parameter; a NaN or Inf is graph.ErrNotFinite. A float array
// serves either float type.
func (f *File) Restore(p *graph.Params, prefix string) error {
	var bad []string
	for _, q := range p.List() {
		a, ok := f.Tensors[prefix+q.Name]
		switch {
		case !ok:
			bad = append(bad, fmt.Sprintf("%q is missing", prefix+q.Name))
		case !slices.Equal(a.Shape, q.Shape):
			bad = append(bad, fmt.Sprintf("%q has shape %v, want %v", prefix+q.Name, a.Shape, q.Shape))
		case a.Int != nil:
			bad = append(bad, fmt.Sprintf("%q holds integers, want floats", prefix+q.Name))
		}
	}
	for name := range sorted(f.Tensors) {
		own, ok := strings.CutPrefix(name, prefix)
		if ok && p.Lookup(own) == nil {
			bad = append(bad, fmt.Sprintf("%q is not expected", name))
		}
	}
	if len(bad) > 0 {
		const most = 12
		if more := len(bad) - most; more > 0 {
			bad = append(bad[:most], fmt.Sprintf("and %d more", more))
		}
		return errors.Wrap(ErrMismatch, strings.Join(bad, ", "))
	}
	for _, q := range p.List() {
		if err := f.Tensors[prefix+q.Name].CheckFinite(); err != nil {
			return errors.WithMessagef(err, "weights %q", prefix+q.Name)
		}
	}
	for _, q := range p.List() {
		if err := q.Set(f.Tensors[prefix+q.Name]); err != nil {
			return err
		}
	}
	return nil
}
