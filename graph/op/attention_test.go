package op_test

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/op"
)

// An attentionCase is sizes of attention; skip may be nil.
type attentionCase struct {
	n, t, s, d, e, heads int
	causal               bool
	skip                 []int
}

var attentionCases = []attentionCase{
	{2, 3, 5, 4, 4, 2, false, nil},
	{2, 3, 5, 4, 6, 2, true, nil},
	{2, 4, 4, 3, 6, 3, true, nil},
	{3, 1, 4, 2, 3, 1, true, []int{0, 3, 4}},
	{3, 1, 1, 2, 1, 1, false, []int{0, 1, 0}},
	{4, 4, 4, 6, 3, 3, true, []int{1, 4, 0, 2}}, // queries that see nothing: 1, all, 0 and 2
	{3, 3, 6, 4, 2, 2, false, []int{5, 0, 6}},
	{2, 5, 2, 4, 2, 2, false, nil},
	{1, 35, 35, 2, 4, 1, true, []int{33}}, // several blocks of queries, the first of which sees nothing
	{1, 70, 71, 2, 2, 2, true, nil},
	{1, 33, 3, 2, 1, 1, false, nil},
}

func (c attentionCase) shapes() [][]int {
	return [][]int{{c.n, c.t, c.d}, {c.n, c.s, c.d}, {c.n, c.s, c.e}}
}

func (c attentionCase) build(in nodes) *node {
	var skip *node
	if c.skip != nil {
		skip = in[3]
	}
	return op.Attention(in[0], in[1], in[2], c.heads, c.causal, skip)
}

func (c attentionCase) ints() []graph.Array {
	if c.skip == nil {
		return nil
	}
	return []graph.Array{graph.Ints(c.skip, c.n)}
}

// draws fills q, k and v from N(0, scale^2).
func (c attentionCase) draws(scale float64) []graph.Array {
	var in []graph.Array
	for i, shape := range c.shapes() {
		x := make([]float32, shape[0]*shape[1]*shape[2])
		graph.Normal(graph.NewKey(4).ForkN(i), x)
		for j := range x {
			x[j] *= float32(scale)
		}
		in = append(in, graph.Floats32(x, shape...))
	}
	return in
}

// run gives the result, and the gradients of a sum of it with different weights.
func (c attentionCase) run(t *testing.T, in []graph.Array) (y graph.Array, grads []float32) {
	t.Helper()
	p := graph.NewParams(graph.Float32, graph.NewKey(1))
	b := graph.NewBuilder(p, graph.Train)
	var xs nodes
	for i, x := range in {
		xs = append(xs, b.Param(fmt.Sprint("x", i), graph.Zeros, x.Shape...))
	}
	for i, x := range c.ints() {
		xs = append(xs, b.IntInput(fmt.Sprint("i", i), x.Shape...))
	}
	out := c.build(xs)
	w := make([]float32, out.Len())
	graph.Normal(graph.NewKey(8), w)
	prog, err := b.CompileGradient(op.Sum(op.Mul(out, b.Input("w", out.Shape()...))), out)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range in {
		copy(p.Lookup(fmt.Sprint("x", i)).Value().F32, x.F32)
	}
	outs, err := prog.Run(graph.NewKey(1), append(c.ints(), graph.Floats32(w, out.Shape()...))...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range in {
		grads = append(grads, p.Lookup(fmt.Sprint("x", i)).Grad().F32...)
	}
	return outs[1], grads
}

// naive is attention by the formula.
func (c attentionCase) naive(in []graph.Array) []float64 {
	y := make([]float64, c.n*c.t*c.e)
	d, e := c.d/c.heads, c.e/c.heads
	for i := range c.n * c.t * c.heads {
		example, query, h := i/c.heads/c.t, i/c.heads%c.t, i%c.heads
		weights, sum := map[int]float64{}, 0.0
		for key := range c.s {
			if c.causal && key > query+c.s-c.t || c.skip != nil && key < c.skip[example] {
				continue
			}
			dot := 0.0
			for j := range d {
				dot += in[0].At((example*c.t+query)*c.d+h*d+j) * in[1].At((example*c.s+key)*c.d+h*d+j)
			}
			weights[key] = math.Exp(dot / math.Sqrt(float64(d)))
			sum += weights[key]
		}
		for key, w := range weights {
			for j := range e {
				y[(example*c.t+query)*c.e+h*e+j] += w / sum * in[2].At((example*c.s+key)*c.e+h*e+j)
			}
		}
	}
	return y
}

func TestAttention(t *testing.T) {
	for _, c := range attentionCases {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			check(t, graphtest.OpCase{Shapes: c.shapes(), Ints: c.ints(), Build: c.build})
			in := c.draws(1)
			y, _ := c.run(t, in)
			compareLarge(t, "attention", y.F32, c.naive(in))
		})
	}
	c := attentionCase{2, 150, 201, 48, 33, 3, true, []int{70, 3}}
	in := c.draws(1)
	y, _ := c.run(t, in)
	compareLarge(t, "attention", y.F32, c.naive(in))
	check(t, graphtest.OpCase{Shapes: [][]int{{2, 3, 4}}, Build: func(in nodes) *node {
		return op.Attention(in[0], in[0], in[0], 2, true, nil)
	}})
}

