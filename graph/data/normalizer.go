package data

import (
	"encoding/json"
	"math"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// A Normalizer maps feature j of an example to (x - Shift[j]) / Scale[j]. Shift and Scale have as
// many numbers as an example has elements, or one for all. It is fitted to the training data,
// and belongs to the model: it is stored, as JSON, in the model's file.
type Normalizer struct {
	Shift []float32 `json:"shift"`
	Scale []float32 `json:"scale"` // not 0
}

// DivideBy is the Normalizer that divides by c: by 255 for bytes.
func DivideBy(c float32) *Normalizer { return &Normalizer{Shift: []float32{0}, Scale: []float32{c}} }

// FitStandard is the Normalizer that gives each feature mean 0 and variance 1 over the source.
// A feature that is constant becomes 0.
func FitStandard(src Source) (*Normalizer, error) {
	var mean, m2 []float64 // of the n examples so far (Welford 1962)
	n := 0.0
	err := eachExample(src, func(x []float32) {
		if mean == nil {
			mean, m2 = make([]float64, len(x)), make([]float64, len(x))
		}
		n++
		for j, v := range x {
			delta := float64(v) - mean[j]
			mean[j] += delta / n
			m2[j] += delta * (float64(v) - mean[j])
		}
	})
	if err != nil {
		return nil, err
	}
	z := &Normalizer{Shift: make([]float32, len(mean)), Scale: make([]float32, len(mean))}
	for j := range mean {
		z.Shift[j] = float32(mean[j])
		z.Scale[j] = nonZero(float32(math.Sqrt(m2[j] / n)))
	}
	return z, z.check()
}

// FitMinMax is the Normalizer that maps the smallest value of each feature of the source to 0
// and the largest to 1. A feature that is constant becomes 0.
func FitMinMax(src Source) (*Normalizer, error) {
	var low, high []float32
	err := eachExample(src, func(x []float32) {
		if low == nil {
			low, high = append(low, x...), append(high, x...)
		}
		for j, v := range x {
			low[j], high[j] = min(low[j], v), max(high[j], v)
		}
	})
	if err != nil {
		return nil, err
	}
	z := &Normalizer{Shift: low, Scale: high}
	for j := range low {
		z.Scale[j] = nonZero(high[j] - low[j])
	}
	return z, z.check()
}

func nonZero(scale float32) float32 {
	if scale == 0 {
		return 1
	}
	return scale
}

// eachExample calls f with the input of every example of the source, in an order that is always
// the same.
func eachExample(src Source, f func(x []float32)) error {
	size := min(max(src.Len(), 1), 256)
	for b, err := range src.Batches(graph.NewKey(0), size) {
		if err != nil {
			return err
		}
		if b.X.F32 == nil {
			return errors.Wrap(graph.ErrType, "data: only float32 inputs can be normalised")
		}
		d := rowLen(b.X)
		for i := range b.N {
			f(b.X.F32[i*d : (i+1)*d])
		}
	}
	return nil
}

// Fits says what is wrong with the normalisation of examples of a shape, if anything. nil, no
// normalisation, fits all.
func (z *Normalizer) Fits(shape []int) error {
	if z == nil {
		return nil
	}
	if err := z.check(); err != nil {
		return err
	}
	if n := numel(shape); len(z.Shift) != 1 && len(z.Shift) != n {
		return errors.Wrapf(graph.ErrShape, "data: examples of shape %v have %d features, the normalisation is of %d", shape, n, len(z.Shift))
	}
	return nil
}

// Apply normalises src into dst; both are float32 (n, d...). It is a Transform; key is not used.
func (z *Normalizer) Apply(_ graph.Key, dst, src graph.Array) error {
	return z.each(dst, src, func(d, s, shift, scale []float32) {
		for j, v := range s {
			d[j] = (v - shift[j]) / scale[j]
		}
	})
}

// Invert undoes Apply, up to rounding: it maps src, in normalised units, to dst, in those of
// the data.
func (z *Normalizer) Invert(dst, src graph.Array) error {
	return z.each(dst, src, func(d, s, shift, scale []float32) {
		for j, v := range s {
			d[j] = v*scale[j] + shift[j]
		}
	})
}

// each calls f for every example, with as many shifts and scales as it has elements.
func (z *Normalizer) each(dst, src graph.Array, f func(d, s, shift, scale []float32)) error {
	if err := checkFloats(dst, src); err != nil {
		return errors.Wrap(err, "data: normalisation")
	}
	if err := z.Fits(src.Shape[1:]); err != nil {
		return err
	}
	shift, scale, row := z.Shift, z.Scale, rowLen(src)
	if len(shift) == 1 {
		shift, scale = repeat(shift[0], row), repeat(scale[0], row)
	}
	for lo := 0; lo < len(src.F32); lo += row {
		f(dst.F32[lo:lo+row], src.F32[lo:lo+row], shift, scale)
	}
	return nil
}

func repeat(v float32, n int) []float32 {
	all := make([]float32, n)
	for i := range all {
		all[i] = v
	}
	return all
}

// UnmarshalJSON reads what json.Marshal wrote, and rejects with ErrFormat what cannot be right.
func (z *Normalizer) UnmarshalJSON(b []byte) error {
	type plain Normalizer
	var p plain
	if err := json.Unmarshal(b, &p); err != nil {
		return errors.Wrapf(ErrFormat, "normalisation: %v", err)
	}
	got := Normalizer(p)
	if err := got.check(); err != nil {
		return errors.Wrap(ErrFormat, err.Error())
	}
	*z = got
	return nil
}

func (z *Normalizer) check() error {
	if len(z.Shift) == 0 || len(z.Shift) != len(z.Scale) {
		return errors.Wrapf(ErrConfig, "normalisation with %d shifts and %d scales: must be as many, at least one", len(z.Shift), len(z.Scale))
	}
	for j := range z.Shift {
		// v-v is not 0 for NaN and Inf alone.
		if shift, scale := z.Shift[j], z.Scale[j]; shift-shift != 0 || scale-scale != 0 || scale == 0 {
			return errors.Wrapf(ErrConfig, "normalisation of feature %d: shift %v and scale %v must be finite, scale not 0", j, shift, scale)
		}
	}
	return nil
}
