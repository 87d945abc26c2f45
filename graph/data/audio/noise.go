package audio

import (
	"math"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// Mix adds noise to a clean wave at a signal-to-noise ratio in dB, over the whole wave. Which part of
// the noise is drawn from key; noise that is shorter starts anew. Silence on either side is a
// data.ErrConfig: no scale gives it a ratio. White noise, and noise without a recording, is data.SNR.
func Mix(key graph.Key, clean, noise []float32, db float64) ([]float32, error) {
	if len(clean) == 0 || len(noise) == 0 {
		return nil, errors.Wrap(data.ErrEmpty, "audio: mix of a wave without samples")
	}
	if !(db >= -100 && db <= 100) {
		return nil, errors.Wrapf(data.ErrConfig, "audio: a ratio of %v dB, expected -100 to 100", db)
	}
	var u [1]float64
	graph.Uniform(key, u[:])
	start := 0
	if spare := len(noise) - len(clean); spare > 0 {
		start = int(u[0] * float64(spare+1))
	}
	part := make([]float32, len(clean))
	for i := range part {
		part[i] = noise[(start+i)%len(noise)]
	}
	signal, power := energy(clean), energy(part)
	if !(signal > 0 && power > 0) {
		return nil, errors.Wrap(data.ErrConfig, "audio: mix with silence")
	}
	gain := float32(math.Sqrt(signal / power / math.Pow(10, db/10)))
	for i, v := range clean {
		part[i] = v + gain*part[i]
	}
	return part, nil
}

// energy is the sum of squares.
func energy(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}

// SNR is the ratio in dB of a clean wave and what x differs from it by: infinite if they are equal.
func SNR(clean, x []float32) (float64, error) {
	if len(clean) != len(x) || len(x) == 0 {
		return 0, errors.Wrapf(graph.ErrShape, "audio: waves of %d and %d samples, expected as many", len(clean), len(x))
	}
	return ratio(clean, x), nil
}

func ratio(clean, x []float32) float64 {
	rest := 0.0
	for i, v := range x {
		d := float64(v) - float64(clean[i])
		rest += d * d
	}
	return 10 * math.Log10(energy(clean)/rest)
}

// SegmentalSNR is the mean of the ratios, in dB, of segments of so many samples, each clamped to -10 to
// 35 dB (Hansen & Pellom 1998): nearer to what is heard than SNR, in which loud parts decide. The
// samples after the last whole segment do not count, segments of silence neither.
func SegmentalSNR(clean, x []float32, segment int) (float64, error) {
	if len(clean) != len(x) || segment < 1 || len(x) < segment {
		return 0, errors.Wrapf(graph.ErrShape, "audio: waves of %d and %d samples, expected as many, at least a segment of %d", len(clean), len(x), segment)
	}
	sum, n := 0.0, 0.0
	for lo := 0; lo+segment <= len(x); lo += segment {
		c, y := clean[lo:lo+segment], x[lo:lo+segment]
		if energy(c) > 0 {
			sum += min(max(ratio(c, y), -10), 35)
			n++
		}
	}
	if n == 0 {
		return 0, errors.Wrap(data.ErrConfig, "audio: the clean wave is silent")
	}
	return sum / n, nil
}

// LogSpectralDistance is the distance, in dB, of two spectra given as natural logarithms of power (t, f): the
// root of the mean of squares over frequencies, averaged over frames.
func LogSpectralDistance(a, b graph.Array) (float64, error) {
	if err := checkFeatures("spectrum", a); err != nil {
		return 0, err
	}
	if err := checkFeatures("spectrum", b); err != nil {
		return 0, err
	}
	frames, d := a.Shape[0], a.Shape[1]
	if b.Shape[0] != frames || b.Shape[1] != d {
		return 0, errors.Wrapf(graph.ErrShape, "audio: spectra of shapes %v and %v", a.Shape, b.Shape)
	}
	sum := 0.0
	for t := range frames {
		squares := 0.0
		for f := range d {
			v := float64(a.F32[t*d+f]) - float64(b.F32[t*d+f])
			squares += v * v
		}
		sum += math.Sqrt(squares / float64(d))
	}
	return 10 / math.Ln10 * sum / float64(frames), nil
}
