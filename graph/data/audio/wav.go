package audio

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
	"os"
	"slices"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/internal/atomicfile"
)

// A Wave is a waveform of one channel.
type Wave struct {
	Rate    int       // samples a second
	Samples []float32 // in [-1, 1]
}

// Seconds is how long the wave lasts.
func (w Wave) Seconds() float64 { return float64(len(w.Samples)) / float64(w.Rate) }

// ReadWAV reads a WAV file of 16-bit linear samples. Several channels become their mean. Anything else
// is a data.ErrFormat, a file without samples data.ErrEmpty.
func ReadWAV(path string) (Wave, error) {
	f, err := os.Open(path)
	if err != nil {
		return Wave{}, errors.Wrap(err, "audio")
	}
	defer f.Close()
	w, err := DecodeWAV(bufio.NewReader(f))
	return w, errors.WithMessagef(err, "audio: file %q", path)
}

// A layout is what the format chunk of a WAV file says.
type layout struct{ rate, channels int }

// DecodeWAV is ReadWAV from r. What follows the samples is not read.
func DecodeWAV(r io.Reader) (Wave, error) {
	var head [12]byte
	if err := fill(r, head[:]); err != nil {
		return Wave{}, err
	}
	if string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return Wave{}, errors.Wrapf(data.ErrFormat, "starts with %q, expected \"RIFF\", a size and \"WAVE\"", head)
	}
	var format *layout
	for {
		if err := fill(r, head[:8]); err != nil {
			return Wave{}, err
		}
		name, size := string(head[:4]), int64(binary.LittleEndian.Uint32(head[4:]))
		switch {
		case name == "fmt " && format == nil:
			f, err := readLayout(r, size)
			if err != nil {
				return Wave{}, err
			}
			format = &f
		case name == "data" && format != nil:
			x, err := readSamples(r, size, format.channels)
			return Wave{format.rate, x}, err
		case name == "data" || name == "fmt ":
			return Wave{}, errors.Wrapf(data.ErrFormat, "chunk %q out of place, expected one \"fmt \", then \"data\"", name)
		default:
			if err := skip(r, size+size%2); err != nil {
				return Wave{}, err
			}
		}
	}
}

// fill reads all of b.
func fill(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.Wrap(data.ErrFormat, "file ends before its samples")
	}
	return err
}

func skip(r io.Reader, n int64) error {
	_, err := io.CopyN(io.Discard, r, n)
	if err == io.EOF {
		return errors.Wrap(data.ErrFormat, "file ends within a chunk")
	}
	return err
}

// readLayout reads a format chunk of so many bytes.
func readLayout(r io.Reader, size int64) (layout, error) {
	var b [40]byte
	if size < 16 {
		return layout{}, errors.Wrapf(data.ErrFormat, "format chunk of %d bytes, expected at least 16", size)
	}
	known := min(size, int64(len(b)))
	if err := fill(r, b[:known]); err != nil {
		return layout{}, err
	}
	if err := skip(r, size+size%2-known); err != nil {
		return layout{}, err
	}
	short := func(at int) int { return int(binary.LittleEndian.Uint16(b[at:])) }
	tag, bits := short(0), short(14)
	if tag == 0xfffe && known == 40 { // the extensible form keeps the tag in a GUID
		tag = short(24)
	}
	if tag != 1 || bits != 16 {
		return layout{}, errors.Wrapf(data.ErrFormat, "format %d with %d bits, expected 1 (linear) with 16", tag, bits)
	}
	l := layout{int(binary.LittleEndian.Uint32(b[4:])), short(2)}
	if l.rate < 1 || l.rate > maxRate || l.channels < 1 || short(12) != 2*l.channels {
		return layout{}, errors.Wrapf(data.ErrFormat, "%d samples a second of %d channels in blocks of %d bytes", l.rate, l.channels, short(12))
	}
	return l, nil
}

const maxRate = 1 << 20 // samples a second; more is no sound

// readSamples reads size bytes of samples. Memory grows with what really follows, whatever the size is.
func readSamples(r io.Reader, size int64, channels int) ([]float32, error) {
	block := 2 * channels
	if size%int64(block) != 0 {
		return nil, errors.Wrapf(data.ErrFormat, "%d bytes of samples are no whole number of blocks of %d", size, block)
	}
	n := int(size / int64(block))
	if n == 0 {
		return nil, errors.Wrap(data.ErrEmpty, "no samples")
	}
	piece := max(1, 1<<14/block)
	raw := make([]byte, min(n, piece)*block)
	x := make([]float32, 0, min(n, piece))
	for len(x) < n {
		part := raw[:min(n-len(x), piece)*block]
		if got, err := io.ReadFull(r, part); err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil, errors.Wrapf(data.ErrFormat, "header says %d bytes of samples but only %d follow", size, len(x)*block+got)
		} else if err != nil {
			return nil, err
		}
		x = slices.Grow(x, min(n-len(x), max(len(x), piece)))
		for ; len(part) > 0; part = part[block:] {
			sum := 0
			for c := range channels {
				sum += int(int16(binary.LittleEndian.Uint16(part[2*c:])))
			}
			x = append(x, float32(sum)/float32(channels)/(1<<15))
		}
	}
	return x, nil
}

// WriteWAV writes a wave to a file of 16-bit samples, whole or not at all. What is outside of [-1, 1] is
// clipped, as any loudspeaker would; NaN and Inf are a graph.ErrNotFinite.
func WriteWAV(path string, w Wave) error {
	return errors.WithMessagef(atomicfile.Write(path, func(to io.Writer) error { return EncodeWAV(to, w) }), "audio: file %q", path)
}

// EncodeWAV is WriteWAV to a writer.
func EncodeWAV(to io.Writer, w Wave) error {
	if w.Rate < 1 || w.Rate > maxRate || len(w.Samples) > (math.MaxUint32-64)/2 {
		return errors.Wrapf(data.ErrConfig, "%d samples at a rate of %d, expected a rate of 1 to %d and less than 4 GiB", len(w.Samples), w.Rate, maxRate)
	}
	if err := graph.Floats32(w.Samples, len(w.Samples)).CheckFinite(); err != nil {
		return err
	}
	size, order := uint32(2*len(w.Samples)), binary.LittleEndian
	b := order.AppendUint32([]byte("RIFF"), 36+size)
	b = order.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = order.AppendUint16(order.AppendUint16(b, 1), 1) // linear, one channel
	b = order.AppendUint32(order.AppendUint32(b, uint32(w.Rate)), uint32(2*w.Rate))
	b = order.AppendUint16(order.AppendUint16(b, 2), 16) // bytes a block, bits a sample
	b = order.AppendUint32(append(b, "data"...), size)
	for _, v := range w.Samples {
		s := math.RoundToEven(float64(v) * (1 << 15))
		b = order.AppendUint16(b, uint16(int16(min(max(s, math.MinInt16), math.MaxInt16))))
	}
	_, err := to.Write(b)
	return err
}
