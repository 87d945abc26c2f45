package data

import (
	"math"

	"github.com/latent-go/latent/graph"
)

// Gaussian adds noise of N(0, Std^2) to every element; values may leave [0, 1]. Std is in the
// units of the data, 0 to 1000.
type Gaussian struct{ Std float64 }

// Corrupt adds the noise.
func (c Gaussian) Corrupt(key graph.Key, dst, src graph.Array) error {
	if err := start(c, dst, src); err != nil {
		return err
	}
	graph.Normal(key, dst.F32)
	std, out := float32(c.Std), dst.F32
	for i, v := range src.F32 {
		out[i] = v + std*out[i]
	}
	return nil
}

func (c Gaussian) String() string { return describe("gaussian", c.Std) }
func (c Gaussian) check() error {
	return inRange("standard deviation of the gaussian noise", c.Std, 0, 1000)
}

// Masking sets each element to 0 with probability Rate, 0 to 1, independently (Vincent et al.
// 2010, "Stacked denoising autoencoders", section 3.3). The paper's fraction is the mean
// fraction here: its number of masked elements varies from example to example.
type Masking struct{ Rate float64 }

// Corrupt masks.
func (c Masking) Corrupt(key graph.Key, dst, src graph.Array) error {
	if err := start(c, dst, src); err != nil {
		return err
	}
	graph.Uniform(key, dst.F32)
	rate, out := float32(c.Rate), dst.F32
	for i, v := range src.F32 {
		out[i] = math.Float32frombits(math.Float32bits(v) &^ onesIfBelow(out[i], rate))
	}
	return nil
}

func (c Masking) String() string { return describe("masking", c.Rate) }
func (c Masking) check() error   { return inRange("rate of masking", c.Rate, 0, 1) }

// SaltPepper sets each element, with probability Rate, 0 to 1, to the extreme 0 or 1, each as
// likely (Vincent et al. 2010, section 3.3).
type SaltPepper struct{ Rate float64 }

// Corrupt sets elements to extremes.
func (c SaltPepper) Corrupt(key graph.Key, dst, src graph.Array) error {
	if err := start(c, dst, src); err != nil {
		return err
	}
	graph.Uniform(key, dst.F32)
	rate, half, out := float32(c.Rate), float32(c.Rate/2), dst.F32
	for i, v := range src.F32 {
		struck := onesIfBelow(out[i], rate)
		salt := struck &^ onesIfBelow(out[i], half) & math.Float32bits(1)
		out[i] = math.Float32frombits(math.Float32bits(v)&^struck | salt)
	}
	return nil
}

func (c SaltPepper) String() string { return describe("saltpepper", c.Rate) }
func (c SaltPepper) check() error   { return inRange("rate of salt and pepper", c.Rate, 0, 1) }

// onesIfBelow is all ones if u < limit, else 0. A branch on random numbers would be mispredicted, at
// several times the cost of all the rest.
func onesIfBelow(u, limit float32) uint32 {
	return uint32(int32(math.Float32bits(u-limit)) >> 31)
}
