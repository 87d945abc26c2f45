package data

import (
	"encoding/binary"
	"io"
	"math"
	"slices"

	"github.com/pkg/errors"
)

// An element is a type of number as files store it.
type element int

const (
	elemBool element = iota
	elemUint8
	elemInt8
	elemUint16
	elemInt16
	elemUint32
	elemInt32
	elemUint64
	elemInt64
	elemFloat32
	elemFloat64
)

// size is the number of bytes of one element.
func (e element) size() int {
	return [...]int{1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8}[e]
}

func (e element) isFloat() bool { return e >= elemFloat32 }

// number is the set of types to which elements are decoded.
type number interface{ int | float32 | float64 }

// pieceLen is how many elements are read at once.
const pieceLen = 1 << 13

// readElements reads n elements of type e. Memory grows with what really follows, whatever n is:
// it never exceeds about twice that. If fewer follow, the error is an ErrFormat with both numbers.
func readElements[T number](r io.Reader, n int, e element, order binary.ByteOrder) ([]T, error) {
	raw := make([]byte, min(n, pieceLen)*e.size())
	out := make([]T, 0, min(n, pieceLen))
	for len(out) < n {
		k := min(n-len(out), pieceLen)
		if got, err := io.ReadFull(r, raw[:k*e.size()]); err != nil {
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				return nil, errors.Wrapf(ErrFormat, "header says %d numbers of %d bytes but only %d bytes follow",
					n, e.size(), len(out)*e.size()+got)
			}
			return nil, err
		}
		if cap(out)-len(out) < k {
			out = slices.Grow(out, min(n-len(out), max(len(out), k)))
		}
		out = out[:len(out)+k]
		if bad := decode(out[len(out)-k:], raw, e, order); bad >= 0 {
			return nil, errors.Wrapf(ErrFormat, "number %d does not fit an int", len(out)-k+bad)
		}
	}
	return out, nil
}

// decode decodes len(dst) elements of raw. It returns the index of the first that T cannot
// hold, or -1.
func decode[T number](dst []T, raw []byte, e element, order binary.ByteOrder) int {
	for i := range dst {
		b := raw[i*e.size():]
		switch e {
		case elemBool:
			dst[i] = T(min(b[0], 1))
		case elemUint8:
			dst[i] = T(b[0])
		case elemInt8:
			dst[i] = T(int8(b[0]))
		case elemUint16:
			dst[i] = T(order.Uint16(b))
		case elemInt16:
			dst[i] = T(int16(order.Uint16(b)))
		case elemUint32:
			dst[i] = T(order.Uint32(b))
		case elemInt32:
			dst[i] = T(int32(order.Uint32(b)))
		case elemUint64:
			if dst[i] = T(order.Uint64(b)); dst[i] < 0 {
				return i
			}
		case elemInt64:
			dst[i] = T(int64(order.Uint64(b)))
		case elemFloat32:
			dst[i] = T(math.Float32frombits(order.Uint32(b)))
		case elemFloat64:
			dst[i] = T(math.Float64frombits(order.Uint64(b)))
		}
	}
	return -1
}

// checkEnd returns an error unless r ends here. Reading to the end also makes gzip verify
// its checksum.
func checkEnd(r io.Reader) error {
	var b [1]byte
	switch _, err := io.ReadFull(r, b[:]); err {
	case io.EOF:
		return nil
	case nil:
		return errors.Wrap(ErrFormat, "more bytes follow than the header says")
	default:
		return err
	}
}
