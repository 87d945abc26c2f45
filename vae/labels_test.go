package vae

import (
	"math"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/nn"
	"github.com/latent-go/latent/graph/op"
	"github.com/latent-go/latent/graph/optim"
	"github.com/latent-go/latent/graph/train"
	"github.com/pkg/errors"
)

// TestConditionalModelUsesItsLabel trains on examples whose upper half the label decides and whose lower half
// is free. The label must decide what is decoded, from the prior and from the code of another example, and
// the latent units must not tell it: the free half is all they have to carry.
func TestConditionalModelUsesItsLabel(t *testing.T) {
	const n, classes = 600, 3
	patterns := [classes][]float32{{1, 0, 0, 1}, {0, 1, 0, 1}, {1, 1, 1, 0}}
	x, labels, free := make([]float32, 0, 8*n), make([]int, n), make([]float32, n)
	graph.Uniform(graph.NewKey(1), free)
	for i := range labels {
		labels[i] = i % classes
		bit := float32(math.Round(float64(free[i])))
		x = append(append(x, patterns[labels[i]]...), bit, 1-bit, bit, 1-bit)
	}
	all := graph.Floats32(x, n, 8)
	m := must(New(Config{Shape: []int{8}, Latent: 2, Classes: classes, Encoder: []nn.Dense{{Units: 16, Activation: op.TanhActivation}}}))(t)
	set := must(data.NewSet(all, graph.Ints(labels, n)))(t)
	if _, err := train.Run(t.Context(), m, set, train.Config{Epochs: 120, BatchSize: 20, Optim: optim.Config{Rate: 0.01}}); err != nil {
		t.Fatal(err)
	}
	shows := func(what string, y graph.Array, label func(i int) int) {
		t.Helper()
		for i := range y.Shape[0] {
			for j, want := range patterns[label(i)] {
				if math.Abs(y.At(8*i+j)-float64(want)) > 0.1 {
					t.Fatalf("%s: element %d is %g with label %d, want %g", what, j, y.At(8*i+j), label(i), want)
				}
			}
		}
	}
	shows("samples", must(m.Sample(graph.NewKey(2), 60, same([]int{2}, 60)...))(t), func(int) int { return 2 })
	shows("reconstructions", must(m.Reconstruct(all, labels...))(t), func(i int) int { return labels[i] })
	other := make([]int, n)
	for i, label := range labels {
		other[i] = (label + 1) % classes
	}
	mean, _, err := m.Encode(all, labels...)
	if err != nil {
		t.Fatal(err)
	}
	decoded := must(m.Decode(mean, other...))(t)
	shows("codes under another label", decoded, func(i int) int { return other[i] })
	for i := range n { // the free half is kept
		if math.Abs(decoded.At(8*i+4)-float64(x[8*i+4])) > 0.2 {
			t.Fatalf("example %d: the free half is %g, want %g", i, decoded.At(8*i+4), x[8*i+4])
		}
	}
	// The bound is about log 2, for the free bit; with wrong labels the examples are nearly impossible.
	right, _ := moments(must(m.Bound(t.Context(), graph.NewKey(3), all, 20, labels...))(t).F64)
	wrong, _ := moments(must(m.Bound(t.Context(), graph.NewKey(3), all, 20, other...))(t).F64)
	if right < -math.Ln2-0.4 || right > -math.Ln2+0.05 || wrong > right-5 {
		t.Errorf("bound %g with the labels and %g with others, want about %g, more than -log 6 by far, and much less", right, wrong, -math.Ln2)
	}
}

func TestLabelsInEveryUse(t *testing.T) {
	cfg := kinds()["conditional"] // 3 classes
	cfg.Latent = 2
	m := model(t, cfg, graph.Float32)
	plain := model(t, kinds()["plain"], graph.Float32)
	x, key := uniform(4, 2, 6), graph.NewKey(1)
	one := x.Rows(0, 1)
	calls := map[string]func(m *Model, labels []int) error{
		"Encode":      func(m *Model, l []int) error { _, _, err := m.Encode(x, l...); return err },
		"Decode":      func(m *Model, l []int) error { _, err := m.Decode(uniform(1, 2, m.cfg.Latent), l...); return err },
		"Reconstruct": func(m *Model, l []int) error { _, err := m.Reconstruct(x, l...); return err },
		"Sample":      func(m *Model, l []int) error { _, err := m.Sample(key, 2, l...); return err },
		"Score":       func(m *Model, l []int) error { _, err := m.Score(key, x, l...); return err },
		"Bound":       func(m *Model, l []int) error { _, err := m.Bound(t.Context(), key, x, 3, l...); return err },
		"Units":       func(m *Model, l []int) error { _, err := m.Units(x, l...); return err },
		"Probability": func(m *Model, l []int) error {
			_, err := m.ReconstructionProbability(t.Context(), key, x, 3, l...)
			return err
		},
	}
	for name, call := range calls {
		if err := call(m, []int{0, 2}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := call(plain, nil); err != nil {
			t.Errorf("%s without classes: %v", name, err)
		}
		for _, c := range []struct {
			m      *Model
			labels []int
			err    error
			says   string
		}{
			{m, []int{0, 3}, graph.ErrRange, "label 3 of example 1, expected 0 to 2"},
			{m, []int{-1, 0}, graph.ErrRange, "label -1 of example 0"},
			{m, nil, graph.ErrShape, "got 0 labels, expected 2 of 0 to 2"},
			{m, []int{1}, graph.ErrShape, "got 1 labels"},
			{plain, []int{0, 0}, graph.ErrShape, "no classes"},
		} {
			if err := call(c.m, c.labels); !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s of %v: %v", name, c.labels, err)
			}
		}
	}
	walks := map[string]func(l ...int) (graph.Array, error){
		"Interpolate": func(l ...int) (graph.Array, error) { return m.Interpolate(one, one, 4, l...) },
		"Traverse":    func(l ...int) (graph.Array, error) { return m.Traverse(one, 1, []float64{-1, 0, 1}, l...) },
		"Manifold":    func(l ...int) (graph.Array, error) { return m.Manifold(3, l...) },
	}
	for name, walk := range walks {
		if sameBits(must(walk(0))(t), must(walk(1))(t)) {
			t.Errorf("%s does not depend on the label", name)
		}
		for _, bad := range [][]int{nil, {0, 1}, {3}} {
			if _, err := walk(bad...); err == nil {
				t.Errorf("%s takes labels %v", name, bad)
			}
		}
	}
	for says, y := range map[string]graph.Array{
		"expected integer labels": {}, "shape [2 1]": graph.Ints([]int{0, 1}, 2, 1), "got 1 labels": graph.Ints([]int{0}, 1),
		"shape [2]": graph.Floats32([]float32{0, 1}, 2), "label 5 of example 1": graph.Ints([]int{0, 5}, 2),
	} {
		b := data.Batch{N: 2, X: x, Y: y}
		_, err := m.Gradient(key, b)
		_, err2 := m.Evaluate(key, b)
		if err == nil || err2 == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("targets %v: %v, %v", y, err, err2)
		}
	}
}
