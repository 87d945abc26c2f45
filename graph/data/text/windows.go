package text

import (
	"iter"
	"slices"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// windows cuts a text into examples.
type windows struct {
	ids    []int
	length int // targets of a window, which has a token more
	starts int // number of places at which the first window may begin
}

// Windows is a Source of windows (length+1) of a text, whose X is integers (n, length+1): all but the first token
// of a window are to be predicted from those before them. Each epoch cuts the text anew, from a random start: its
// windows overlap by one token and come in random order, so that an epoch has every token as a target once, but
// for less than two windows at the ends of the text. It keeps ids, of which there are length+1 or more: otherwise
// it is a data.ErrEmpty.
func Windows(ids []int, length int) (data.Source, error) {
	if err := checkText(ids, length); err != nil {
		return nil, err
	}
	return &windows{ids: ids, length: length, starts: min(length, len(ids)-length)}, nil
}

func checkText(ids []int, length int) error {
	switch {
	case length < 1:
		return errors.Wrapf(data.ErrConfig, "text: windows of %d tokens, expected at least 1", length)
	case len(ids) <= length:
		return errors.Wrapf(data.ErrEmpty, "text: %d tokens make no window of %d+1", len(ids), length)
	}
	if i := slices.IndexFunc(ids, func(id int) bool { return id < 0 }); i >= 0 {
		return errors.Wrapf(data.ErrLabel, "text: token %d has id %d; ids start at 0", i, ids[i])
	}
	return nil
}

// Len is the number of windows that fit from every start.
func (w *windows) Len() int { return (len(w.ids) - w.starts) / w.length }

func (w *windows) Shape() []int { return []int{w.length + 1} }

func (w *windows) Batches(key graph.Key, size int) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		if size < 1 || size > w.Len() {
			yield(data.Batch{}, errors.Wrapf(data.ErrBatch, "batch size %d: expected 1 to the %d windows of the text", size, w.Len()))
			return
		}
		var u [1]float64
		graph.Uniform(key.Fork("start"), u[:])
		start := int(u[0] * float64(w.starts))
		x := make([]int, size*(w.length+1))
		for rows := range slices.Chunk(key.Perm(w.Len()), size) {
			for i, row := range rows {
				at := start + row*w.length
				copy(x[i*(w.length+1):], w.ids[at:at+w.length+1])
			}
			n := len(rows)
			if !yield(data.Batch{N: n, X: graph.Ints(x[:n*(w.length+1)], n, w.length+1)}, nil) {
				return
			}
		}
	}
}

// HeldOut is a Source of the windows of a text in order, for its score: every token but the first is a target
// exactly once. The last window begins earlier than where the one before it ends if it must. Y (n, length) holds
// the weight of each target, 0 for those that another window has: weighted sums, averaged over the windows, are
// averages over the targets. Its errors are those of Windows.
func HeldOut(ids []int, length int) (data.Source, error) {
	if err := checkText(ids, length); err != nil {
		return nil, err
	}
	targets := len(ids) - 1
	n := (targets + length - 1) / length
	x, y := make([]int, 0, n*(length+1)), make([]float32, n*length)
	for i := range n {
		at := min(i*length, targets-length)
		x = append(x, ids[at:at+length+1]...)
		for j := i*length - at; j < length; j++ {
			y[i*length+j] = float32(float64(n) / float64(targets))
		}
	}
	set, err := data.NewSet(graph.Ints(x, n, length+1), graph.Floats32(y, n, length))
	if err != nil {
		return nil, err
	}
	return set.Ordered(), nil
}
