package ckpt

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// maxRank is the most dimensions that a tensor may have.
const maxRank = 16

// readHeader reads and checks the header of a file of size bytes, and says where the data begin.
func readHeader(r io.ReaderAt, size int64) (h *header, data int64, err error) {
	var prefix [8]byte
	if size < int64(len(prefix)) {
		return nil, 0, errors.Wrapf(ErrFormat, "%d bytes are too few: a header's length alone takes 8", size)
	}
	if err := readAt(r, prefix[:], 0); err != nil {
		return nil, 0, err
	}
	n := binary.LittleEndian.Uint64(prefix[:])
	switch {
	case n > maxHeader:
		return nil, 0, errors.Wrapf(ErrFormat, "the header claims %d bytes, want at most %d", n, maxHeader)
	case int64(n) > size-8:
		return nil, 0, errors.Wrapf(ErrFormat, "the header claims %d bytes, but only %d follow", n, size-8)
	}
	text := make([]byte, n)
	if err := readAt(r, text, 8); err != nil {
		return nil, 0, err
	}
	h, err = parseHeader(text)
	if err != nil {
		return nil, 0, err
	}
	data = 8 + int64(n)
	return h, data, h.validate(size - data)
}

// readAt fills b from position at of r.
func readAt(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case err == io.EOF:
		return errors.Wrapf(ErrFormat, "the file ends at byte %d, want at least %d", at+int64(n), at+int64(len(b)))
	}
	return err
}

// parseHeader reads the JSON of a header: an object of tensors by name. It is strict, as what two
// readers would understand in two ways is of no use: names and keys occur once.
func parseHeader(text []byte) (*header, error) {
	switch {
	case len(text) == 0 || text[0] != '{':
		return nil, errors.Wrap(ErrFormat, "the header must be a JSON object")
	case !utf8.Valid(text):
		return nil, errors.Wrap(ErrFormat, "the header is not UTF-8")
	case !json.Valid(text):
		return nil, errors.Wrap(ErrFormat, "the header is not JSON")
	}
	p := parser{json.NewDecoder(bytes.NewReader(text))}
	p.dec.UseNumber()
	h := &header{meta: map[string]string{}}
	err := p.object("the header", func(name string) error {
		if name == metaKey {
			return p.object(metaKey, func(key string) error {
				value, ok := p.token().(string)
				h.meta[key] = value
				return formatError(ok, "metadata %q: want a string", key)
			})
		}
		e, err := p.entry(name)
		h.entries = append(h.entries, e)
		return err
	})
	return h, err
}

// A parser walks through JSON that is known to be valid.
type parser struct{ dec *json.Decoder }

func (p parser) token() json.Token {
	t, _ := p.dec.Token()
	return t
}

// object reads an object and has member read the value of each key.
func (p parser) object(what string, member func(key string) error) error {
	if p.token() != json.Delim('{') {
		return formatError(false, "%s: want an object", what)
	}
	seen := map[string]bool{}
	for p.dec.More() {
		key, _ := p.token().(string)
		if seen[key] {
			return formatError(false, "%s: %q occurs twice", what, key)
		}
		seen[key] = true
		if err := member(key); err != nil {
			return err
		}
	}
	p.token()
	return nil
}

// entry reads the description of a tensor.
func (p parser) entry(name string) (entry, error) {
	e := entry{name: name}
	fields := 0
	err := p.object("tensor "+strconv.Quote(name), func(key string) error {
		fields++
		switch key {
		case "dtype":
			s, ok := p.token().(string)
			e.dtype = dtype(s)
			return formatError(ok, "tensor %q: dtype must be a string", name)
		case "shape":
			dims, ok := p.integers(maxRank, math.MaxInt)
			for _, d := range dims {
				e.shape = append(e.shape, int(d))
			}
			return formatError(ok, "tensor %q: shape must be a list of at most %d whole numbers", name, maxRank)
		case "data_offsets":
			at, ok := p.integers(2, math.MaxInt64)
			if ok = ok && len(at) == 2; ok {
				e.begin, e.end = at[0], at[1]
			}
			return formatError(ok, "tensor %q: data_offsets must be two whole numbers", name)
		}
		return formatError(false, "tensor %q: unknown key %q, want dtype, shape and data_offsets", name, key)
	})
	if err == nil {
		err = formatError(fields == 3, "tensor %q: want dtype, shape and data_offsets", name)
	}
	return e, err
}

// integers reads a list of at most most whole numbers of 0 to limit.
func (p parser) integers(most int, limit int64) (list []int64, ok bool) {
	if p.token() != json.Delim('[') {
		return nil, false
	}
	for p.dec.More() {
		number, ok := p.token().(json.Number)
		v, err := strconv.ParseInt(string(number), 10, 64)
		if !ok || err != nil || v < 0 || v > limit || len(list) == most {
			return nil, false
		}
		list = append(list, v)
	}
	p.token()
	return list, true
}

// validate sorts the entries by their data, and returns an error unless these fill exactly size
// bytes.
func (h *header) validate(size int64) error {
	slices.SortFunc(h.entries, func(a, b entry) int { return cmp.Compare(a.begin, b.begin) })
	at := int64(0)
	for _, e := range h.entries {
		n, err := e.bytes()
		switch {
		case err != nil:
			return err
		case e.begin != at:
			return formatError(false, "tensor %q begins at byte %d of the data, but the one before ends at %d", e.name, e.begin, at)
		case e.end < e.begin || e.end-e.begin != n:
			return formatError(false, "tensor %q: %s of shape %v takes %d bytes, the offsets are %d and %d", e.name, e.dtype, e.shape, n, e.begin, e.end)
		case e.end > size:
			return formatError(false, "tensor %q ends at byte %d of the data, but only %d follow the header", e.name, e.end, size)
		}
		at = e.end
	}
	return formatError(at == size, "the header describes %d bytes of data, but %d follow it", at, size)
}

// bytes is how many the entry's data take.
func (e entry) bytes() (int64, error) {
	n := e.dtype.size()
	if n == 0 {
		return 0, formatError(false, "tensor %q has element type %q, want F32, F64 or I64", e.name, e.dtype)
	}
	for _, d := range e.shape {
		if d < 1 || n > math.MaxInt/int64(d) {
			return 0, formatError(false, "tensor %q: shape %v is empty or too large", e.name, e.shape)
		}
		n *= int64(d)
	}
	return n, nil
}

// formatError is nil if ok, else ErrFormat with the message.
func formatError(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return errors.Wrapf(ErrFormat, format, args...)
}
