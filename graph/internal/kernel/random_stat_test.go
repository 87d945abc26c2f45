package kernel

import (
	"math"
	"math/bits"
	"slices"
	"testing"

	"github.com/pkg/errors"
)

// A sampler fills dst with element offset+i of a stream, as Uniform and Normal do.
type sampler func(dst []float64, s Stream, offset int)

func widened(draw func(dst []float32, s Stream, offset int)) sampler {
	return func(dst []float64, s Stream, offset int) {
		x := make([]float32, len(dst))
		draw(x, s, offset)
		for i, v := range x {
			dst[i] = float64(v)
		}
	}
}

// checkSampler tests that draw gives independent numbers of the continuous distribution with
// that cumulative function, mean, variance and fourth central moment. All limits are five
// standard errors, or a probability of 1e-6.
func checkSampler(draw sampler, cdf func(float64) float64, mean, variance, fourth float64) error {
	const n = 1 << 18
	x := make([]float64, n)
	draw(x, Stream{2024, 7}, 0)

	var sum, squares float64
	for _, v := range x {
		sum += v - mean
		squares += (v - mean) * (v - mean)
	}
	if z := sum / math.Sqrt(n*variance); math.Abs(z) > 5 {
		return errors.Errorf("mean is off by %.1f standard errors", z)
	}
	if z := (squares - n*variance) / math.Sqrt(n*(fourth-variance*variance)); math.Abs(z) > 5 {
		return errors.Errorf("variance is off by %.1f standard errors", z)
	}
	if d := kolmogorovSmirnov(x, cdf); d > 2.69 {
		return errors.Errorf("Kolmogorov-Smirnov statistic is %.2f", d)
	}

	// Correlation with near elements, and with the streams of near keys and steps.
	for _, lag := range []int{1, 2, 3, 4, 8, 16, 64} {
		if z := correlation(x[:n-lag], x[lag:], mean, variance); math.Abs(z) > 5 {
			return errors.Errorf("correlation at lag %d is %.1f standard errors", lag, z)
		}
	}
	y := make([]float64, n)
	for _, s := range []Stream{{2025, 7}, {2024, 8}, {2024 ^ 1<<63, 7}, {2024, 7 | 1<<32}, {^uint64(2024), 7}, {7, 2024}} {
		draw(y, s, 0)
		if z := correlation(x, y, mean, variance); math.Abs(z) > 5 {
			return errors.Errorf("correlation with stream %v is %.1f standard errors", s, z)
		}
	}
	return nil
}

// kolmogorovSmirnov returns sqrt(n) times the largest distance between the distribution of x,
// which it sorts a copy of, and cdf. It exceeds 2.69 with probability 2 exp(-2·2.69²) = 1e-6.
func kolmogorovSmirnov(x []float64, cdf func(float64) float64) float64 {
	x = slices.Sorted(slices.Values(x))
	n, d := float64(len(x)), 0.0
	for i, v := range x {
		p := cdf(v)
		d = max(d, p-float64(i)/n, float64(i+1)/n-p)
	}
	return d * math.Sqrt(n)
}

// correlation returns the correlation of x and y in standard errors.
func correlation(x, y []float64, mean, variance float64) float64 {
	sum := 0.0
	for i := range x {
		sum += (x[i] - mean) * (y[i] - mean)
	}
	return sum / (variance * math.Sqrt(float64(len(x))))
}

