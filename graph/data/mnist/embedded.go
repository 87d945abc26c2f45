package mnist

import (
	"compress/gzip"
	"embed"
	"io"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

//go:embed embedded/*.gz
var embedded embed.FS

// Embedded returns 10,000 training and 2,000 test digits that are part of the program: one of every
// six and one of every five digits of the full sets. embedded/LICENSE.md says which, and their
// licence, CC BY-SA 3.0.
func Embedded() (train, test *data.Set, err error) {
	if train, err = embeddedSet(trainImages, trainLabels); err != nil {
		return nil, nil, err
	}
	if test, err = embeddedSet(testImages, testLabels); err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

func embeddedSet(images, labels string) (*data.Set, error) {
	x, err := readEmbedded(images, data.DecodeIDX)
	if err != nil {
		return nil, err
	}
	y, err := readEmbedded(labels, data.DecodeIDXLabels)
	if err != nil {
		return nil, err
	}
	return newSet(x, y)
}

func readEmbedded(name string, decode func(io.Reader) (graph.Array, error)) (graph.Array, error) {
	f, err := embedded.Open("embedded/" + name + ".gz")
	if err != nil {
		return graph.Array{}, errors.Wrap(err, "mnist")
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		return graph.Array{}, errors.Wrapf(err, "mnist: embedded %s", name)
	}
	a, err := decode(r)
	return a, errors.Wrapf(err, "mnist: embedded %s", name)
}
