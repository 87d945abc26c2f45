package show

import (
	"context"
	"flag"
	"strconv"
	"strings"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/picture"
	"github.com/pkg/errors"
)

// An Input says where the data of a program is, as its flags do.
type Input struct {
	Path, Label string
	Shape       string  // of images that are the rows of a table, as "8x8"
	Size        int     // to which a folder's images are resized
	HeldOut     float64 // part that becomes the test set
}

// Flags declares the flags of in, whose values are the defaults.
func (in *Input) Flags() {
	flag.StringVar(&in.Path, "data", "digits", DataUsage+"; images are brought to [0, 1]")
	flag.StringVar(&in.Label, "label", "", "CSV: the column of labels, by name or number; -1 is the last")
	flag.StringVar(&in.Shape, "shape", "", "rows and columns of images that are the rows of a table, such as 8x8")
	flag.IntVar(&in.Size, "size", 28, "folder of images: height and width to which they are resized; they become grey")
	flag.Float64Var(&in.HeldOut, "held-out", 0.15, "part of the data that is held out for the test; the two sets of digits have their own")
}

// Load reads the data and splits it if it has no test set of its own.
func (in Input) Load(ctx context.Context, key graph.Key) (training, test *data.Set, err error) {
	whole, test, err := read(ctx, in.Path, in.Label, picture.Config{Height: in.Size, Width: in.Size, Gray: true})
	if err != nil {
		return nil, nil, errors.WithMessage(err, "-data")
	}
	if test != nil {
		return whole, test, nil
	}
	if !(in.HeldOut > 0 && in.HeldOut < 1) {
		return nil, nil, errors.Errorf("-held-out %g, expected a part between 0 and 1", in.HeldOut)
	}
	if whole, err = in.reshape(whole); err != nil {
		return nil, nil, err
	}
	parts, err := whole.Split(key, 1-in.HeldOut, in.HeldOut)
	if err != nil {
		return nil, nil, err
	}
	return parts[0], parts[1], nil
}

// reshape makes images of the rows of a table.
func (in Input) reshape(set *data.Set) (*data.Set, error) {
	if in.Shape == "" {
		return set, nil
	}
	rows, columns, _ := strings.Cut(in.Shape, "x")
	y, errY := strconv.Atoi(rows)
	x, errX := strconv.Atoi(columns)
	if errY != nil || errX != nil || y < 1 || x < 1 {
		return nil, errors.Errorf("-shape %q, expected rows and columns, such as 8x8", in.Shape)
	}
	images, err := set.Reshape(1, y, x)
	return images, errors.WithMessage(err, "-shape "+in.Shape)
}

// NormalizeUsage is the help of a flag for Normalize.
const NormalizeUsage = "none, standard (mean 0, variance 1), minmax (0 to 1) or a number to divide by"

// Normalize fits a kind of normalisation, as a flag names it, to the training data and applies it to both
// sets. It returns nil for none.
func Normalize(kind string, training, test *data.Set) (z *data.Normalizer, err error) {
	switch kind {
	case "none", "":
		return nil, nil
	case "standard":
		z, err = data.FitStandard(training)
	case "minmax":
		z, err = data.FitMinMax(training)
	default:
		c, bad := strconv.ParseFloat(kind, 32)
		if bad != nil || c == 0 {
			return nil, errors.Errorf("-normalize %q, expected none, standard, minmax or a number to divide by", kind)
		}
		z = data.DivideBy(float32(c))
	}
	if err != nil {
		return nil, err
	}
	for _, s := range []*data.Set{training, test} {
		scaled := graph.Floats32(make([]float32, s.X.Len()), s.X.Shape...)
		if err := z.Apply(graph.Key{}, scaled, s.X); err != nil {
			return nil, err
		}
		s.X = scaled
	}
	return z, nil
}
