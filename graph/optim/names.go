package optim

import (
	"fmt"
	"slices"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// nameOf, textOf and indexOf turn the constants of a type into names and back.

func nameOf(names []string, i int, kind string) string {
	if i < 0 || i >= len(names) {
		return fmt.Sprintf("%s(%d)", kind, i)
	}
	return names[i]
}

func textOf(names []string, i int, kind string) ([]byte, error) {
	if i < 0 || i >= len(names) {
		return nil, errors.Wrapf(graph.ErrRange, "optim: %s number %d does not exist", kind, i)
	}
	return []byte(names[i]), nil
}

func indexOf(names []string, text []byte, kind string) (int, error) {
	i := slices.Index(names, string(text))
	if i < 0 {
		return 0, errors.Wrapf(graph.ErrRange, "optim: no %s %q; there are %v", kind, text, names)
	}
	return i, nil
}

// interval writes a range of numbers.
func interval(low, high float64, open bool) string {
	left := "["
	if open {
		left = "("
	}
	return fmt.Sprintf("%s%v, %v)", left, low, high)
}
