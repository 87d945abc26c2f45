package ckpt

import (
	"bytes"
	"encoding/binary"
	"math"
	"reflect"
	"testing"

	"github.com/latent-go/latent/graph"
)

// sample is a small File of all that a file can hold.
func sample() *File {
	f := NewFile()
	f.Meta["note"] = "größer <b> \"quoted\" \u2028\n"
	f.Meta[""] = ""
	f.Tensors["enc/0/w"] = graph.Floats32([]float32{1, -2.5, float32(math.Inf(1)), 3e-45, float32(math.Copysign(0, -1)),
		math.Float32frombits(0x7f812345)}, 2, 3) // a signalling NaN with a payload
	f.Tensors["wide"] = graph.Floats64([]float64{math.Copysign(0, -1), math.Float64frombits(0xfff0000000000abc), 5e-324}, 3)
	f.Tensors["labels"] = graph.Ints([]int{math.MaxInt, math.MinInt, -1, 0}, 2, 1, 2)
	f.Tensors["scalar"] = graph.Floats32([]float32{7})
	f.Tensors["Ünïcode \" <&> \\"] = graph.Floats32([]float32{0.5}, 1, 1)
	return f
}

// bitsOf maps floats to their bits, under which NaNs compare.
func bitsOf(a graph.Array) any {
	switch {
	case a.F32 != nil:
		b := make([]uint32, len(a.F32))
		for i, v := range a.F32 {
			b[i] = math.Float32bits(v)
		}
		return b
	case a.F64 != nil:
		b := make([]uint64, len(a.F64))
		for i, v := range a.F64 {
			b[i] = math.Float64bits(v)
		}
		return b
	}
	return a.Int
}

// equal reports whether two Files are the same to the last bit.
func equal(a, b *File) bool {
	if !reflect.DeepEqual(a.Meta, b.Meta) || len(a.Tensors) != len(b.Tensors) {
		return false
	}
	for name, x := range a.Tensors {
		y, ok := b.Tensors[name]
		if !ok || len(x.Shape) != len(y.Shape) || !reflect.DeepEqual(bitsOf(x), bitsOf(y)) {
			return false
		}
		for i := range x.Shape {
			if x.Shape[i] != y.Shape[i] {
				return false
			}
		}
	}
	return true
}

func encoded(t testing.TB, f *File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decode(b []byte) (*File, error) { return Decode(bytes.NewReader(b), int64(len(b))) }

// raw is a file of the given header and so many zero bytes.
func raw(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

// testParams is a set of three parameters, one a buffer, with values that depend on seed.
func testParams(t testing.TB, dtype graph.DType, seed uint64) *graph.Params {
	t.Helper()
	p := graph.NewParams(dtype, graph.NewKey(seed))
	addTestParams(t, p)
	return p
}

func addTestParams(t testing.TB, p *graph.Params) {
	t.Helper()
	addParam(t, p, "enc/0/w", true, 3, 5)
	addParam(t, p, "enc/0/b", true, 5)
	addParam(t, p, "chain", false, 2, 3)
}

func addParam(t testing.TB, p *graph.Params, name string, trainable bool, shape ...int) {
	t.Helper()
	if _, err := p.Add(name, trainable, graph.NormalWith(1), shape...); err != nil {
		t.Fatal(err)
	}
}
