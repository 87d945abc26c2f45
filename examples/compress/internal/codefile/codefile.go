// Package codefile is the format of the file that the sender of codes writes and the receiver reads.
//
// A file is a header, of little-endian numbers, and the packed codes:
//
//	8 bytes   "latentcf"
//	uint8     version, 1
//	uint8     bits per number, 1 to 16
//	uint16    l, numbers of a code, 1 to 4096
//	uint32    n, images, 1 to 16 million
//	2 l float32   for each number of the code the smallest and largest value
//	uint32    CRC-32 (IEEE) of all before and of the quantised numbers
//	the rest  DEFLATE (RFC 1951) of the quantised numbers
//
// A number v of range low to high is quantised to the nearest q of the 2^bits values
// low + q (high - low)/(2^bits - 1). The quantised numbers are in bytes, or in two bytes above 8 bits,
// number by number: that of every image, then the next, as neighbours are then alike in their
// distribution.
package codefile

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"

	"github.com/latent-go/latent/graph"
	"github.com/pkg/errors"
)

// ErrFormat is wrapped by the errors of content that is no code file, or a damaged one.
var ErrFormat = errors.New("codefile: malformed file")

const (
	magic     = "latentcf"
	version   = 1
	maxBits   = 16
	maxLength = 1 << 12
	maxImages = 1 << 24
	fixed     = len(magic) + 8 // bytes of the header up to the ranges
)

