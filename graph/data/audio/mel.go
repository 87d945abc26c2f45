package audio

import (
	"math"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// MelConfig describes a bank of filters.
type MelConfig struct {
	Rate      int     // samples a second
	Size      int     // samples of the transform: STFT.Size
	Bands     int     // filters; 20 to 40 are usual
	Low, High float64 // ends of the bank in Hz; High 0 is half the rate
}

// Mel is a bank of filters that are triangles over mel(f) = 2595 log10(1 + f/700), evenly spaced, each from the
// centre of the one before to that of the next, 1 at its own: about as finely as the ear tells
// frequencies apart (Davis & Mermelstein 1980).
type Mel struct {
	cfg     MelConfig
	weights []float64 // (bands, f)
}

// ToMel is the mel of a frequency in Hz, FromMel its inverse.
func ToMel(hz float64) float64 { return 2595 * math.Log10(1+hz/700) }

// FromMel is the frequency of a mel.
func FromMel(mel float64) float64 { return 700 * (math.Pow(10, mel/2595) - 1) }

// NewMel makes a bank. A band that is so narrow that no frequency of the transform lies in it is a
// data.ErrConfig.
func NewMel(cfg MelConfig) (*Mel, error) {
	half := float64(cfg.Rate) / 2
	if cfg.High == 0 {
		cfg.High = half
	}
	switch {
	case cfg.Rate < 1 || cfg.Size < 2 || cfg.Size%2 != 0 || cfg.Size > 1<<21 || cfg.Bands < 1 || cfg.Bands > 1<<26/cfg.Size:
		return nil, errors.Wrapf(data.ErrConfig, "audio: %d bands of a transform of %d samples at a rate of %d", cfg.Bands, cfg.Size, cfg.Rate)
	case !(cfg.Low >= 0 && cfg.Low < cfg.High && cfg.High <= half):
		return nil, errors.Wrapf(data.ErrConfig, "audio: bands from %v to %v Hz, expected 0 to %v", cfg.Low, cfg.High, half)
	}
	m := &Mel{cfg, make([]float64, cfg.Bands*(cfg.Size/2+1))}
	bins := cfg.Size/2 + 1
	low, step := ToMel(cfg.Low), m.step()
	for band := range cfg.Bands {
		any := false
		for f := range bins {
			at := ToMel(float64(f) * float64(cfg.Rate) / float64(cfg.Size))
			w := max(0, 1-math.Abs(at-low-float64(band+1)*step)/step)
			m.weights[band*bins+f] = w
			any = any || w > 0
		}
		if !any {
			return nil, errors.Wrapf(data.ErrConfig, "audio: no frequency of the transform of %d samples lies in mel band %d of %d: take fewer bands or a longer transform",
				cfg.Size, band, cfg.Bands)
		}
	}
	return m, nil
}

// step is the distance between centres, in mel.
func (m *Mel) step() float64 {
	return (ToMel(m.cfg.High) - ToMel(m.cfg.Low)) / float64(m.cfg.Bands+1)
}

// Centres are the frequencies, in Hz, at which the filters are 1.
func (m *Mel) Centres() []float64 {
	c := make([]float64, m.cfg.Bands)
	for i := range c {
		c[i] = FromMel(ToMel(m.cfg.Low) + float64(i+1)*m.step())
	}
	return c
}

// Apply sums the power (t, f) under each filter: (t, bands).
func (m *Mel) Apply(power graph.Array) (graph.Array, error) {
	bins := m.cfg.Size/2 + 1
	if err := checkFeatures("power", power); err != nil {
		return graph.Array{}, err
	}
	if power.Shape[1] != bins {
		return graph.Array{}, errors.Wrapf(graph.ErrShape, "audio: power of shape %v, the filters are for %d frequencies", power.Shape, bins)
	}
	out := make([]float32, power.Shape[0]*m.cfg.Bands)
	for i := range out {
		row, w := power.F32[i/m.cfg.Bands*bins:], m.weights[i%m.cfg.Bands*bins:]
		sum := 0.0
		for f := range bins {
			sum += w[f] * float64(row[f])
		}
		out[i] = float32(sum)
	}
	return graph.Floats32(out, power.Shape[0], m.cfg.Bands), nil
}