// TestAttentionCausal changes keys and values one by one: the queries before each must keep their bits.
func TestAttentionCausal(t *testing.T) {
	c := attentionCase{1, 67, 70, 8, 4, 2, true, []int{2}}
	in := c.draws(1)
	before, _ := c.run(t, in)
	for key := range c.s {
		k, v := slices.Clone(in[1].F32), slices.Clone(in[2].F32)
		k[key*c.d], k[key*c.d+5], v[key*c.e], v[key*c.e+2] = 9, -9, 99, 99
		after, _ := c.run(t, []graph.Array{in[0], graph.Floats32(k, in[1].Shape...), graph.Floats32(v, in[2].Shape...)})
		first := max(0, key-(c.s-c.t)) // the first query that sees it
		if key < c.skip[0] {
			first = c.t
		}
		if !slices.Equal(after.F32[:first*c.e], before.F32[:first*c.e]) {
			t.Errorf("key %d changes what a query before %d sees", key, first)
		}
		if first < c.t && slices.Equal(after.F32[first*c.e:(first+1)*c.e], before.F32[first*c.e:(first+1)*c.e]) {
			t.Errorf("key %d does not change query %d", key, first)
		}
	}
}

// TestAttentionAlone runs the last query alone, and a cache whose first rows are not filled.
func TestAttentionAlone(t *testing.T) {
	c := attentionCase{2, 90, 90, 32, 48, 4, true, []int{0, 7}}
	in := c.draws(1)
	whole, _ := c.run(t, in)
	alone := c
	alone.t, alone.s, alone.skip = 1, 93, []int{3, 10}
	last := func(x graph.Array, rows, junk, width int) graph.Array {
		var out []float32
		for i := range c.n {
			for range junk * width {
				out = append(out, float32(math.NaN()))
			}
			out = append(out, x.F32[((i+1)*c.t-rows)*width:(i+1)*c.t*width]...)
		}
		return graph.Floats32(out, c.n, rows+junk, width)
	}
	got, _ := alone.run(t, []graph.Array{last(in[0], 1, 0, c.d), last(in[1], c.s, 3, c.d), last(in[2], c.s, 3, c.e)})
	for i, want := range last(whole, 1, 0, c.e).F32 {
		if d := math.Abs(float64(got.F32[i] - want)); !(d <= 1e-6) {
			t.Errorf("element %d is %v alone, %v among others", i, got.F32[i], want)
		}
	}
}

func TestAttentionLargeScores(t *testing.T) {
	c := attentionCase{2, 40, 40, 8, 8, 2, true, []int{0, 39}}
	y, grads := c.run(t, c.draws(100)) // scores of about 1e4
	if err := y.CheckFinite(); err != nil {
		t.Error(err)
	}
	if err := graph.Floats32(grads, len(grads)).CheckFinite(); err != nil {
		t.Error("gradient:", err)
	}
}

func TestAttentionThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, c := range []attentionCase{{3, 130, 150, 32, 48, 2, true, []int{0, 20, 149}}, {1, 300, 300, 64, 64, 1, false, nil}} {
		in := c.draws(1)
		var first []float32
		for _, threads := range []int{1, 2, 4} {
			runtime.GOMAXPROCS(threads)
			y, grads := c.run(t, in)
			all := append(slices.Clone(y.F32), grads...)
			if first == nil {
				first = all
			}
			if !slices.Equal(all, first) {
				t.Errorf("%v: other bits on %d threads", c, threads)
			}
		}
	}
}

func TestAttentionSkipOutOfRange(t *testing.T) {
	for _, skip := range []int{-1, 6} {
		b := graph.NewBuilder(graph.NewParams(graph.Float32, graph.NewKey(1)), graph.Eval)
		x := b.Input("x", 2, 5, 4)
		prog, err := b.Compile(op.Attention(x, x, x, 2, true, b.IntInput("skip", 2)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = prog.Run(graph.NewKey(1), filled(1, 2, 5, 4), graph.Ints([]int{5, skip}, 2))
		if !errors.Is(err, graph.ErrRange) || !strings.Contains(err.Error(), fmt.Sprintf("%d keys of example 1 are skipped, outside [0, 5]", skip)) {
			t.Errorf("%d: %v", skip, err)
		}
	}
}
