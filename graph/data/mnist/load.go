package mnist

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph/data"
)

// Options say where Load looks for the digits. The zero value is the usual choice.
type Options struct {
	// Dir is a folder that holds the four files, with their original names, with or without .gz.
	// It is an error if one is missing. Default: the folder mnist of the one that the environment
	// variable LATENT_DATA names, if the files are there.
	Dir string
	// Cache is the folder in which downloaded files are kept. Default: latent/mnist in the
	// user's cache folder.
	Cache string
	// Mirrors are the https addresses of folders that hold the files with .gz, tried in order.
	// Default: two official ones.
	Mirrors []string
	// Progress is told of every piece that arrives: done of total bytes of a file. Default: none.
	Progress func(file string, done, total int64)
}

// Load returns the full set, 60,000 training and 10,000 test digits: from a folder, else from the
// cache, else from a server, whence each file is checked by its SHA-256 and kept in the cache. A
// download that was interrupted is resumed by the next call. After ctx is cancelled Load returns
// its error.
func Load(ctx context.Context, opt Options) (train, test *data.Set, err error) {
	return load(ctx, opt, official)
}

func load(ctx context.Context, opt Options, files []file) (train, test *data.Set, err error) {
	paths, err := locate(ctx, opt, files)
	if err != nil {
		return nil, nil, err
	}
	if train, err = readSet(paths[trainImages], paths[trainLabels]); err != nil {
		return nil, nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, errors.Wrap(err, "mnist")
	}
	if test, err = readSet(paths[testImages], paths[testLabels]); err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

// locate returns the path of each file by its name without .gz.
func locate(ctx context.Context, opt Options, files []file) (map[string]string, error) {
	if opt.Dir != "" {
		paths, missing := inFolder(opt.Dir, files)
		if missing != "" {
			return nil, errors.Wrapf(os.ErrNotExist, "mnist: folder %q lacks %s (or %s.gz)", opt.Dir, missing, missing)
		}
		return paths, nil
	}
	if root := os.Getenv("LATENT_DATA"); root != "" {
		if paths, missing := inFolder(filepath.Join(root, "mnist"), files); missing == "" {
			return paths, nil
		}
	}
	if opt.Cache == "" {
		root, err := os.UserCacheDir()
		if err != nil {
			return nil, errors.Wrap(err, "mnist: no cache folder")
		}
		opt.Cache = filepath.Join(root, "latent", "mnist")
	}
	if len(opt.Mirrors) == 0 {
		opt.Mirrors = mirrors
	}
	return cached(ctx, opt, files)
}

// inFolder returns the path of each file in dir, or the name of one that is missing.
func inFolder(dir string, files []file) (paths map[string]string, missing string) {
	paths = map[string]string{}
	for _, f := range files {
		for _, ending := range []string{"", ".gz"} {
			path := filepath.Join(dir, f.name+ending)
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				paths[f.name] = path
				break
			}
		}
		if paths[f.name] == "" {
			return nil, f.name
		}
	}
	return paths, ""
}

func readSet(images, labels string) (*data.Set, error) {
	x, err := data.ReadIDX(images)
	if err != nil {
		return nil, err
	}
	y, err := data.ReadIDXLabels(labels)
	if err != nil {
		return nil, err
	}
	set, err := newSet(x, y)
	return set, errors.Wrapf(err, "files %q and %q", images, labels)
}

// advice ends the error of a download that failed.
func advice(files []file) string {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.name + ".gz"
	}
	return "put " + strings.Join(names, ", ") + " into the folder mnist of the one that LATENT_DATA names, or use the embedded subset"
}
