package ckpt

import (
	"bytes"
	"cmp"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

const (
	metaKey   = "__metadata__" // the format's key of the string metadata
	maxHeader = 16 << 20       // bytes; the format allows 100 MB
	align     = 8              // bytes, of the start of the data
)

// A header says what follows it. The entries are in the order of their data.
type header struct {
	json    []byte // padded with spaces
	meta    map[string]string
	entries []entry
}

// An entry describes one tensor.
type entry struct {
	name       string
	dtype      dtype
	shape      []int
	begin, end int64 // of its bytes, from the end of the header
	crc        uint32
}

// A dtype is an element type as the format names it.
type dtype string

const (
	f32 dtype = "F32"
	f64 dtype = "F64"
	i64 dtype = "I64"
)

// size is an element's number of bytes; 0 for a type without use here.
func (d dtype) size() int64 {
	switch d {
	case f32:
		return 4
	case f64, i64:
		return 8
	}
	return 0
}

func dtypeOf(a graph.Array) dtype {
	switch {
	case a.F32 != nil:
		return f32
	case a.F64 != nil:
		return f64
	}
	return i64
}

// header lays the file out: wide elements first, so that all are aligned, then by name.
func (f *File) header() (*header, error) {
	h := &header{meta: map[string]string{}}
	for key, value := range f.Meta {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return nil, errors.Wrapf(graph.ErrName, "metadata %q: key and value must be UTF-8", key)
		}
		h.meta[key] = value
	}
	for name, a := range sorted(f.Tensors) {
		if err := a.Check(); err != nil {
			return nil, errors.Wrapf(err, "tensor %q", name)
		}
		if name == metaKey || !utf8.ValidString(name) {
			return nil, errors.Wrapf(graph.ErrName, "tensor %q: want UTF-8 other than %q", name, metaKey)
		}
		h.entries = append(h.entries, entry{name: name, dtype: dtypeOf(a), shape: a.Shape, crc: crcOf(a)})
	}
	slices.SortStableFunc(h.entries, func(a, b entry) int { return cmp.Compare(b.dtype.size(), a.dtype.size()) })
	at := int64(0)
	for i := range h.entries {
		e := &h.entries[i]
		e.begin, e.end = at, at+int64(f.Tensors[e.name].Len())*e.dtype.size()
		at = e.end
	}
	h.meta[checksumKey] = h.checksum()
	h.format()
	if len(h.json) > maxHeader {
		return nil, errors.Errorf("the header would take %d bytes, want at most %d", len(h.json), maxHeader)
	}
	return h, nil
}

// format writes the JSON of a header.
func (h *header) format() {
	var b bytes.Buffer
	b.WriteByte('{')
	b.WriteString(quote(metaKey) + ":{")
	sep := ""
	for key, value := range sorted(h.meta) {
		b.WriteString(sep + quote(key) + ":" + quote(value))
		sep = ","
	}
	b.WriteByte('}')
	for _, e := range h.entries {
		b.WriteString("," + quote(e.name) + `:{"dtype":"` + string(e.dtype) + `","shape":[`)
		for i, d := range e.shape {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Itoa(d))
		}
		b.WriteString(`],"data_offsets":[` + strconv.FormatInt(e.begin, 10) + "," + strconv.FormatInt(e.end, 10) + "]}")
	}
	b.WriteByte('}')
	for b.Len()%align != 0 {
		b.WriteByte(' ')
	}
	h.json = b.Bytes()
}

// quote is s as a JSON string.
func quote(s string) string {
	b, _ := json.Marshal(s) // a string always has a form
	return string(b)
}

// sorted ranges over m in the order of its keys.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
