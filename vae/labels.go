package vae

import (
	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// Methods of a conditional model take labels as their last arguments: one for each example or sample, 0 to
// Classes-1, and for a walk through the latent space the one of all its pictures. A model without
// Classes takes none.

// with returns the inputs first of n examples, and after them the labels one-hot (n, Classes) if the model
// has any.
func (m *Model) with(n int, labels []int, first ...graph.Array) ([]graph.Array, error) {
	c := m.cfg.Classes
	switch {
	case c == 0 && len(labels) == 0:
		return first, nil
	case c == 0:
		return nil, errors.Wrapf(graph.ErrShape, "got %d labels, but the model has no classes", len(labels))
	case len(labels) != n:
		return nil, errors.Wrapf(graph.ErrShape, "got %d labels, expected %d of 0 to %d: the model is conditional on them", len(labels), n, c-1)
	}
	oneHot := make([]float32, n*c)
	for i, label := range labels {
		if label < 0 || label >= c {
			return nil, errors.Wrapf(graph.ErrRange, "label %d of example %d, expected 0 to %d", label, i, c-1)
		}
		oneHot[i*c+label] = 1
	}
	return append(first, graph.Floats32(oneHot, n, c)), nil
}

// same is a label that all of n pictures have; what is wrong with it shows when it is used.
func same(labels []int, n int) []int {
	if len(labels) != 1 {
		return labels
	}
	all := make([]int, n)
	for i := range all {
		all[i] = labels[0]
	}
	return all
}
