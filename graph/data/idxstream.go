package data

import (
	"encoding/binary"
	"io"
	"iter"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// StreamIDX is LoadIDX for files that are to be read anew every epoch instead of kept in
// memory. shuffle is StreamConfig.Shuffle.
func StreamIDX(images, labels string, shuffle int) (*Stream, error) {
	x, err := openIDX(images)
	if err != nil {
		return nil, err
	}
	defer x.file.Close()
	if labels != "" {
		y, err := openIDX(labels)
		if err != nil {
			return nil, err
		}
		defer y.file.Close()
		if len(y.shape) != 1 || y.elem.isFloat() {
			return nil, errors.Wrapf(ErrFormat, "data: file %q: IDX of shape %v: labels are one dimension of integers", labels, y.shape)
		}
		if y.shape[0] != x.shape[0] {
			return nil, errors.Wrapf(graph.ErrShape, "data: file %q has %d examples, file %q has %d labels",
				images, x.shape[0], labels, y.shape[0])
		}
	}
	return NewStream(StreamConfig{
		Open:    func() iter.Seq2[Example, error] { return idxExamples(images, labels) },
		Shape:   x.shape[1:],
		Len:     x.shape[0],
		Shuffle: shuffle,
	})
}

// idxExamples yields the examples of two IDX files, or of one if labels is empty.
func idxExamples(images, labels string) iter.Seq2[Example, error] {
	return func(yield func(Example, error) bool) {
		x, err := openIDX(images)
		if err != nil {
			yield(Example{}, err)
			return
		}
		defer x.file.Close()
		var y *idxRows
		if labels != "" {
			if y, err = openIDX(labels); err != nil {
				yield(Example{}, err)
				return
			}
			defer y.file.Close()
		}
		var input []float32
		var label []int
		for i := range x.shape[0] {
			if input, err = readRow(x, i, input); err == nil && y != nil {
				label, err = readRow(y, i, label)
			}
			if err != nil {
				yield(Example{}, err)
				return
			}
			e := Example{X: graph.Floats32(input, x.shape[1:]...)}
			if y != nil {
				e.Y = graph.Ints(label)
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// idxRows is an IDX file that is read example by example.
type idxRows struct {
	idxHeader
	path string
	r    io.Reader
	file io.Closer
	raw  []byte // one example as it is in the file
}

func openIDX(path string) (*idxRows, error) {
	r, file, err := openFile(path)
	if err != nil {
		return nil, err
	}
	h, err := readIDXHeader(r)
	if err != nil {
		file.Close()
		return nil, fileError(path, err)
	}
	return &idxRows{idxHeader: h, path: path, r: r, file: file}, nil
}

// readRow reads example i into dst, which is nil at first, and returns it. After the last one it
// makes sure that the file ends.
func readRow[T number](f *idxRows, i int, dst []T) ([]T, error) {
	n := numel(f.shape[1:])
	var err error
	if dst == nil { // the header may lie: see that one example is there before making room
		if dst, err = readElements[T](f.r, n, f.elem, binary.BigEndian); err == nil {
			f.raw = make([]byte, n*f.elem.size())
		}
	} else if _, err = io.ReadFull(f.r, f.raw); err == nil {
		decode(dst, f.raw, f.elem, binary.BigEndian)
	} else if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = errors.Wrap(ErrFormat, "the file ends there")
	}
	if err == nil && i == f.shape[0]-1 {
		err = checkEnd(f.r)
	}
	return dst, fileError(f.path, errors.Wrapf(err, "IDX of shape %v, example %d", f.shape, i))
}
