package data

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/latent-go/latent/graph"
)

// SNR adds white noise to each example (n, d...) at a signal-to-noise ratio of DB decibels, -100 to 100: the
// expected power of the noise is that of the example, its mean square, divided by 10^(DB/10). Loud
// and quiet examples suffer alike; silence stays silence.
type SNR struct{ DB float64 }

// Corrupt adds the noise.
func (c SNR) Corrupt(key graph.Key, dst, src graph.Array) error {
	if err := start(c, dst, src); err != nil {
		return err
	}
	graph.Normal(key, dst.F32)
	row := rowLen(src)
	for lo := 0; lo < len(src.F32); lo += row {
		in, out := src.F32[lo:lo+row], dst.F32[lo:lo+row]
		power := 0.0
		for _, v := range in {
			power += float64(v) * float64(v)
		}
		std := float32(math.Sqrt(power / float64(row) / math.Pow(10, c.DB/10)))
		for i, v := range in {
			out[i] = v + std*out[i]
		}
	}
	return nil
}

func (c SNR) String() string { return describe("snr", c.DB) }
func (c SNR) check() error   { return inRange("signal-to-noise ratio in dB", c.DB, -100, 100) }

// LowPass takes away the frequencies above Cutoff from waveforms along the last axis of (n, ..., t): what a
// telephone or a poor microphone leaves. Cutoff is in cycles per sample, the frequency in Hz divided
// by the sample rate, 0 to 0.5. The filter is ideal, by a Fourier transform of the whole waveform, which
// thereby counts as periodic. It draws nothing.
type LowPass struct{ Cutoff float64 }

// Corrupt filters.
func (c LowPass) Corrupt(_ graph.Key, dst, src graph.Array) error {
	if err := start(c, dst, src); err != nil {
		return err
	}
	filter(dst, src, func(frequency float64) bool { return frequency <= c.Cutoff })
	return nil
}

func (c LowPass) String() string { return describe("lowpass", c.Cutoff) }
func (c LowPass) check() error {
	return inRange("cutoff of the low-pass in cycles per sample", c.Cutoff, 0, 0.5)
}

// HighPass takes away the frequencies below Cutoff, as LowPass does those above; both in turn make a band.
type HighPass struct{ Cutoff float64 }

// Corrupt filters.
func (c HighPass) Corrupt(_ graph.Key, dst, src graph.Array) error {
	if err := start(c, dst, src); err != nil {
		return err
	}
	filter(dst, src, func(frequency float64) bool { return frequency >= c.Cutoff })
	return nil
}

func (c HighPass) String() string { return describe("highpass", c.Cutoff) }
func (c HighPass) check() error {
	return inRange("cutoff of the high-pass in cycles per sample", c.Cutoff, 0, 0.5)
}

// filter keeps some frequencies, given in cycles per sample, of every line along the last axis.
func filter(dst, src graph.Array, keep func(frequency float64) bool) {
	n := src.Shape[len(src.Shape)-1]
	fft, line, coef := fourier.NewFFT(n), make([]float64, n), make([]complex128, n/2+1)
	for lo := 0; lo < len(src.F32); lo += n {
		for i := range line {
			line[i] = float64(src.F32[lo+i])
		}
		fft.Coefficients(coef, line)
		for i := range coef {
			if !keep(fft.Freq(i)) {
				coef[i] = 0
			}
		}
		fft.Sequence(line, coef)
		for i, v := range line {
			dst.F32[lo+i] = float32(v / float64(n))
		}
	}
}
