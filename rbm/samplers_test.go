package rbm

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
)

// TestSamplers compares draws of every kind of unit with its exact conditional distribution
// (Kolmogorov & Smirnov, or frequencies), and their means with the means.
func TestSamplers(t *testing.T) {
	const n = 20000
	repeat := func(row []float64) graph.Array {
		return graph.Floats64(slices.Repeat(row, n), n, len(row))
	}
	for _, cfg := range append(kinds, Config{Visible: 4, Hidden: 3}) {
		m := machine(t, cfg, graph.Float32)
		v := states(m, 1).F64
		logits := m.values("c")
		std := m.stds()
		for i, x := range v {
			if cfg.VisibleUnits == Gaussian {
				x /= std[i] * std[i]
			}
			for j := range logits {
				logits[j] += x * m.values("w")[i*cfg.Hidden+j]
			}
		}
		h, err1 := m.SampleHidden(graph.NewKey(1), repeat(v))
		mean, err2 := m.HiddenMean(graph.Floats64(v, 1, cfg.Visible))
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for j, x := range logits {
			cdf, want := func(y float64) float64 { return normalCDF(y - x) }, x
			switch cfg.HiddenUnits {
			case Bernoulli:
				cdf, want = steps([]float64{1 - sigmoid(x), 1}), sigmoid(x)
			case Rectified:
				cdf = func(y float64) float64 { return normalCDF((y - x) / math.Sqrt(sigmoid(x))) }
				want = meanRectified(x)
			}
			follows(t, fmt.Sprintf("%s hidden %d", cfg.kind(), j), column(h, j), cdf)
			near(t, cfg.kind()+" hidden mean", mean.At(j), want, 1e-5)
		}

		hidden := column(h, 0)[:1]
		for j := 1; j < cfg.Hidden; j++ {
			hidden = append(hidden, column(h, j)[0])
		}
		inputs := m.values("b")
		for i := range inputs {
			for j, y := range hidden {
				inputs[i] += m.values("w")[i*cfg.Hidden+j] * y
			}
		}
		x, err1 := m.SampleVisible(graph.NewKey(1), repeat(hidden))
		mean, err2 = m.VisibleMean(graph.Floats64(hidden, 1, cfg.Hidden))
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for i, a := range inputs {
			cdf, want := func(y float64) float64 { return normalCDF((y - a) / std[i]) }, a
			switch cfg.VisibleUnits {
			case Bernoulli:
				want = sigmoid(a)
			case Softmax:
				total := 0.0
				for k := range cfg.Categories {
					total += math.Exp(inputs[i/cfg.Categories*cfg.Categories+k])
				}
				want = math.Exp(a) / total
			}
			if cfg.VisibleUnits != Gaussian {
				cdf = steps([]float64{1 - want, 1})
			}
			follows(t, fmt.Sprintf("%s visible %d", cfg.kind(), i), column(x, i), cdf)
			near(t, cfg.kind()+" visible mean", mean.At(i), want, 1e-5)
		}
		if cfg.VisibleUnits == Softmax {
			if err := x.CheckOneHot(cfg.Categories); err != nil {
				t.Error(err)
			}
		}
	}
}

// steps is the distribution function of 0, 1, ... with the given cumulated probabilities.
func steps(p []float64) func(x float64) float64 {
	return func(x float64) float64 {
		if x < 0 {
			return 0
		}
		return p[min(int(x), len(p)-1)]
	}
}

// follows compares the distribution of xs with cdf, at the level 1e-6.
func follows(t *testing.T, what string, xs []float64, cdf func(float64) float64) {
	t.Helper()
	if d := distance(xs, cdf); d > 2.7/math.Sqrt(float64(len(xs))) {
		t.Errorf("%s: %g from its distribution", what, d)
	}
}

// distance is the largest difference of the distribution of xs, which may have steps, from cdf.
func distance(xs []float64, cdf func(float64) float64) float64 {
	slices.Sort(xs)
	d, n := 0.0, float64(len(xs))
	for i, x := range xs {
		if i+1 == len(xs) || xs[i+1] != x {
			d = max(d, math.Abs(float64(i+1)/n-cdf(x)))
		}
	}
	return d
}

func TestDistanceRejects(t *testing.T) {
	xs := make([]float64, 20000)
	graph.Normal(graph.NewKey(1), xs)
	for name, cdf := range map[string]func(float64) float64{
		"another mean": func(x float64) float64 { return normalCDF(x - 0.1) },
		"another std":  func(x float64) float64 { return normalCDF(x / 1.1) },
	} {
		if distance(xs, cdf)*math.Sqrt(20000) < 2.7 {
			t.Errorf("%s is not told", name)
		}
	}
}

func column(a graph.Array, j int) []float64 {
	xs := make([]float64, a.Shape[0])
	for r := range xs {
		xs[r] = a.At(r*a.Shape[1] + j)
	}
	return xs
}
