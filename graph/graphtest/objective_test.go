package graphtest_test

import (
	"math"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/op"
)

type metrics map[string]float64

// noisy is an honest objective: a linear map with dropout, and a buffer that counts.
type noisy struct {
	p    *graph.Params
	f    *graph.Function
	kept data.Batch
	n    int
	// after is called with each result: what a wrong objective does differently.
	after func(o *noisy, key *graph.Key, b data.Batch, m metrics)
	// before may replace key and batch.
	before func(o *noisy, key *graph.Key, b *data.Batch)
}

func newNoisy(dtype graph.DType) *noisy {
	p := graph.NewParams(dtype, graph.NewKey(2))
	o := &noisy{p: p, f: graph.NewGradient(p, func(b *graph.Builder, n int) []*graph.Node {
		x := b.Input("x", n, 4)
		h := op.Dropout(op.Affine(x, b.Param("w", graph.Glorot, 4, 3), b.Param("b", graph.NormalWith(0.1), 3), op.TanhActivation), 0.3)
		seen := b.Buffer("seen", graph.Zeros, 4)
		b.Update(seen, op.Add(seen, op.Sum(x, 0)))
		return []*graph.Node{op.Mean(op.SoftmaxCrossEntropy(h, b.IntInput("y", n)))}
	})}
	if err := o.f.Prepare(1); err != nil {
		panic(err)
	}
	return o
}

func (o *noisy) Params() *graph.Params { return o.p }

func (o *noisy) Gradient(key graph.Key, b data.Batch) (metrics, error) {
	if o.before != nil {
		o.before(o, &key, &b)
	}
	outs, err := o.f.Run(key, b.N, b.X, b.Y)
	if err != nil {
		return nil, err
	}
	m := metrics{"loss": outs[0].At(0)}
	if o.after != nil {
		o.after(o, &key, b, m)
	}
	return m, nil
}

func batchOf(n int) data.Batch {
	x, y := make([]float32, 4*n), make([]int, n)
	graph.Normal(graph.NewKey(8), x)
	for i := range y {
		y[i] = (i + 2) % 3
	}
	return data.Batch{N: n, X: graph.Floats32(x, n, 4), Y: graph.Ints(y, n)}
}

func TestCheckObjective(t *testing.T) {
	o := newNoisy(graph.Float32)
	w := append([]float32{}, o.p.Lookup("w").Value().F32...)
	if err := graphtest.CheckObjective(o, batchOf, 1, 2, 7); err != nil {
		t.Error(err)
	}
	if o.p.Lookup("seen").Value().F32[0] != 0 || w[0] != o.p.Lookup("w").Value().F32[0] {
		t.Error("the check left buffers or values changed")
	}
	if err := graphtest.CheckObjective(o, batchOf, 2, 3); err == nil {
		t.Error("sizes without 1 are accepted")
	}
}

