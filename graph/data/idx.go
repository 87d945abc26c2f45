package data

import (
	"encoding/binary"
	"io"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// LoadIDX reads a Set from IDX files, the format of MNIST: images (n, ...) and, unless labels is
// empty, labels (n). Plain or gzip. Image values are float32, as the file has them: 0 to 255
// for MNIST; divide them with DivideBy(255).
func LoadIDX(images, labels string) (*Set, error) {
	x, err := ReadIDX(images)
	if err != nil {
		return nil, err
	}
	var y graph.Array
	if labels != "" {
		if y, err = ReadIDXLabels(labels); err != nil {
			return nil, err
		}
	}
	s, err := NewSet(x, y)
	return s, errors.Wrapf(err, "data: IDX files %q and %q", images, labels)
}

// ReadIDX reads an IDX file as float32, whatever its element type: integers above 2^24 and
// float64 are rounded.
func ReadIDX(path string) (a graph.Array, err error) {
	err = readFile(path, func(r io.Reader) error { a, err = DecodeIDX(r); return err })
	return a, err
}

// ReadIDXLabels reads an IDX file of one dimension and an integer element type.
func ReadIDXLabels(path string) (a graph.Array, err error) {
	err = readFile(path, func(r io.Reader) error { a, err = DecodeIDXLabels(r); return err })
	return a, err
}

// DecodeIDX is ReadIDX from r, which must end with the data and not be compressed.
func DecodeIDX(r io.Reader) (graph.Array, error) {
	h, err := readIDXHeader(r)
	if err != nil {
		return graph.Array{}, err
	}
	x, err := readElements[float32](r, numel(h.shape), h.elem, binary.BigEndian)
	if err != nil {
		return graph.Array{}, errors.Wrapf(err, "IDX of shape %v", h.shape)
	}
	return graph.Floats32(x, h.shape...), checkEnd(r)
}

// DecodeIDXLabels is ReadIDXLabels from r, which must end with the data and not be compressed.
func DecodeIDXLabels(r io.Reader) (graph.Array, error) {
	h, err := readIDXHeader(r)
	if err != nil {
		return graph.Array{}, err
	}
	if len(h.shape) != 1 || h.elem.isFloat() {
		return graph.Array{}, errors.Wrapf(ErrFormat, "IDX of shape %v: labels are one dimension of integers", h.shape)
	}
	y, err := readElements[int](r, h.shape[0], h.elem, binary.BigEndian)
	if err != nil {
		return graph.Array{}, errors.Wrapf(err, "IDX of shape %v", h.shape)
	}
	return graph.Ints(y, h.shape...), checkEnd(r)
}

// idxHeader is what an IDX file says of itself.
type idxHeader struct {
	elem  element
	shape []int
}

var idxElements = map[byte]element{
	0x08: elemUint8, 0x09: elemInt8, 0x0b: elemInt16, 0x0c: elemInt32, 0x0d: elemFloat32, 0x0e: elemFloat64,
}

// readIDXHeader reads two zero bytes, the element type, the number of dimensions, and each
// dimension as 4 bytes, big-endian.
func readIDXHeader(r io.Reader) (h idxHeader, err error) {
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return h, shortHeader(err, "IDX")
	}
	elem, known := idxElements[magic[2]]
	if magic[0] != 0 || magic[1] != 0 || !known || magic[3] == 0 {
		return h, errors.Wrapf(ErrFormat, "first bytes are % x, an IDX file starts with 00 00, an element type (08, 09, 0b to 0e) and the number of dimensions", magic)
	}
	dims := make([]byte, 4*int(magic[3]))
	if _, err := io.ReadFull(r, dims); err != nil {
		return h, shortHeader(err, "IDX")
	}
	h.elem = elem
	for i := range int(magic[3]) {
		h.shape = append(h.shape, int(binary.BigEndian.Uint32(dims[4*i:])))
	}
	return h, checkSize(h.shape, elem)
}