// Encode quantises codes (n, l) to a number of bits each, 1 to 16, and returns the content of a file.
func Encode(codes graph.Array, bits int) ([]byte, error) {
	if err := checkCodes(codes, bits); err != nil {
		return nil, err
	}
	n, l := codes.Shape[0], codes.Shape[1]
	head := append([]byte(magic), version, byte(bits))
	head = binary.LittleEndian.AppendUint16(head, uint16(l))
	head = binary.LittleEndian.AppendUint32(head, uint32(n))
	var body []byte
	for j := range l {
		low, high := math.Inf(1), math.Inf(-1)
		for i := range n {
			low, high = min(low, codes.At(i*l+j)), max(high, codes.At(i*l+j))
		}
		head = binary.LittleEndian.AppendUint32(head, math.Float32bits(float32(low)))
		head = binary.LittleEndian.AppendUint32(head, math.Float32bits(float32(high)))
		for i := range n {
			q := 0.0
			if high > low {
				q = math.Round((codes.At(i*l+j) - low) / (high - low) * levels(bits))
			}
			body = append(body, byte(q))
			if bits > 8 {
				body = append(body, byte(uint16(q)>>8))
			}
		}
	}
	sum := crc32.Update(crc32.ChecksumIEEE(head), crc32.IEEETable, body)
	packed := bytes.NewBuffer(binary.LittleEndian.AppendUint32(head, sum))
	w, err := flate.NewWriter(packed, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// levels is the largest quantised number.
func levels(bits int) float64 { return float64(int(1)<<bits - 1) }

func checkCodes(codes graph.Array, bits int) error {
	if err := codes.Check(); err != nil {
		return err
	}
	if codes.F32 == nil || len(codes.Shape) != 2 || codes.Shape[0] > maxImages || codes.Shape[1] > maxLength {
		return errors.Wrapf(graph.ErrShape, "codefile: codes of shape %v, expected at most %d float32 codes of at most %d numbers", codes.Shape, maxImages, maxLength)
	}
	if bits < 1 || bits > maxBits {
		return errors.Wrapf(graph.ErrRange, "codefile: %d bits per number, expected 1 to %d", bits, maxBits)
	}
	for i, v := range codes.F32 {
		if v-v != 0 {
			return errors.Wrapf(graph.ErrNotFinite, "codefile: number %d of code %d", i%codes.Shape[1], i/codes.Shape[1])
		}
	}
	return nil
}

// Decode returns the codes (n, l) that a file holds.
func Decode(file []byte) (graph.Array, error) {
	h, packed, err := readHeader(file)
	if err != nil {
		return graph.Array{}, err
	}
	body, err := unpack(packed, h.bodyLen())
	if err != nil {
		return graph.Array{}, err
	}
	sumAt := len(file) - len(packed) - 4
	sum := crc32.Update(crc32.ChecksumIEEE(file[:sumAt]), crc32.IEEETable, body)
	if binary.LittleEndian.Uint32(file[sumAt:]) != sum {
		return graph.Array{}, errors.Wrap(ErrFormat, "the checksum is wrong: the file is damaged")
	}
	codes := make([]float32, h.n*h.l)
	for k := range codes {
		j, i := k/h.n, k%h.n
		q := 0
		if h.bits > 8 {
			q = int(binary.LittleEndian.Uint16(body[2*k:]))
		} else {
			q = int(body[k])
		}
		if float64(q) > levels(h.bits) {
			return graph.Array{}, errors.Wrapf(ErrFormat, "number %d of code %d is %d, which %d bits cannot hold", j, i, q, h.bits)
		}
		low, high := float64(h.ranges[2*j]), float64(h.ranges[2*j+1])
		codes[i*h.l+j] = float32(low + float64(q)/levels(h.bits)*(high-low))
	}
	return graph.Floats32(codes, h.n, h.l), nil
}

type header struct {
	bits, l, n int
	ranges     []float32 // low, high, low, high ...
}

// bodyLen is the number of bytes of the quantised numbers.
func (h header) bodyLen() int { return h.n * h.l * ((h.bits + 7) / 8) }

// readHeader checks the header and returns it with what follows it.
func readHeader(file []byte) (h header, packed []byte, err error) {
	if len(file) < fixed || string(file[:len(magic)]) != magic {
		return h, nil, errors.Wrapf(ErrFormat, "%d bytes that do not begin with a header of a code file", len(file))
	}
	b := file[len(magic):]
	if b[0] != version {
		return h, nil, errors.Wrapf(ErrFormat, "version %d, this program reads version %d", b[0], version)
	}
	h.bits, h.l, h.n = int(b[1]), int(binary.LittleEndian.Uint16(b[2:])), int(binary.LittleEndian.Uint32(b[4:]))
	if h.bits < 1 || h.bits > maxBits || h.l < 1 || h.l > maxLength || h.n < 1 || h.n > maxImages {
		return h, nil, errors.Wrapf(ErrFormat, "header says %d codes of %d numbers of %d bits; at most %d, %d and %d are possible, and at least 1", h.n, h.l, h.bits, maxImages, maxLength, maxBits)
	}
	b = b[8:]
	if len(b) < 8*h.l+4 {
		return h, nil, errors.Wrap(ErrFormat, "the file ends within its header")
	}
	for i := range 2 * h.l {
		h.ranges = append(h.ranges, math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
	}
	for j := range h.l {
		if low, high := h.ranges[2*j], h.ranges[2*j+1]; low-low != 0 || high-high != 0 || low > high {
			return h, nil, errors.Wrapf(ErrFormat, "number %d of the codes has the range %g to %g", j, low, high)
		}
	}
	return h, b[8*h.l+4:], nil
}

// unpack returns the n bytes that are packed. Its memory grows with what really comes out.
func unpack(packed []byte, n int) ([]byte, error) {
	source := bytes.NewReader(packed)
	body, err := io.ReadAll(io.LimitReader(flate.NewReader(source), int64(n)+1))
	switch {
	case err != nil:
		return nil, errors.Wrapf(ErrFormat, "codes: %v", err)
	case len(body) != n:
		return nil, errors.Wrapf(ErrFormat, "header says %d bytes of codes, there are %d or more", n, len(body))
	case source.Len() > 0:
		return nil, errors.Wrapf(ErrFormat, "%d bytes follow the codes", source.Len())
	}
	return body, nil
}