func uniformCDF(x float64) float64  { return min(max(x, 0), 1) }
func gaussianCDF(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

func TestUniformIsUniform(t *testing.T) {
	for name, draw := range map[string]sampler{"float32": widened(Uniform[float32]), "float64": Uniform[float64]} {
		if err := checkSampler(draw, uniformCDF, 0.5, 1.0/12, 1.0/80); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNormalIsNormal(t *testing.T) {
	for name, draw := range map[string]sampler{"float32": widened(Normal[float32]), "float64": Normal[float64]} {
		if err := checkSampler(draw, gaussianCDF, 0, 1, 3); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The statistical test must see faults of the size that matter.
func TestSamplerCheckRejects(t *testing.T) {
	uniformOf := func(f func(x float64) float64) sampler {
		return func(dst []float64, s Stream, offset int) {
			Uniform(dst, s, offset)
			for i, x := range dst {
				dst[i] = f(x)
			}
		}
	}
	for name, draw := range map[string]sampler{
		"one percent high":  uniformOf(func(x float64) float64 { return x + 0.01*(1-x) }),
		"narrow":            uniformOf(func(x float64) float64 { return 0.5 + 0.98*(x-0.5) }),
		"tent":              uniformOf(func(x float64) float64 { return math.Sqrt(x/2) + 0.02 }),
		"a hole":            uniformOf(func(x float64) float64 { return x + 0.01*math.Sin(6*math.Pi*x) }),
		"pairs":             func(dst []float64, s Stream, o int) { Uniform(dst, s, o); pair(dst, 1) },
		"repeats after 64":  func(dst []float64, s Stream, o int) { Uniform(dst, s, o); pair(dst, 64) },
		"key ignored":       func(dst []float64, s Stream, o int) { Uniform(dst, Stream{Step: s.Step}, o) },
		"step ignored":      func(dst []float64, s Stream, o int) { Uniform(dst, Stream{Key: s.Key}, o) },
		"high key ignored":  func(dst []float64, s Stream, o int) { Uniform(dst, Stream{uint64(uint32(s.Key)), s.Step}, o) },
		"high step ignored": func(dst []float64, s Stream, o int) { Uniform(dst, Stream{s.Key, uint64(uint32(s.Step))}, o) },
	} {
		if checkSampler(draw, uniformCDF, 0.5, 1.0/12, 1.0/80) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// pair makes every second run of n elements a copy of the one before it.
func pair(x []float64, n int) {
	for i := 0; i+2*n <= len(x); i += 2 * n {
		copy(x[i+n:i+2*n], x[i:i+n])
	}
}

// The frequencies of Bernoulli draws are within five standard errors of p.
func TestBernoulliFrequencies(t *testing.T) {
	const n = 1 << 18
	for i, p := range []float64{0.001, 0.1, 0.5, 0.9, 0.999} {
		x := slices.Repeat([]float32{float32(p)}, n)
		Bernoulli(x, x, Stream{uint64(i), 1}, 0)
		ones := 0.0
		for _, v := range x {
			ones += float64(v)
		}
		if z := (ones - n*p) / math.Sqrt(n*p*(1-p)); math.Abs(z) > 5 {
			t.Errorf("p = %v: frequency is off by %.1f standard errors", p, z)
		}
	}
}

// Every bit of the words is 1 half of the time, whatever bit of the key or step changes.
func TestAvalanche(t *testing.T) {
	const n = 1 << 12
	base, other := make([]uint32, n), make([]uint32, n)
	Uint32s(base, Stream{}, 0)
	for bit := range 128 {
		s := Stream{Key: 1 << bit}
		if bit >= 64 {
			s = Stream{Step: 1 << (bit - 64)}
		}
		Uint32s(other, s, 0)
		var flips [32]int
		for i := range base {
			for d := base[i] ^ other[i]; d != 0; d &= d - 1 {
				flips[bits.TrailingZeros32(d)]++
			}
		}
		for j, f := range flips {
			if z := (float64(f) - n/2) / math.Sqrt(n/4); math.Abs(z) > 6 {
				t.Errorf("input bit %d changes output bit %d in %d of %d words", bit, j, f, n)
			}
		}
	}
}

func BenchmarkRandom(b *testing.B) {
	dst, p := make([]float32, chunk), slices.Repeat([]float32{0.5}, chunk)
	words := make([]uint32, chunk)
	for _, l := range Levels() {
		defer SetLevel(l)()
		for name, draw := range map[string]func(i uint64){
			"Uint32s":   func(i uint64) { Uint32s(words, Stream{1, i}, 0) },
			"Uniform":   func(i uint64) { Uniform(dst, Stream{1, i}, 0) },
			"Bernoulli": func(i uint64) { Bernoulli(dst, p, Stream{1, i}, 0) },
			"Normal":    func(i uint64) { Normal(dst, Stream{1, i}, 0) },
		} {
			b.Run(l.String()+"/"+name, func(b *testing.B) {
				for i := uint64(0); b.Loop(); i++ {
					draw(i)
				}
				b.ReportMetric(float64(b.N)*chunk/float64(b.Elapsed().Nanoseconds()), "G/s")
			})
		}
	}
}
