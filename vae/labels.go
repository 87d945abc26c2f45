package vae

import (
	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// Methods of a conditional model take labels as their last arguments: one for each example or sample, 0 to
// Classes-1, and for a walk through the latent space the one of all its pictures. A model without
// Classes takes none.

// with returns the inputs first of n examples, and after them the labels one-hot (n, Classes) if the model
// has any.
func (m *Model) with(n int, labels []int, first ...graph.Array) ([]graph.Array, error) {
	y, err := data.Condition(labels, n, m.cfg.Classes)
	if err != nil || y.IsZero() {
		return first, err
	}
	return append(first, y), nil
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
