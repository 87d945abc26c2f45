package audio

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// STFT is the short-time Fourier transform: overlapping frames under a Hann window, the middle of frame t
// at sample t*Hop. The wave is continued by zeros at both ends, so that every sample is in as many
// frames.
type STFT struct {
	Length int // samples of a frame; 20 to 32 ms are usual for speech
	Hop    int // samples from one frame to the next: 1 to half of Length; 10 ms are usual
	Size   int // samples of the transform, at least Length, even; 0 is the next power of two
}

// Check says what is wrong with s, if anything.
func (s STFT) Check() error {
	_, err := s.validate()
	return err
}

// validate checks s and fills in what it leaves open.
func (s STFT) validate() (STFT, error) {
	if s.Length < 2 || s.Length > 1<<20 || s.Hop < 1 || 2*s.Hop > s.Length {
		return s, errors.Wrapf(data.ErrConfig, "audio: frames of %d samples every %d, expected 2 to %d, and 1 to half of that", s.Length, s.Hop, 1<<20)
	}
	if s.Size == 0 {
		for s.Size = 2; s.Size < s.Length; s.Size *= 2 {
		}
	}
	if s.Size < s.Length || s.Size%2 != 0 || s.Size > 1<<21 {
		return s, errors.Wrapf(data.ErrConfig, "audio: transform of %d samples, expected an even number of %d to %d", s.Size, s.Length, 1<<21)
	}
	return s, nil
}

// frames is the number of frames of a wave of n samples: the middles of the first and of the last are at
// or outside of its ends.
func (s STFT) frames(n int) int { return 1 + (n+s.Hop-1)/s.Hop }

// window is the periodic Hann window.
func (s STFT) window() []float64 {
	w := make([]float64, s.Length)
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(s.Length))
	}
	return w
}

// A Spectrogram is the short-time Fourier transform of a wave.
type Spectrogram struct {
	Frames, Bins int
	Coef         []complex128 // (t, f): bin f is at the frequency f/(2 (Bins-1)) times the sample rate
}

// Transform analyses a wave.
func (s STFT) Transform(x []float32) (*Spectrogram, error) {
	s, err := s.validate()
	if err != nil {
		return nil, err
	}
	if len(x) == 0 {
		return nil, errors.Wrap(data.ErrEmpty, "audio: a wave without samples")
	}
	g := &Spectrogram{Frames: s.frames(len(x)), Bins: s.Size/2 + 1}
	g.Coef = make([]complex128, g.Frames*g.Bins)
	fft, w, frame := fourier.NewFFT(s.Size), s.window(), make([]float64, s.Size)
	for t := range g.Frames {
		at := t*s.Hop - s.Length/2
		for i := range w {
			frame[i] = 0
			if j := at + i; j >= 0 && j < len(x) {
				frame[i] = w[i] * float64(x[j])
			}
		}
		fft.Coefficients(g.Coef[t*g.Bins:(t+1)*g.Bins], frame)
	}
	return g, nil
}

// Invert adds up the frames of a spectrogram, windowed again, to the wave of n samples whose own
// spectrogram is nearest to it in squared error (Griffin & Lim 1984, equation 6): of an unchanged one
// the wave that it is of.
func (s STFT) Invert(g *Spectrogram, n int) ([]float32, error) {
	s, err := s.validate()
	if err != nil {
		return nil, err
	}
	if n < 1 || g.Frames != s.frames(n) || g.Bins != s.Size/2+1 || len(g.Coef) != g.Frames*g.Bins {
		return nil, errors.Wrapf(graph.ErrShape, "audio: spectrogram of %d frames of %d bins, expected %d of %d for %d samples",
			g.Frames, g.Bins, s.frames(n), s.Size/2+1, n)
	}
	fft, w, frame := fourier.NewFFT(s.Size), s.window(), make([]float64, s.Size)
	sum, weight := make([]float64, n), make([]float64, n)
	for t := range g.Frames {
		fft.Sequence(frame, g.Coef[t*g.Bins:(t+1)*g.Bins])
		at := t*s.Hop - s.Length/2
		for i := range w {
			if j := at + i; j >= 0 && j < n {
				sum[j] += w[i] * frame[i] / float64(s.Size)
				weight[j] += w[i] * w[i]
			}
		}
	}
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(sum[i] / weight[i])
	}
	return x, nil
}

// Power is |coefficient|^2 (t, f).
func (g *Spectrogram) Power() graph.Array {
	p := make([]float32, len(g.Coef))
	for i, c := range g.Coef {
		p[i] = float32(real(c)*real(c) + imag(c)*imag(c))
	}
	return graph.Floats32(p, g.Frames, g.Bins)
}

// WithPower is a spectrogram with the given power (t, f) and the phases of g, as what has cleaned a power
// spectrum needs for a wave: the ear hardly hears phases.
func (g *Spectrogram) WithPower(power graph.Array) (*Spectrogram, error) {
	if err := checkFeatures("power", power); err != nil {
		return nil, err
	}
	if power.Shape[0] != g.Frames || power.Shape[1] != g.Bins {
		return nil, errors.Wrapf(graph.ErrShape, "audio: power of shape %v for a spectrogram of %d frames of %d bins", power.Shape, g.Frames, g.Bins)
	}
	out := &Spectrogram{g.Frames, g.Bins, make([]complex128, len(g.Coef))}
	for i, c := range g.Coef {
		r, phase := math.Sqrt(max(0, float64(power.F32[i]))), math.Atan2(imag(c), real(c))
		out.Coef[i] = complex(r*math.Cos(phase), r*math.Sin(phase))
	}
	return out, nil
}

// checkFeatures returns an error unless a is float32 (t, d) with at least one frame.
func checkFeatures(what string, a graph.Array) error {
	if err := a.Check(); err != nil {
		return errors.WithMessage(err, "audio: "+what)
	}
	if a.F32 == nil {
		return errors.Wrapf(graph.ErrType, "audio: %s must be float32", what)
	}
	if len(a.Shape) != 2 || a.Len() == 0 {
		return errors.Wrapf(graph.ErrShape, "audio: %s of shape %v, expected (t, d)", what, a.Shape)
	}
	return nil
}
