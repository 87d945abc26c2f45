package audio

import (
	"math"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

// floor is added to power before its logarithm. The rounding of 16-bit samples alone has about as much in
// a frame of 25 ms, so silence of digital zeros looks as that of a recording.
const floor = 1e-8

// Log is ln(power + 1e-8), element by element.
func Log(power graph.Array) (graph.Array, error) {
	if err := checkFeatures("power", power); err != nil {
		return graph.Array{}, err
	}
	out := make([]float32, len(power.F32))
	for i, v := range power.F32 {
		out[i] = float32(math.Log(max(0, float64(v)) + floor))
	}
	return graph.Floats32(out, power.Shape...), nil
}

// Exp undoes Log.
func Exp(logPower graph.Array) (graph.Array, error) {
	if err := checkFeatures("logarithms of power", logPower); err != nil {
		return graph.Array{}, err
	}
	out := make([]float32, len(logPower.F32))
	for i, v := range logPower.F32 {
		out[i] = float32(max(0, math.Exp(float64(v))-floor))
	}
	return graph.Floats32(out, logPower.Shape...), nil
}

// Cepstra are the first n mel-frequency cepstral coefficients (t, n) of log mel energies (t, bands): their
// orthonormal discrete cosine transform (Davis & Mermelstein 1980, equation 1, but for the scale, and with
// coefficient 0, which is sqrt(bands) times the mean).
func Cepstra(logMel graph.Array, n int) (graph.Array, error) {
	if err := checkFeatures("log mel energies", logMel); err != nil {
		return graph.Array{}, err
	}
	bands := logMel.Shape[1]
	if n < 1 || n > bands {
		return graph.Array{}, errors.Wrapf(data.ErrConfig, "audio: %d cepstral coefficients of %d bands", n, bands)
	}
	basis := make([]float64, n*bands)
	for i := range basis {
		k, j := i/bands, i%bands
		scale := math.Sqrt(2 / float64(bands))
		if k == 0 {
			scale = math.Sqrt(1 / float64(bands))
		}
		basis[i] = scale * math.Cos(math.Pi*float64(k)*(float64(j)+0.5)/float64(bands))
	}
	out := make([]float32, logMel.Shape[0]*n)
	for i := range out {
		row, b := logMel.F32[i/n*bands:], basis[i%n*bands:]
		sum := 0.0
		for j := range bands {
			sum += b[j] * float64(row[j])
		}
		out[i] = float32(sum)
	}
	return graph.Floats32(out, logMel.Shape[0], n), nil
}

// Deltas are the slopes (t, d) of features (t, d) over the frames from -k to k around each: those of the line
// of least squared error (Furui 1986). Beyond the ends the first and the last frame are repeated.
func Deltas(a graph.Array, k int) (graph.Array, error) {
	if err := checkFeatures("features", a); err != nil {
		return graph.Array{}, err
	}
	if k < 1 || k > maxContext {
		return graph.Array{}, errors.Wrapf(data.ErrConfig, "audio: slopes over %d frames on each side, expected 1 to %d", k, maxContext)
	}
	frames, d := a.Shape[0], a.Shape[1]
	norm := 0.0
	for i := 1; i <= k; i++ {
		norm += 2 * float64(i) * float64(i)
	}
	out := make([]float32, len(a.F32))
	for i := range out {
		t, j := i/d, i%d
		sum := 0.0
		for s := 1; s <= k; s++ {
			sum += float64(s) * (float64(a.F32[min(t+s, frames-1)*d+j]) - float64(a.F32[max(t-s, 0)*d+j]))
		}
		out[i] = float32(sum / norm)
	}
	return graph.Floats32(out, a.Shape...), nil
}

// WithDeltas are features (t, d) beside their slopes and the slopes of those, over 2 frames on each side:
// (t, 3 d).
func WithDeltas(a graph.Array) (graph.Array, error) {
	first, err := Deltas(a, 2)
	if err != nil {
		return graph.Array{}, err
	}
	second, err := Deltas(first, 2)
	if err != nil {
		return graph.Array{}, err
	}
	frames, d := a.Shape[0], a.Shape[1]
	out := make([]float32, 0, 3*len(a.F32))
	for t := range frames {
		for _, part := range []graph.Array{a, first, second} {
			out = append(out, part.F32[t*d:(t+1)*d]...)
		}
	}
	return graph.Floats32(out, frames, 3*d), nil
}

// Centred are features (t, d) less their means over the frames: cepstral mean normalisation, which takes
// away loudness and the colour of microphone and room.
func Centred(a graph.Array) (graph.Array, error) {
	if err := checkFeatures("features", a); err != nil {
		return graph.Array{}, err
	}
	frames, d := a.Shape[0], a.Shape[1]
	mean := make([]float64, d)
	for i, v := range a.F32 {
		mean[i%d] += float64(v) / float64(frames)
	}
	out := make([]float32, len(a.F32))
	for i, v := range a.F32 {
		out[i] = v - float32(mean[i%d])
	}
	return graph.Floats32(out, a.Shape...), nil
}
