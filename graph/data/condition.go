package data

import (
	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// Condition is what a model that is conditional on labels takes beside n examples: their labels one-hot
// (n, classes). A model without labels, of 0 classes, takes the zero Array, and no labels. Any other number of
// labels than n is a graph.ErrShape, one outside 0 to classes-1 a graph.ErrRange.
func Condition(labels []int, n, classes int) (graph.Array, error) {
	switch {
	case classes == 0 && len(labels) == 0:
		return graph.Array{}, nil
	case classes == 0:
		return graph.Array{}, errors.Wrapf(graph.ErrShape, "got %d labels, but the model has no classes", len(labels))
	case len(labels) != n:
		return graph.Array{}, errors.Wrapf(graph.ErrShape, "got %d labels, expected %d of 0 to %d: the model is conditional on them", len(labels), n, classes-1)
	}
	oneHot := make([]float32, n*classes)
	for i, label := range labels {
		if label < 0 || label >= classes {
			return graph.Array{}, errors.Wrapf(graph.ErrRange, "label %d of example %d, expected 0 to %d", label, i, classes-1)
		}
		oneHot[i*classes+label] = 1
	}
	return graph.Floats32(oneHot, n, classes), nil
}
