package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/latent-go/latent/examples/internal/show"
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/latent-go/latent/graph/data/picture"
	"github.com/latent-go/latent/graph/nn"
	"github.com/pkg/errors"
)

// An input says where the data is.
type input struct {
	path, label string
	shape       string
	size        int
	held        float64
}

// load reads the data and splits it if it has no test set of its own.
func (in input) load(ctx context.Context, key graph.Key) (training, test *data.Set, err error) {
	switch in.path {
	case "digits":
		return mnist.Embedded()
	case "mnist":
		return mnist.Load(ctx, mnist.Options{Progress: func(file string, done, total int64) {
			fmt.Fprintf(os.Stderr, "\r%s: %d of %d bytes", file, done, total)
		}})
	}
	whole, err := in.read()
	if err != nil {
		return nil, nil, err
	}
	if !(in.held > 0 && in.held < 1) {
		return nil, nil, errors.Errorf("-held-out %g, expected a part between 0 and 1", in.held)
	}
	if whole, err = in.reshape(whole); err != nil {
		return nil, nil, err
	}
	parts, err := whole.Split(key, 1-in.held, in.held)
	if err != nil {
		return nil, nil, err
	}
	return parts[0], parts[1], nil
}

// read chooses the reader by the kind of path.
func (in input) read() (*data.Set, error) {
	info, err := os.Stat(in.path)
	if err != nil {
		return nil, errors.Wrap(err, "-data")
	}
	if info.IsDir() {
		return picture.Load(in.path, picture.Config{Height: in.size, Width: in.size, Gray: true})
	}
	name := strings.TrimSuffix(strings.ToLower(in.path), ".gz")
	switch {
	case strings.HasSuffix(name, ".csv"):
		return data.LoadCSV(in.path, data.CSVConfig{Label: in.label})
	case strings.HasSuffix(name, ".npy"):
		return data.LoadNPY(in.path, "")
	}
	x, err := show.Images(in.path)
	if err != nil {
		return nil, err
	}
	return data.NewSet(x, graph.Array{})
}

// reshape makes images of the rows of a table.
func (in input) reshape(set *data.Set) (*data.Set, error) {
	if in.shape == "" {
		return set, nil
	}
	rows, columns, _ := strings.Cut(in.shape, "x")
	y, errY := strconv.Atoi(rows)
	x, errX := strconv.Atoi(columns)
	if errY != nil || errX != nil || y < 1 || x < 1 {
		return nil, errors.Errorf("-shape %q, expected rows and columns, such as 8x8", in.shape)
	}
	images, err := set.Reshape(1, y, x)
	return images, errors.WithMessage(err, "-shape "+in.shape)
}

// normalise fits the kind of normalisation to the training data and applies it to both sets.
func normalise(kind string, training, test *data.Set) (z *data.Normalizer, err error) {
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

// parseLayers reads layers as units:activation:dropout,...
func parseLayers(what, text string, init nn.Init) ([]nn.Dense, error) {
	var layers []nn.Dense
	for part := range strings.SplitSeq(text, ",") {
		fields := strings.Split(strings.TrimSpace(part), ":")
		bad := func(why error) error {
			return errors.Errorf("-%s: layer %q: %v; expected units:activation:dropout, such as 256:relu or 30", what, part, why)
		}
		l := nn.Dense{Init: init}
		var err error
		if l.Units, err = strconv.Atoi(fields[0]); err != nil {
			return nil, bad(err)
		}
		if len(fields) > 1 {
			if err := l.Activation.UnmarshalText([]byte(fields[1])); err != nil {
				return nil, bad(err)
			}
		}
		if len(fields) > 2 {
			if l.Dropout, err = strconv.ParseFloat(fields[2], 64); err != nil {
				return nil, bad(err)
			}
		}
		if len(fields) > 3 {
			return nil, bad(errors.New("too many parts"))
		}
		layers = append(layers, l)
	}
	return layers, nil
}
