package ckpt

import (
	"encoding/binary"
	"io"
	"math"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// chunk is how many elements are converted to or from bytes at a time.
const chunk = 8 << 10

// Encode writes f as the bytes of a file.
func (f *File) Encode(w io.Writer) error {
	h, err := f.header()
	if err != nil {
		return err
	}
	return f.encode(w, h)
}

func (f *File) encode(w io.Writer, h *header) error {
	prefix := binary.LittleEndian.AppendUint64(nil, uint64(len(h.json)))
	if _, err := w.Write(append(prefix, h.json...)); err != nil {
		return err
	}
	buf := make([]byte, 8*chunk)
	for _, e := range h.entries {
		err := eachChunk(f.Tensors[e.name], buf, func(b []byte) error {
			_, err := w.Write(b)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Decode reads a file of size bytes. It takes as much memory as the file is long and a bounded part
// more, whatever the file claims. The error is ErrFormat if the bytes are no file that can be used.
func Decode(r io.ReaderAt, size int64) (*File, error) {
	h, at, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	f := NewFile()
	buf := make([]byte, 8*chunk)
	for i := range h.entries {
		e := &h.entries[i]
		a, err := e.read(io.NewSectionReader(r, at+e.begin, e.end-e.begin), buf)
		if err != nil {
			return nil, errors.Wrapf(err, "tensor %q", e.name)
		}
		f.Tensors[e.name] = a
		e.crc = crcOf(a)
	}
	sum, ok := h.meta[checksumKey]
	delete(h.meta, checksumKey)
	f.Meta = h.meta
	if got := h.checksum(); ok && sum != got {
		return nil, errors.Wrapf(ErrFormat, "the checksum %s is %q but the contents have %q: they are damaged, or were changed by a tool that kept the checksum",
			checksumKey, sum, got)
	}
	return f, nil
}

// read reads the entry's array.
func (e *entry) read(r io.Reader, buf []byte) (graph.Array, error) {
	n := int((e.end - e.begin) / e.dtype.size())
	a := graph.Array{Shape: append([]int{}, e.shape...)}
	switch e.dtype {
	case f32:
		a.F32 = make([]float32, n)
	case f64:
		a.F64 = make([]float64, n)
	case i64:
		a.Int = make([]int, n)
	}
	for lo := 0; lo < n; lo += chunk {
		hi := min(n, lo+chunk)
		b := buf[:(hi-lo)*int(e.dtype.size())]
		if _, err := io.ReadFull(r, b); err == io.EOF || err == io.ErrUnexpectedEOF {
			return a, errors.Wrap(ErrFormat, "the file ends within the data")
		} else if err != nil {
			return a, err
		}
		if !decodeChunk(a, lo, hi, b) {
			return a, errors.Wrap(ErrFormat, "an integer is too large for this machine")
		}
	}
	return a, nil
}

// eachChunk calls yield with the little-endian bytes of a, as many at a time as buf, of 8 chunk
// bytes, takes.
func eachChunk(a graph.Array, buf []byte, yield func([]byte) error) error {
	n := a.Len()
	for lo := 0; lo < n; lo += chunk {
		hi := min(n, lo+chunk)
		if err := yield(encodeChunk(a, lo, hi, buf)); err != nil {
			return err
		}
	}
	return nil
}

// encodeChunk puts elements lo to hi of a into b, and returns the part of b that they fill.
func encodeChunk(a graph.Array, lo, hi int, b []byte) []byte {
	switch {
	case a.F32 != nil:
		for i, v := range a.F32[lo:hi] {
			binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(v))
		}
		return b[:4*(hi-lo)]
	case a.F64 != nil:
		for i, v := range a.F64[lo:hi] {
			binary.LittleEndian.PutUint64(b[8*i:], math.Float64bits(v))
		}
	default:
		for i, v := range a.Int[lo:hi] {
			binary.LittleEndian.PutUint64(b[8*i:], uint64(v))
		}
	}
	return b[:8*(hi-lo)]
}

// decodeChunk sets elements lo to hi of a from b. It is not ok if an integer does not fit an int.
func decodeChunk(a graph.Array, lo, hi int, b []byte) (ok bool) {
	switch {
	case a.F32 != nil:
		for i := range a.F32[lo:hi] {
			a.F32[lo+i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
	case a.F64 != nil:
		for i := range a.F64[lo:hi] {
			a.F64[lo+i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		}
	default:
		for i := range a.Int[lo:hi] {
			v := int64(binary.LittleEndian.Uint64(b[8*i:]))
			if int64(int(v)) != v {
				return false
			}
			a.Int[lo+i] = int(v)
		}
	}
	return true
}
