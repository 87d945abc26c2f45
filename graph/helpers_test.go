package graph_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
)

type (
	node  = graph.Node
	nodes = []*graph.Node
)

// wantError checks that err is a sentinel and says what it should.
func wantError(t *testing.T, err, sentinel error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, expected %v with %q", sentinel, parts)
		return
	}
	if sentinel != nil && !errors.Is(err, sentinel) {
		t.Errorf("error %q is not %q", err, sentinel)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// normals32 is an array of draws from N(0, 1).
func normals32(seed uint64, shape ...int) graph.Array {
	n := 1
	for _, d := range shape {
		n *= d
	}
	x := make([]float32, n)
	graph.Normal(graph.NewKey(seed), x)
	return graph.Floats32(x, shape...)
}

// sameBits compares two arrays bit by bit.
func sameBits(a, b graph.Array) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if math.Float64bits(a.At(i)) != math.Float64bits(b.At(i)) {
			return false
		}
	}
	return true
}

func copyOf(a graph.Array) []float64 {
	v := make([]float64, a.Len())
	for i := range v {
		v[i] = a.At(i)
	}
	return v
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %v, expected %v within %v", what, got, want, tolerance)
	}
}

// momentsOf is the mean and the variance of a sample.
func momentsOf(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for _, v := range x {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / float64(len(x))
}
