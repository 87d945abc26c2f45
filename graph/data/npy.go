package data

import (
	"encoding/binary"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// The reader of NPY files is the library's own: the one Go package for them, sbinet/npyio 0.6.0,
// allocates what a header claims (8 GB for a file of 200 bytes) and panics on malformed headers.

// LoadNPY reads a Set from NPY files, the format of NumPy: inputs (n, ...), read as float32,
// and, unless y is empty, targets: labels if their type is an integer, else float32. Plain or gzip.
func LoadNPY(x, y string) (*Set, error) {
	inputs, err := readNPYAs(x, asFloat32)
	if err != nil {
		return nil, err
	}
	var targets graph.Array
	if y != "" {
		if targets, err = readNPYAs(y, asTarget); err != nil {
			return nil, err
		}
	}
	s, err := NewSet(inputs, targets)
	return s, errors.Wrapf(err, "data: NPY files %q and %q", x, y)
}

// ReadNPY reads an NPY file: float32 and float64 as they are, integers and booleans as Int.
// Complex numbers, text and objects are an ErrFormat.
func ReadNPY(path string) (graph.Array, error) { return readNPYAs(path, asStored) }

func readNPYAs(path string, as conversion) (a graph.Array, err error) {
	err = readFile(path, func(r io.Reader) error { a, err = decodeNPY(r, as); return err })
	if err != nil {
		return graph.Array{}, err
	}
	return a, nil
}

// A conversion says to which type the numbers of a file are read.
type conversion int

const (
	asStored  conversion = iota // float32, float64, or Int
	asFloat32                   // float32, whatever they are
	asTarget                    // float32, or Int
)

// decodeNPY reads an array in NPY format, versions 1 to 3, up to the end of r.
func decodeNPY(r io.Reader, as conversion) (graph.Array, error) {
	h, err := readNPYHeader(r)
	if err != nil {
		return graph.Array{}, err
	}
	a := graph.Array{Shape: h.shape}
	n := numel(h.shape)
	switch {
	case as == asFloat32, h.elem == elemFloat32, h.elem == elemFloat64 && as == asTarget:
		a.F32, err = readElements[float32](r, n, h.elem, h.order)
	case h.elem == elemFloat64:
		a.F64, err = readElements[float64](r, n, h.elem, h.order)
	default:
		a.Int, err = readElements[int](r, n, h.elem, h.order)
	}
	if err == nil {
		err = checkEnd(r)
	}
	if err != nil {
		return graph.Array{}, errors.Wrapf(err, "NPY of shape %v", h.shape)
	}
	if h.fortran && len(h.shape) > 1 {
		a.F32, a.F64, a.Int = rowMajor(a.F32, h.shape), rowMajor(a.F64, h.shape), rowMajor(a.Int, h.shape)
	}
	return a, nil
}

// rowMajor returns the elements of x, of which the first axis varies fastest, such that the
// last one does.
func rowMajor[T number](x []T, shape []int) []T {
	if x == nil {
		return nil
	}
	stride := make([]int, len(shape)) // of x
	step := 1
	for axis, d := range shape {
		stride[axis] = step
		step *= d
	}
	out := make([]T, len(x))
	index := make([]int, len(shape))
	from := 0
	for i := range out {
		out[i] = x[from]
		for axis := len(shape) - 1; axis >= 0; axis-- {
			index[axis]++
			from += stride[axis]
			if index[axis] < shape[axis] {
				break
			}
			from -= index[axis] * stride[axis]
			index[axis] = 0
		}
	}
	return out
}

// npyHeader is what an NPY file says of itself.
type npyHeader struct {
	elem    element
	order   binary.ByteOrder
	fortran bool
	shape   []int
}

// npyHeaderLimit is far above what NumPy writes for any array of numbers.
const npyHeaderLimit = 1 << 16

// npyMaxAxes is NumPy's own limit.
const npyMaxAxes = 64

// readNPYHeader reads the magic, the version, the length of the description, and that.
func readNPYHeader(r io.Reader) (h npyHeader, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return h, shortHeader(err, "NPY")
	}
	if string(head[:6]) != "\x93NUMPY" {
		return h, errors.Wrapf(ErrFormat, "first bytes are % x, an NPY file starts with 93 and \"NUMPY\"", head[:6])
	}
	length := make([]byte, 2)
	if head[6] >= 2 {
		length = make([]byte, 4)
	}
	if head[6] < 1 || head[6] > 3 {
		return h, errors.Wrapf(ErrFormat, "NPY version %d.%d, known are 1 to 3", head[6], head[7])
	}
	if _, err := io.ReadFull(r, length); err != nil {
		return h, shortHeader(err, "NPY")
	}
	size := binary.LittleEndian.Uint32(append(length, 0, 0)[:4])
	if size > npyHeaderLimit {
		return h, errors.Wrapf(ErrFormat, "NPY header claims %d bytes, more than %d", size, npyHeaderLimit)
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(r, text); err != nil {
		return h, shortHeader(err, "NPY")
	}
	if h, err = parseNPYHeader(string(text)); err != nil {
		return h, errors.Wrapf(err, "NPY header %.200q", text)
	}
	return h, checkSize(h.shape, h.elem)
}

var npyElements = map[string]element{
	"b1": elemBool, "u1": elemUint8, "u2": elemUint16, "u4": elemUint32, "u8": elemUint64,
	"i1": elemInt8, "i2": elemInt16, "i4": elemInt32, "i8": elemInt64, "f4": elemFloat32, "f8": elemFloat64,
}

// parseNPYHeader reads the description of an array, a dictionary in Python's notation:
// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
func parseNPYHeader(text string) (h npyHeader, err error) {
	body, opened := strings.CutPrefix(strings.TrimSpace(text), "{")
	body, closed := strings.CutSuffix(body, "}")
	if !opened || !closed {
		return h, errors.Wrap(ErrFormat, "not a dictionary")
	}
	var seen []string
	for body = strings.TrimSpace(body); body != ""; body = strings.TrimSpace(body) {
		key, rest, found := strings.Cut(body, ":")
		if !found {
			return h, errors.Wrapf(ErrFormat, "no value after %.50q", body)
		}
		var value string
		value, body = cutValue(rest)
		name := strings.Trim(strings.TrimSpace(key), `'"`)
		if err := h.set(name, strings.TrimSpace(value)); err != nil {
			return h, err
		}
		seen = append(seen, name)
	}
	slices.Sort(seen)
	if !slices.Equal(seen, []string{"descr", "fortran_order", "shape"}) {
		return h, errors.Wrapf(ErrFormat, "entries %q, expected descr, fortran_order and shape", seen)
	}
	return h, nil
}

// cutValue splits text at the first comma that is not within parentheses.
func cutValue(text string) (value, rest string) {
	depth := 0
	for i, c := range text {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth <= 0:
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}

// set stores one entry of the description.
func (h *npyHeader) set(name, value string) error {
	switch name {
	case "descr":
		descr := strings.Trim(value, `'"`)
		if descr == "" {
			return errors.Wrapf(ErrFormat, "element type %.50q", value)
		}
		elem, known := npyElements[descr[1:]]
		h.elem, h.order = elem, binary.LittleEndian
		if descr[0] == '>' {
			h.order = binary.BigEndian
		}
		// NumPy writes = for the machine's own order only in memory, and | where order has no meaning.
		if !known || !(descr[0] == '<' || descr[0] == '>' || descr[0] == '|' && elem.size() == 1) {
			return errors.Wrapf(ErrFormat, "element type %.50q, known are b1, i1 to i8, u1 to u8, f4 and f8", value)
		}
	case "fortran_order":
		if value != "True" && value != "False" {
			return errors.Wrapf(ErrFormat, "fortran_order %.50q, expected True or False", value)
		}
		h.fortran = value == "True"
	case "shape":
		inner, opened := strings.CutPrefix(value, "(")
		inner, closed := strings.CutSuffix(inner, ")")
		if !opened || !closed {
			return errors.Wrapf(ErrFormat, "shape %.50q", value)
		}
		h.shape = []int{}
		for field := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(inner), ","), ",") {
			if strings.TrimSpace(inner) == "" {
				break // a scalar
			}
			d, err := strconv.Atoi(strings.TrimSpace(field))
			if err != nil || d < 0 {
				return errors.Wrapf(ErrFormat, "shape %.50q", value)
			}
			h.shape = append(h.shape, d)
		}
		if len(h.shape) > npyMaxAxes {
			return errors.Wrapf(ErrFormat, "shape with %d axes, more than %d", len(h.shape), npyMaxAxes)
		}
	}
	return nil
}
