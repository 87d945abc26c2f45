// Package codefile is what the sender and the receiver agree on: the form of the file of codes.
//
//	bytes    content
//	4        "LATC"
//	1        version, 1
//	1        bits of a quantised number, 1 to 16
//	4, 4     n images and l numbers of a code, little-endian
//	8 l      the smallest and the largest value of each number, float32
//	4        CRC-32 (IEEE) of all before
//	rest     gzip: for each of the l numbers those of all images, the low bytes, then with more
//	         than 8 bits the high ones
//
// A number q stands for low + (high - low) q / (2^bits - 1). Neighbours in the file are alike, which
// is what gzip lives on, and the two checksums tell damage.
package codefile

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// ErrFormat is wrapped by every error about the content of a file.
var ErrFormat = errors.New("codefile: not a file of codes")

const (
	magic      = "LATC"
	version    = 1
	maxNumbers = 1 << 28 // in a file
)

type header struct {
	Magic         [4]byte
	Version, Bits uint8
	Images, Units uint32
}

// Encode writes codes (n, l), float32, with the given bits for each number.
func Encode(w io.Writer, codes graph.Array, bits int) error {
	if err := codes.Check(); err != nil {
		return err
	}
	if len(codes.Shape) != 2 || codes.F32 == nil || codes.Len() > maxNumbers {
		return errors.Wrapf(graph.ErrShape, "codes of shape %v, expected at most %d float32 numbers (n, l)", codes.Shape, maxNumbers)
	}
	if err := codes.CheckFinite(); err != nil {
		return err
	}
	if bits < 1 || bits > 16 {
		return errors.Errorf("codefile: %d bits for a number, expected 1 to 16", bits)
	}
	n, l := codes.Shape[0], codes.Shape[1]
	h := header{Version: version, Bits: uint8(bits), Images: uint32(n), Units: uint32(l)}
	copy(h.Magic[:], magic)
	ranges, planes := quantise(codes.F32, n, l, bits)
	for _, part := range []any{h, ranges, checksum(h, ranges)} {
		if err := binary.Write(w, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(planes); err != nil {
		return err
	}
	return z.Close()
}

// checksum is that of header and ranges as they are in the file.
func checksum(h header, ranges []float32) uint32 {
	sum := crc32.NewIEEE()
	binary.Write(sum, binary.LittleEndian, h) // a hash takes everything
	binary.Write(sum, binary.LittleEndian, ranges)
	return sum.Sum32()
}

// quantise returns the range of each number and the bytes of all.
func quantise(x []float32, n, l, bits int) (ranges []float32, planes []byte) {
	levels := float64(int(1)<<bits - 1)
	for j := range l {
		low, high := x[j], x[j]
		for i := range n {
			low, high = min(low, x[i*l+j]), max(high, x[i*l+j])
		}
		ranges = append(ranges, low, high)
		span := float64(high) - float64(low)
		q := make([]int, n)
		for i := range q {
			if span > 0 {
				q[i] = int(math.Round((float64(x[i*l+j]) - float64(low)) / span * levels))
			}
			planes = append(planes, byte(q[i]))
		}
		if bits > 8 {
			for _, v := range q {
				planes = append(planes, byte(v>>8))
			}
		}
	}
	return ranges, planes
}

// Decode reads codes (n, l). Memory is bounded by what the file really holds.
func Decode(r io.Reader) (graph.Array, error) {
	var none graph.Array
	var h header
	if err := binary.Read(r, binary.LittleEndian, &h); err != nil {
		return none, errors.Wrapf(ErrFormat, "the header is cut off (%v)", err)
	}
	n, l := int(h.Images), int(h.Units)
	switch {
	case string(h.Magic[:]) != magic:
		return none, errors.Wrapf(ErrFormat, "begins with %q, expected %q", h.Magic[:], magic)
	case h.Version != version:
		return none, errors.Wrapf(ErrFormat, "version %d, expected %d", h.Version, version)
	case h.Bits < 1 || h.Bits > 16:
		return none, errors.Wrapf(ErrFormat, "%d bits for a number, expected 1 to 16", h.Bits)
	case n < 1 || l < 1 || n > maxNumbers/l:
		return none, errors.Wrapf(ErrFormat, "%d images of %d numbers, expected at least one and at most %d numbers", n, l, maxNumbers)
	}
	ranges, err := readRanges(r, l)
	if err != nil {
		return none, err
	}
	var sum uint32
	if err := binary.Read(r, binary.LittleEndian, &sum); err != nil {
		return none, errors.Wrapf(ErrFormat, "the checksum of the header is cut off (%v)", err)
	}
	if sum != checksum(h, ranges) {
		return none, errors.Wrap(ErrFormat, "the checksum of the header is wrong: it is damaged")
	}
	width := 1
	if h.Bits > 8 {
		width = 2
	}
	planes, err := unpack(r, n*l*width)
	if err != nil {
		return none, err
	}
	return graph.Floats32(dequantise(ranges, planes, n, l, int(h.Bits)), n, l), nil
}

func readRanges(r io.Reader, l int) ([]float32, error) {
	raw, err := io.ReadAll(io.LimitReader(r, int64(8*l)))
	if err != nil || len(raw) != 8*l {
		return nil, errors.Wrapf(ErrFormat, "the ranges of %d numbers are cut off after %d bytes", l, len(raw))
	}
	ranges := make([]float32, 2*l)
	for i := range ranges {
		ranges[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	for j := range l {
		low, high := float64(ranges[2*j]), float64(ranges[2*j+1])
		if !(low <= high) || math.IsInf(low, 0) || math.IsInf(high, 0) {
			return nil, errors.Wrapf(ErrFormat, "number %d ranges from %v to %v", j, low, high)
		}
	}
	return ranges, nil
}

// unpack returns exactly size bytes.
func unpack(r io.Reader, size int) ([]byte, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, errors.Wrapf(ErrFormat, "the numbers are not gzip (%v)", err)
	}
	var b bytes.Buffer
	got, err := io.Copy(&b, io.LimitReader(z, int64(size)+1))
	if err != nil {
		return nil, errors.Wrapf(ErrFormat, "the numbers are damaged (%v)", err)
	}
	if got != int64(size) {
		return nil, errors.Wrapf(ErrFormat, "the numbers do not have %d bytes", size)
	}
	return b.Bytes(), nil
}

func dequantise(ranges []float32, planes []byte, n, l, bits int) []float32 {
	levels := float64(int(1)<<bits - 1)
	x := make([]float32, n*l)
	for j := range l {
		low, span := float64(ranges[2*j]), float64(ranges[2*j+1])-float64(ranges[2*j])
		plane := planes[:n]
		planes = planes[n:]
		var high []byte
		if bits > 8 {
			high, planes = planes[:n], planes[n:]
		}
		for i := range n {
			q := int(plane[i])
			if high != nil {
				q |= int(high[i]) << 8
			}
			x[i*l+j] = float32(low + span*min(1, float64(q)/levels))
		}
	}
	return x
}
