package ckpt

import (
	"bytes"
	"encoding/binary"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

func TestEveryTruncationIsDetected(t *testing.T) {
	b := encoded(t, sample())
	for n := range b {
		if f, err := decode(b[:n]); f != nil || !errors.Is(err, ErrFormat) {
			t.Fatalf("%d bytes of %d: error %v, want ErrFormat", n, len(b), err)
		}
		// A file that shrinks while it is read.
		if f, err := Decode(bytes.NewReader(b[:n]), int64(len(b))); f != nil || !errors.Is(err, ErrFormat) {
			t.Fatalf("%d bytes instead of %d: error %v, want ErrFormat", n, len(b), err)
		}
	}
	if _, err := decode(append(b, 0)); !errors.Is(err, ErrFormat) {
		t.Errorf("a byte too many: error %v, want ErrFormat", err)
	}
}

// No flipped bit may change what a file says. Only the name of the checksum's own key can be hit
// unnoticed: it becomes a key without meaning.
func TestEveryFlippedBitIsDetected(t *testing.T) {
	want := sample()
	b := encoded(t, want)
	harmless := 0
	for i := range 8 * len(b) {
		b[i/8] ^= 1 << (i % 8)
		f, err := decode(b)
		b[i/8] ^= 1 << (i % 8)
		if errors.Is(err, ErrFormat) {
			continue
		}
		if err != nil {
			t.Fatalf("bit %d: error %v, want ErrFormat", i, err)
		}
		for key := range f.Meta {
			if _, ok := want.Meta[key]; !ok && len(f.Meta) == len(want.Meta)+1 {
				delete(f.Meta, key)
				harmless++
			}
		}
		if !equal(f, want) {
			t.Fatalf("bit %d: the file is accepted and says %v", i, f)
		}
	}
	if most := 8 * len(checksumKey); harmless > most {
		t.Errorf("%d flips go unnoticed, want at most %d", harmless, most)
	}
}

func TestHostileHeaders(t *testing.T) {
	const one = `{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`
	tensor := func(dtype, shape, offsets string) string {
		return `{"a":{"dtype":` + dtype + `,"shape":` + shape + `,"data_offsets":` + offsets + `}}`
	}
	for name, c := range map[string]struct {
		header string
		data   int
		says   string
	}{
		"empty":                 {"", 0, "JSON object"},
		"null":                  {"null", 0, "JSON object"},
		"list":                  {"[]", 0, "JSON object"},
		"leading space":         {" {}", 0, "JSON object"},
		"not JSON":              {"{", 0, "not JSON"},
		"two values":            {"{}{}", 0, "not JSON"},
		"zero bytes as padding": {"{}\x00\x00", 0, "not JSON"},
		"very deep":             {`{"a":` + strings.Repeat("[", 1<<20) + strings.Repeat("]", 1<<20) + "}", 0, "not JSON"},
		"deep":                  {`{"a":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + "}", 0, "want an object"},
		"invalid UTF-8":         {"{\"a\xff\":" + one + "}", 4, "UTF-8"},
		"tensor twice":          {`{"a":` + one + `,"a":` + one + `}`, 4, `"a" occurs twice`},
		"tensor twice, escaped": {`{"a":` + one + `,"\u0061":` + one + `}`, 4, `"a" occurs twice`},
		"field twice":           {`{"a":{"dtype":"I32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4, `"dtype" occurs twice`},
		"metadata twice":        {`{"__metadata__":{},"__metadata__":{}}`, 0, "occurs twice"},
		"metadata key twice":    {`{"__metadata__":{"k":"a","k":"b"}}`, 0, `"k" occurs twice`},
		"metadata null":         {`{"__metadata__":null}`, 0, "want an object"},
		"metadata number":       {`{"__metadata__":{"a":1}}`, 0, `metadata "a": want a string`},
		"metadata nested":       {`{"__metadata__":{"a":{}}}`, 0, `metadata "a": want a string`},
		"metadata NaN":          {`{"__metadata__":{"a":NaN}}`, 0, "not JSON"},
		"tensor null":           {`{"a":null}`, 0, "want an object"},
		"tensor empty":          {`{"a":{}}`, 0, "want dtype, shape and data_offsets"},
		"field missing":         {`{"a":{"dtype":"F32","shape":[1]}}`, 4, "want dtype, shape and data_offsets"},
		"unknown field":         {`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}`, 4, `unknown key "x"`},
		"other case of a field": {`{"a":{"Dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4, `unknown key "Dtype"`},
		"type of another tool":  {tensor(`"BF16"`, "[2]", "[0,4]"), 4, `"BF16", want F32, F64 or I64`},
		"type a number":         {tensor("32", "[1]", "[0,4]"), 4, "dtype must be a string"},
		"shape a number":        {tensor(`"F32"`, "1", "[0,4]"), 4, "shape must be a list"},
		"shape null":            {tensor(`"F32"`, "null", "[0,4]"), 4, "shape must be a list"},
		"shape negative":        {tensor(`"F32"`, "[-1,-1]", "[0,4]"), 4, "shape must be a list"},
		"shape with fraction":   {tensor(`"F32"`, "[1.0]", "[0,4]"), 4, "shape must be a list"},
		"shape with exponent":   {tensor(`"F32"`, "[1e0]", "[0,4]"), 4, "shape must be a list"},
		"shape of strings":      {tensor(`"F32"`, `["1"]`, "[0,4]"), 4, "shape must be a list"},
		"shape of lists":        {tensor(`"F32"`, "[[1]]", "[0,4]"), 4, "shape must be a list"},
		"shape with zero":       {tensor(`"F32"`, "[0]", "[0,0]"), 0, "empty or too large"},
		"zero hides overflow":   {tensor(`"F32"`, "[0,9223372036854775807,9223372036854775807]", "[0,0]"), 0, "empty or too large"},
		"product overflows":     {tensor(`"F32"`, "[4294967296,4294967296]", "[0,0]"), 0, "empty or too large"},
		"bytes overflow":        {tensor(`"F64"`, "[2305843009213693952]", "[0,0]"), 0, "empty or too large"},
		"beyond int64":          {tensor(`"F32"`, "[9223372036854775808]", "[0,0]"), 0, "shape must be a list"},
		"too many dimensions":   {tensor(`"F32"`, "["+strings.Repeat("1,", maxRank)+"1]", "[0,4]"), 4, "at most 16"},
		"offsets three":         {tensor(`"F32"`, "[1]", "[0,4,8]"), 4, "two whole numbers"},
		"offsets one":           {tensor(`"F32"`, "[1]", "[4]"), 4, "two whole numbers"},
		"offsets negative":      {tensor(`"F32"`, "[1]", "[-4,0]"), 4, "two whole numbers"},
		"offsets reversed":      {tensor(`"F32"`, "[1]", "[0,-4]"), 4, "two whole numbers"},
		"end before begin":      {`{"a":` + one + `,"b":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, 4, "takes 4 bytes"},
		"offsets huge":          {tensor(`"F32"`, "[1]", "[0,9223372036854775807]"), 4, "takes 4 bytes"},
		"size and shape differ": {tensor(`"F32"`, "[2]", "[0,4]"), 4, "takes 8 bytes"},
		"data missing":          {tensor(`"F32"`, "[2]", "[0,8]"), 4, "only 4 follow"},
		"terabytes missing":     {tensor(`"F32"`, "[1099511627776]", "[0,4398046511104]"), 4, "only 4 follow"},
		"data left over":        {tensor(`"F32"`, "[1]", "[0,4]"), 8, "but 8 follow"},
		"hole at the start":     {tensor(`"F32"`, "[1]", "[4,8]"), 8, "begins at byte 4"},
		"hole":                  {`{"a":` + one + `,"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}`, 12, "begins at byte 8"},
		"same place":            {`{"a":` + one + `,"b":` + one + `}`, 4, "begins at byte 0"},
		"overlap":               {`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8, "begins at byte 4"},
		"checksum wrong":        {`{"__metadata__":{"latent.crc32c":"ffffffff"}}`, 0, "checksum"},
	} {
		f, err := decode(raw(c.header, c.data))
		if f != nil || !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %.200v, want ErrFormat that says %q", name, err, c.says)
		}
	}
}

func TestHeaderLength(t *testing.T) {
	for _, n := range []uint64{1 << 63, math.MaxUint64, math.MaxInt64, maxHeader + 1, maxHeader, 3} {
		b := binary.LittleEndian.AppendUint64(nil, n)
		if _, err := decode(append(b, '{', '}')); !errors.Is(err, ErrFormat) {
			t.Errorf("length %d: error %v, want ErrFormat", n, err)
		}
	}
}

// Files as other tools write them.
func TestForeignFiles(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":           raw("{}", 0),
		"spaces as padding": raw("{}      ", 0),
		"no metadata":       raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4),
		"other order":       raw(`{"b":{"data_offsets":[4,8],"shape":[1],"dtype":"F32"} , "a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"__metadata__":{"format":"pt"}}`, 8),
	} {
		if _, err := decode(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The most costly headers of the allowed length must not cost more than a fixed multiple of it.
func TestMemoryIsBounded(t *testing.T) {
	fill := func(first, repeat, last string) []byte {
		n := (maxHeader - len(first) - len(last)) / len(repeat)
		return raw(first+strings.Repeat(repeat, n)+last, 4)
	}
	var many strings.Builder
	many.WriteByte('{')
	for i := 0; many.Len() < maxHeader-100; i++ {
		if i > 0 {
			many.WriteByte(',')
		}
		many.WriteString(`"` + string([]rune{rune(0x4e00 + i%20000), rune(0x4e00 + i/20000)}) + `":{"dtype":"F32","shape":[],"data_offsets":[0,4]}`)
	}
	many.WriteByte('}')
	for name, b := range map[string][]byte{
		"one long shape":    fill(`{"a":{"dtype":"F32","data_offsets":[0,4],"shape":[1`, `,1`, `]}}`),
		"nested lists":      fill(`{"a":[`, `[],`, `[]]}`),
		"nested objects":    fill(`{"a":{"a":[`, `{},`, `{}]}}`),
		"one long name":     fill(`{"`, `a`, `":{}}`),
		"long metadata":     fill(`{"__metadata__":{"`, `a`, `":""}}`),
		"number of one MiB": fill(`{"a":{"shape":[`, `1`, `]}}`),
		"many tensors":      raw(many.String(), 4),
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, err := decode(b)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ErrFormat) && !strings.Contains(name, "metadata") {
			t.Errorf("%s: error %.100v, want ErrFormat", name, err)
		}
		if total := after.TotalAlloc - before.TotalAlloc; total > 40*maxHeader { // most of it garbage at once
			t.Errorf("%s: a header of %d MiB made %d MiB of allocations", name, maxHeader>>20, total>>20)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, sample()))
	f.Add(encoded(f, NewFile()))
	f.Add(raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"I64","shape":[2,1],"data_offsets":[4,20]}}`, 20))
	f.Add(raw(`{"__metadata__":{"k":"v"},"a":{"dtype":"F64","shape":[],"data_offsets":[0,8]}} `, 8))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := decode(b)
		if err != nil {
			if got != nil || !errors.Is(err, ErrFormat) {
				t.Fatalf("error %v with File %v, want ErrFormat alone", err, got)
			}
			return
		}
		// What is accepted can be written, and comes back the same.
		again, err := decode(encoded(t, got))
		if err != nil {
			t.Fatal(err)
		}
		if !equal(got, again) {
			t.Fatalf("read %v, wrote and read %v", got, again)
		}
	})
}