// TestCheckObjectiveRejects breaks one promise at a time.
func TestCheckObjectiveRejects(t *testing.T) {
	grad := func(o *noisy) []float32 { return o.p.Lookup("w").Grad().F32 }
	for name, wrong := range map[string]func(o *noisy){
		"accumulates": func(o *noisy) {
			var old float32
			o.before = func(o *noisy, _ *graph.Key, _ *data.Batch) { old = grad(o)[3] }
			o.after = func(o *noisy, _ *graph.Key, _ data.Batch, _ metrics) { grad(o)[3] += old }
		},
		"leaves one gradient": func(o *noisy) {
			var old float32
			o.before = func(o *noisy, _ *graph.Key, _ *data.Batch) { old = grad(o)[11] }
			o.after = func(o *noisy, _ *graph.Key, _ data.Batch, _ metrics) { grad(o)[11] = old }
		},
		"steps": func(o *noisy) {
			o.after = func(o *noisy, _ *graph.Key, _ data.Batch, _ metrics) { o.p.Lookup("w").Value().F32[1] += 0.1 }
		},
		"has a generator of its own": func(o *noisy) {
			o.before = func(o *noisy, key *graph.Key, _ *data.Batch) { o.n++; *key = key.ForkN(o.n) }
		},
		"remembers beside its buffers": func(o *noisy) {
			o.after = func(o *noisy, _ *graph.Key, _ data.Batch, m metrics) { o.n++; m["loss"] += float64(o.n) }
		},
		"keeps the batch": func(o *noisy) {
			o.before = func(o *noisy, _ *graph.Key, b *data.Batch) {
				if o.kept.N == b.N {
					*b = o.kept
				}
				if b.N == 2 {
					o.kept = *b
				}
			}
		},
		"changes the input":  func(o *noisy) { o.after = func(_ *noisy, _ *graph.Key, b data.Batch, _ metrics) { b.X.F32[0] = 5 } },
		"changes the target": func(o *noisy) { o.after = func(_ *noisy, _ *graph.Key, b data.Batch, _ metrics) { b.Y.Int[0] = 1 } },
		"has no loss":        func(o *noisy) { o.after = func(_ *noisy, _ *graph.Key, _ data.Batch, m metrics) { delete(m, "loss") } },
		"has a loss of NaN": func(o *noisy) {
			o.after = func(_ *noisy, _ *graph.Key, _ data.Batch, m metrics) { m["loss"] = math.NaN() }
		},
		"has a NaN gradient": func(o *noisy) {
			o.after = func(o *noisy, _ *graph.Key, _ data.Batch, _ metrics) { grad(o)[0] = float32(math.NaN()) }
		},
		"drops metrics": func(o *noisy) {
			o.after = func(o *noisy, _ *graph.Key, _ data.Batch, m metrics) {
				o.n++
				if o.n == 1 {
					m["extra"] = 1
				}
			}
		},
		"fails for one example": func(o *noisy) {
			o.before = func(_ *noisy, _ *graph.Key, b *data.Batch) {
				if b.N == 1 {
					b.N = 2
				}
			}
		},
		"drifts in its buffer": func(o *noisy) {
			o.after = func(o *noisy, _ *graph.Key, _ data.Batch, _ metrics) {
				o.n++
				o.p.Lookup("seen").Value().F32[0] = float32(o.n)
			}
		},
	} {
		o := newNoisy(graph.Float32)
		wrong(o)
		if err := graphtest.CheckObjective(o, batchOf, 1, 2, 7); err == nil {
			t.Errorf("an objective that %s is accepted", name)
		}
	}
}

func TestGradCheck(t *testing.T) {
	key := graph.NewKey(6)
	o := newNoisy(graph.Float64)
	before := append([]float64{}, o.p.Lookup("w").Value().F64...)
	if err := graphtest.GradCheck(o, key, batchOf(5)); err != nil {
		t.Error(err)
	}
	if after := o.p.Lookup("w").Value().F64; after[0] != before[0] || after[11] != before[11] {
		t.Error("the check left the values changed")
	}
	if err := graphtest.GradCheck(newNoisy(graph.Float32), key, batchOf(5)); err == nil {
		t.Error("float32 is accepted")
	}
	for name, after := range map[string]func(o *noisy, _ *graph.Key, _ data.Batch, m metrics){
		"one element 0.1 % off": func(o *noisy, _ *graph.Key, _ data.Batch, _ metrics) { o.p.Lookup("w").Grad().F64[5] *= 1.001 },
		"a bias forgotten":      func(o *noisy, _ *graph.Key, _ data.Batch, _ metrics) { clear(o.p.Lookup("b").Grad().F64) },
		"another scale":         func(o *noisy, _ *graph.Key, _ data.Batch, m metrics) { m["loss"] *= 1.0001 },
		"noise not held fixed":  func(o *noisy, _ *graph.Key, _ data.Batch, m metrics) { o.n++; m["loss"] += 1e-6 * float64(o.n%3) },
		"no loss":               func(o *noisy, _ *graph.Key, _ data.Batch, m metrics) { delete(m, "loss") },
	} {
		o := newNoisy(graph.Float64)
		o.after = after
		if err := graphtest.GradCheck(o, key, batchOf(5)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
