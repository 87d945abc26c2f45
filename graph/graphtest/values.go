package graphtest

import (
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
)

// Uniform is an array (n, shape...) of float32 numbers in [0, 1).
func Uniform(seed uint64, n int, shape ...int) graph.Array {
	size := n
	for _, s := range shape {
		size *= s
	}
	x := make([]float32, size)
	graph.Uniform(graph.NewKey(seed), x)
	return graph.Floats32(x, append([]int{n}, shape...)...)
}

// Shake adds noise of standard deviation 0.3 to every parameter, so that biases are not at 0 either.
func Shake(p *graph.Params, seed uint64) {
	for _, q := range p.List() {
		noise := make([]float64, q.Size)
		graph.Normal(graph.NewKey(seed).Fork(q.Name), noise)
		for i, v := range noise {
			put(q.Value(), i, q.Value().At(i)+0.3*v)
		}
	}
}

// Must returns v, or ends the test.
func Must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// SameBits reports whether two arrays have the same shape, type and bits.
func SameBits(a, b graph.Array) bool {
	return slices.Equal(a.Shape, b.Shape) && len(a.F32) == len(b.F32) && len(a.F64) == len(b.F64) && sameValues(a, b)
}

// Near fails unless got is want up to an error relative to 1 + |want|.
func Near(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*(1+math.Abs(want))) {
		t.Errorf("%s: %.12g, want %.12g", what, got, want)
	}
}

// Moments are the mean of numbers and its standard error.
func Moments(values []float64) (mean, stderr float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		stderr += (v - mean) * (v - mean) / n
	}
	return mean, math.Sqrt(stderr / n)
}
