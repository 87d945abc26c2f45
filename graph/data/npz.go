package data

import (
	"archive/zip"
	"maps"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// LoadNPZ reads a Set from two arrays of an NPZ file, a zip of NPY files: x and, unless empty, y
// are their names, such as x_train and y_train. They are read as LoadNPY reads files.
func LoadNPZ(path, x, y string) (*Set, error) {
	names := map[string]conversion{x: asFloat32}
	if y != "" {
		if y == x {
			return nil, errors.Wrapf(ErrConfig, "NPZ file %q: array %q as inputs and as targets", path, x)
		}
		names[y] = asTarget
	}
	arrays, err := readNPZ(path, names)
	if err != nil {
		return nil, err
	}
	s, err := NewSet(arrays[x], arrays[y])
	return s, errors.Wrapf(err, "data: NPZ file %q, arrays %q and %q", path, x, y)
}

// ReadNPZ reads all arrays of an NPZ file, by name, as ReadNPY reads files.
func ReadNPZ(path string) (map[string]graph.Array, error) { return readNPZ(path, nil) }

// readNPZ reads the arrays with the given names, or all if names is nil.
func readNPZ(path string, names map[string]conversion) (map[string]graph.Array, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, zipError(path, err)
	}
	defer z.Close()
	arrays, err := npzArrays(z.File, names)
	if err != nil {
		return nil, zipError(path, err)
	}
	return arrays, nil
}

func npzArrays(files []*zip.File, names map[string]conversion) (map[string]graph.Array, error) {
	arrays := map[string]graph.Array{}
	var present []string
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			continue
		}
		present = append(present, name)
		as, wanted := names[name]
		if names != nil && !wanted {
			continue
		}
		if _, twice := arrays[name]; twice {
			return nil, errors.Wrapf(ErrFormat, "two arrays have the name %q", name)
		}
		r, err := f.Open()
		if err != nil {
			return nil, errors.Wrapf(err, "array %q", name)
		}
		a, err := decodeNPY(r, as)
		r.Close()
		if err != nil {
			return nil, errors.Wrapf(err, "array %q", name)
		}
		arrays[name] = a
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if _, ok := arrays[name]; !ok {
			return nil, errors.Wrapf(ErrFormat, "no array %q among %.300q", name, present)
		}
	}
	return arrays, nil
}

// zipError adds the name of the file to err, and makes what says that a zip is damaged an ErrFormat.
func zipError(path string, err error) error {
	for _, damaged := range []error{zip.ErrFormat, zip.ErrAlgorithm, zip.ErrChecksum} {
		if errors.Is(err, damaged) {
			err = errors.Wrapf(ErrFormat, "NPZ: %v", err)
		}
	}
	return fileError(path, err)
}
