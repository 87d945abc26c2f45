// Package mnist gives the MNIST handwritten digits (LeCun, Bottou, Bengio and Haffner 1998,
// "Gradient-based learning applied to document recognition"): a subset that is part of the
// program, and the full set from a folder, the user's cache or an official server.
//
// Images are float32 (n, 1, 28, 28) in [0, 1], 1 for ink; labels are Int (n), 0 to 9.
package mnist

import (
	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// Side is the number of rows and of columns of an image.
const Side = 28

// The names of the files, without .gz.
const (
	trainImages = "train-images-idx3-ubyte"
	trainLabels = "train-labels-idx1-ubyte"
	testImages  = "t10k-images-idx3-ubyte"
	testLabels  = "t10k-labels-idx1-ubyte"
)

// newSet makes a Set of pixels of 0 to 255, which it scales in place, and labels.
func newSet(images, labels graph.Array) (*data.Set, error) {
	if s := images.Shape; len(s) != 3 || s[1] != Side || s[2] != Side {
		return nil, errors.Wrapf(graph.ErrShape, "mnist: images have shape %v, expected (n, %d, %d)", s, Side, Side)
	}
	for i, label := range labels.Int {
		if label < 0 || label > 9 {
			return nil, errors.Wrapf(data.ErrLabel, "mnist: digit %d has label %d, expected 0 to 9", i, label)
		}
	}
	for i := range images.F32 {
		images.F32[i] /= 255
	}
	return data.NewSet(images.Reshape(images.Shape[0], 1, Side, Side), labels)
}
