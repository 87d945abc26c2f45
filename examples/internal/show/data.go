package show

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/data/picture"
	"github.com/pkg/errors"
)

// DataUsage says what Data reads, for the help of a flag.
const DataUsage = "\"digits\" (embedded), \"mnist\" (all of it, downloaded if need be), an IDX file of byte images, " +
	"a .csv or .npy file, all also .gz, or a folder of PNG, JPEG and GIF images"

// Data reads the examples that a flag names, and a test set if the data has one of its own, else nil.
// Images are in [0, 1]; tables are as they are. label is the label column of a CSV file, if any.
func Data(ctx context.Context, name, label string) (examples, test *data.Set, err error) {
	return read(ctx, name, label, picture.Config{})
}

// read is Data with a choice of what becomes of a folder of images.
func read(ctx context.Context, name, label string, folder picture.Config) (examples, test *data.Set, err error) {
	switch name {
	case "digits":
		return mnist.Embedded()
	case "mnist":
		return mnist.Load(ctx, mnist.Options{Progress: func(file string, done, total int64) {
			if done == total {
				fmt.Fprintf(os.Stderr, "downloaded %s\n", file)
			}
		}})
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, errors.Wrap(err, "data")
	}
	switch plain := strings.TrimSuffix(strings.ToLower(name), ".gz"); {
	case info.IsDir():
		examples, err = picture.Load(name, folder)
	case strings.HasSuffix(plain, ".csv"):
		examples, err = data.LoadCSV(name, data.CSVConfig{Label: label})
	case strings.HasSuffix(plain, ".npy"):
		examples, err = data.LoadNPY(name, "")
	default:
		examples, err = byteImages(name)
	}
	return examples, nil, err
}

// byteImages reads an IDX file of bytes as images (n, 1, y, x) in [0, 1].
func byteImages(path string) (*data.Set, error) {
	x, err := data.ReadIDX(path)
	if err != nil {
		return nil, err
	}
	if len(x.Shape) != 3 {
		return nil, errors.Wrapf(graph.ErrShape, "%s holds an array of shape %v, expected images (n, y, x)", path, x.Shape)
	}
	scaled := make([]float32, x.Len())
	for i := range scaled {
		scaled[i] = float32(x.At(i) / 255)
	}
	return data.NewSet(graph.Floats32(scaled, x.Shape[0], 1, x.Shape[1], x.Shape[2]), graph.Array{})
}

// Normalized is the set under z, or itself if z is nil.
func Normalized(set *data.Set, z *data.Normalizer) (*data.Set, error) {
	if z == nil {
		return set, nil
	}
	return set.Map(graph.Key{}, z.Apply)
}

// Denormalized is x (n, d), such as reconstructions, in the units of the data before z; z may be nil.
func Denormalized(x graph.Array, z *data.Normalizer) (graph.Array, error) {
	if z == nil {
		return x, nil
	}
	raw := graph.Floats32(make([]float32, x.Len()), x.Shape...)
	return raw, z.Invert(raw, x)
}

// AsImages views examples (n, ...) under the shape of one example, and says whether they are images:
// (y, x) or (c, y, x) of one or three channels.
func AsImages(x graph.Array, shape []int) (graph.Array, bool) {
	if len(shape) == 2 || len(shape) == 3 && (shape[0] == 1 || shape[0] == 3) {
		return x.Reshape(append([]int{x.Shape[0]}, shape...)...), true
	}
	return x, false
}

// WriteFile makes content the content of a file, whole or not at all.
func WriteFile(path string, content []byte) error {
	temporary := path + ".part"
	if err := os.WriteFile(temporary, content, 0o666); err != nil {
		return errors.Wrap(err, "write")
	}
	if err := os.Rename(temporary, path); err != nil {
		os.Remove(temporary)
		return errors.Wrap(err, "write")
	}
	return nil
}
