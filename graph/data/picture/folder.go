// Package picture reads PNG, JPEG and GIF images, and folders of them as sets.
package picture

import (
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// Config says what becomes of the images. The zero value reads images in colour, which must all
// have the size of the first.
type Config struct {
	// Height and Width are those to which images are resized, in pixels; the proportions are not kept.
	// Default, both 0: as the images are.
	Height, Width int
	// Gray makes one channel, luminance, of the three.
	Gray bool
	// MaxPixels is the number of pixels above which an image is refused before it is unpacked.
	// Default 64 million.
	MaxPixels int
}

func (c Config) validate() error {
	if c.Height < 0 || c.Width < 0 || (c.Height == 0) != (c.Width == 0) || c.Height > 1<<14 || c.Width > 1<<14 {
		return errors.Wrapf(data.ErrConfig, "picture: size %d x %d, expected two numbers of 1 to 16384, or two zeros", c.Height, c.Width)
	}
	if c.MaxPixels < 0 {
		return errors.Wrapf(data.ErrConfig, "picture: at most %d pixels", c.MaxPixels)
	}
	return nil
}

func (c Config) channels() int {
	if c.Gray {
		return 1
	}
	return 3
}

func (c Config) maxPixels() int {
	if c.MaxPixels == 0 {
		return 64e6
	}
	return c.MaxPixels
}

// Load reads all images in dir and the folders in it, in the order of their paths, as a Set of
// X (n, c, y, x), float32 in [0, 1]; c is 1 or 3 (red, green, blue). Of a GIF it takes the first
// frame; transparent pixels are blended with black.
//
// If the images lie in folders, the folder's path below dir is their label (Set.Classes, sorted);
// if they all lie in dir itself, there are no labels. Files that do not end in .png, .jpg,
// .jpeg or .gif, and hidden ones, are passed over. An image that cannot be read is an error
// that names it, data.ErrFormat if its content is at fault; a folder without images is
// data.ErrEmpty.
func Load(dir string, cfg Config) (*data.Set, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	paths, err := find(dir)
	if err != nil {
		return nil, err
	}
	resize := cfg.Height > 0
	var x []float32
	for _, path := range paths {
		m, err := open(filepath.Join(dir, path), cfg)
		if err != nil {
			return nil, err
		}
		size := m.Bounds().Size()
		if cfg.Height == 0 {
			cfg.Height, cfg.Width = size.Y, size.X
		}
		switch {
		case size == image.Pt(cfg.Width, cfg.Height):
		case resize:
			m = scaled(m, cfg.Width, cfg.Height)
		default:
			return nil, errors.Wrapf(graph.ErrShape, "picture: file %q has %d x %d pixels, the first image %d x %d: ask for a size",
				filepath.Join(dir, path), size.Y, size.X, cfg.Height, cfg.Width)
		}
		x = appendPixels(x, m, cfg)
	}
	y, classes, err := label(dir, paths)
	if err != nil {
		return nil, err
	}
	set, err := data.NewSet(graph.Floats32(x, len(paths), cfg.channels(), cfg.Height, cfg.Width), y)
	if err == nil {
		set.Classes = classes
	}
	return set, err
}

// find returns the paths of the images, relative to dir and sorted.
func find(dir string) ([]string, error) {
	var paths []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path != dir && strings.HasPrefix(entry.Name(), ".") {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		switch strings.ToLower(filepath.Ext(path)) {
		case ".png", ".jpg", ".jpeg", ".gif":
			if !entry.IsDir() {
				relative, err := filepath.Rel(dir, path)
				paths = append(paths, relative)
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Wrapf(err, "picture: folder %q", dir)
	}
	if len(paths) == 0 {
		return nil, errors.Wrapf(data.ErrEmpty, "picture: folder %q has no .png, .jpg, .jpeg or .gif files", dir)
	}
	slices.Sort(paths)
	return paths, nil
}

// label returns the labels of the images, and their names; none if all lie in dir itself.
func label(dir string, paths []string) (graph.Array, []string, error) {
	folders := make([]string, len(paths))
	for i, path := range paths {
		folders[i] = filepath.ToSlash(filepath.Dir(path))
	}
	classes := slices.Compact(slices.Sorted(slices.Values(folders)))
	if len(classes) == 1 && classes[0] == "." {
		return graph.Array{}, nil, nil
	}
	if i := slices.Index(folders, "."); i >= 0 {
		return graph.Array{}, nil, errors.Wrapf(data.ErrLabel, "picture: file %q has no label: others lie in folders", filepath.Join(dir, paths[i]))
	}
	y := make([]int, len(paths))
	for i, folder := range folders {
		y[i], _ = slices.BinarySearch(classes, folder)
	}
	return graph.Ints(y, len(y)), classes, nil
}

// open unpacks the image in a file.
func open(path string, cfg Config) (image.RGBA64Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Wrap(err, "picture")
	}
	defer f.Close()
	m, err := unpack(f, cfg)
	return m, errors.WithMessagef(err, "picture: file %q", path)
}
