package graph_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
)

func TestKeysAreDeterministic(t *testing.T) {
	draw := func(k graph.Key, n int) []float32 {
		x := make([]float32, n)
		graph.Uniform(k, x)
		return x
	}
	k := graph.NewKey(42).At(3).Fork("enc").ForkN(2)
	long := draw(k, 10000)
	if !slices.Equal(long, draw(graph.NewKey(42).At(3).Fork("enc").ForkN(2), 10000)) {
		t.Error("equal keys give different numbers")
	}
	if !slices.Equal(long[:33], draw(k, 33)) {
		t.Error("a number depends on how many are drawn")
	}
}

// TestKeysAreIndependent draws from keys that differ in one thing only and asks that every pair is
// uncorrelated: with n draws the correlation is about N(0, 1/n).
func TestKeysAreIndependent(t *testing.T) {
	const n = 4096
	base := graph.NewKey(1)
	keys := map[string]graph.Key{
		"base": base, "seed 0": graph.NewKey(0), "seed 2": graph.NewKey(2), "seed 2^63": graph.NewKey(1 << 63),
		"step 1": base.At(1), "step 2": base.At(2), "step 2^40": base.At(1 << 40),
		"fork empty": base.Fork(""), "fork a": base.Fork("a"), "fork b": base.Fork("b"), "fork ab": base.Fork("ab"),
		"fork a fork b": base.Fork("a").Fork("b"), "fork b fork a": base.Fork("b").Fork("a"),
		"fork a fork a": base.Fork("a").Fork("a"), "fork bernoulli": base.Fork("bernoulli"), "fork bernoulli.1": base.Fork("bernoulli.1"),
		"fork a at 1": base.Fork("a").At(1),
	}
	for i := range 8 {
		keys[fmt.Sprint("forkN ", i)] = base.ForkN(i)
		keys[fmt.Sprint("forkN 0 forkN ", i)] = base.ForkN(0).ForkN(i)
		keys[fmt.Sprint("seed 1 << ", 8+i)] = graph.NewKey(1 << (8 + i))
	}
	draws := map[string][]float64{}
	for name, k := range keys {
		x := make([]float64, n)
		graph.Uniform(k, x)
		draws[name] = x
		mean, variance := momentsOf(x)
		near(t, name+": mean", mean, 0.5, 5/math.Sqrt(12*n))
		near(t, name+": variance", variance, 1.0/12, 5/math.Sqrt(180*n))
	}
	for a, x := range draws {
		for b, y := range draws {
			if a >= b {
				continue
			}
			for _, lag := range []int{0, 1, 16} {
				if r := correlation(x[lag:], y[:n-lag]); math.Abs(r) > 5.5/math.Sqrt(n) {
					t.Errorf("%s and %s correlate by %.3f at lag %d", a, b, r, lag)
				}
			}
		}
	}
}

func correlation(x, y []float64) float64 {
	mx, vx := momentsOf(x)
	my, vy := momentsOf(y)
	c := 0.0
	for i := range x {
		c += (x[i] - mx) * (y[i] - my)
	}
	return c / float64(len(x)) / math.Sqrt(vx*vy)
}

// TestKeysDiffer asks for different streams from many forks: 64 bits of site leave a chance of
// 3e-10 for 100,000 of them.
func TestKeysDiffer(t *testing.T) {
	seen := map[uint64]string{}
	note := func(k graph.Key, name string) {
		if other, ok := seen[k.Site]; ok {
			t.Fatalf("%s and %s are one key", name, other)
		}
		seen[k.Site] = name
	}
	root := graph.NewKey(7)
	for i := range 300 {
		note(root.ForkN(i), fmt.Sprint("forkN ", i))
		note(root.Fork(fmt.Sprint(i)), fmt.Sprint("fork ", i))
		for j := range 150 {
			note(root.ForkN(i).ForkN(j), fmt.Sprint("forkN ", i, j))
			note(root.Fork(fmt.Sprint("a", i)).ForkN(j), fmt.Sprint("fork a forkN", i, j))
		}
	}
}

func TestPerm(t *testing.T) {
	for _, n := range []int{0, 1, 2, 17, 1000, 20000} {
		p := graph.NewKey(3).Perm(n)
		seen := make([]bool, n)
		for _, v := range p {
			if v < 0 || v >= n || seen[v] {
				t.Fatalf("n = %d: no permutation: %d", n, v)
			}
			seen[v] = true
		}
		if len(p) != n {
			t.Errorf("n = %d: %d elements", n, len(p))
		}
	}
	// All 24 permutations of 4 are equally likely: chi-square with 23 degrees of freedom exceeds
	// 58.6 once in 60,000 times.
	counts := map[string]int{}
	const draws = 24000
	for i := range draws {
		counts[fmt.Sprint(graph.NewKey(11).At(uint64(i)).Perm(4))]++
	}
	chi := 0.0
	for _, c := range counts {
		chi += (float64(c) - draws/24) * (float64(c) - draws/24) / (draws / 24)
	}
	if len(counts) != 24 || chi > 58.6 {
		t.Errorf("%d permutations, chi-square %.1f", len(counts), chi)
	}
}
