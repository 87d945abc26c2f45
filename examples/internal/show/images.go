package show

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/data/mnist"
	"github.com/pkg/errors"
)

// Images reads images (n, c, y, x) with values in [0, 1]: of an IDX file of bytes, or the embedded test
// digits under the name digits.
func Images(path string) (graph.Array, error) {
	if path == "digits" {
		_, test, err := mnist.Embedded()
		if err != nil {
			return graph.Array{}, err
		}
		return test.X, nil
	}
	x, err := data.ReadIDX(path)
	if err != nil {
		return graph.Array{}, err
	}
	if len(x.Shape) != 3 {
		return graph.Array{}, errors.Wrapf(graph.ErrShape, "%s holds an array of shape %v, expected images (n, y, x)", path, x.Shape)
	}
	scaled := make([]float32, x.Len())
	for i := range scaled {
		scaled[i] = float32(x.At(i) / 255)
	}
	return graph.Floats32(scaled, x.Shape[0], 1, x.Shape[1], x.Shape[2]), nil
}
