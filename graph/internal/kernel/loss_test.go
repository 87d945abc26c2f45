package kernel

import (
	"math"
	"testing"
)

// checkLossGradient returns the largest difference of grad to finite differences of loss.
func checkLossGradient(loss func(a, b []float64) float64, grad func(dst, a, b []float64, scale float64), scale float64) float64 {
	const n, h = 37, 1e-6
	a, b, g := sequence[float64](n, 11), sequence[float64](n, 12), make([]float64, n)
	grad(g, a, b, scale)
	most := 0.0
	for i, v := range a {
		a[i] = v + h
		up := loss(a, b)
		a[i] = v - h
		down := loss(a, b)
		a[i] = v
		most = max(most, math.Abs(g[i]-(up-down)/(2*h)))
	}
	return most
}

func TestLossGradients(t *testing.T) {
	sumGrad := func(dst, a, b []float64, scale float64) { BernoulliSumGrad(dst, a, b, scale) }
	for _, l := range Levels() {
		at(l, func() {
			if off := checkLossGradient(SquaredErrorSum[float64], SquaredErrorGrad[float64], 2); !(off < 1e-5) {
				t.Errorf("SquaredErrorGrad at %v is off by %v", l, off)
			}
			if off := checkLossGradient(BernoulliSum[float64], BernoulliGrad[float64], 1); !(off < 1e-5) {
				t.Errorf("BernoulliGrad at %v is off by %v", l, off)
			}
			if off := checkLossGradient(BernoulliSum[float64], sumGrad, 1); !(off < 1e-5) {
				t.Errorf("BernoulliSumGrad at %v is off by %v", l, off)
			}
		})
	}
	if off := checkLossGradient(SquaredErrorSum[float64], SquaredErrorGrad[float64], 1); off < 1e-3 {
		t.Errorf("a wrong gradient is off by %v only", off)
	}
}

// TestBernoulliExtremes checks logits at which the naive formula overflows or loses all
// digits.
func TestBernoulliLossExtremes(t *testing.T) {
	cases := []struct{ logit, x, want float64 }{
		{1000, 0, 1000}, {1000, 1, 0}, {-1000, 0, 0}, {-1000, 1, 1000},
		{30, 1, math.Exp(-30)}, {-30, 0, math.Exp(-30)}, {0, 0.5, math.Ln2}, {3e38, 1, 0},
	}
	for _, l := range Levels() {
		at(l, func() {
			for _, c := range cases {
				logits, x, grad := []float32{float32(c.logit)}, []float32{float32(c.x)}, []float32{0}
				for _, got := range []float64{BernoulliSum(logits, x), BernoulliSumGrad(grad, logits, x, 1)} {
					if !(math.Abs(got-c.want) <= 1e-6*c.want) {
						t.Errorf("logit %v, x %v at %v: %v, want %v", c.logit, c.x, l, got, c.want)
					}
				}
				if g := sigmoid(c.logit) - c.x; math.Abs(float64(grad[0])-g) > 1e-7 {
					t.Errorf("logit %v, x %v at %v: gradient %v, want %v", c.logit, c.x, l, grad[0], g)
				}
			}
		})
	}
}
