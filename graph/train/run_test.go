package train

import (
	"context"
	"iter"
	"math"
	"runtime"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
	"github.com/latent-go/latent/graph/optim"
)

// TestQuadratic compares with the closed form of steepest descent on |w - mean x|²/2 with all
// examples in a batch: w - mean shrinks by 1 - rate in every step.
func TestQuadratic(t *testing.T) {
	q, src := newQuadratic(t, graph.Float64), examples(10, 3)
	start := append([]float64(nil), q.w.Value().F64...)
	r := mustRun(t, q, src, Config{Steps: 7, BatchSize: 10, Optim: optim.Config{Method: optim.SGD, Rate: 0.2}})
	if r.Epoch != 7 || r.Examples != 70 || len(r.History.Records) != 7 {
		t.Errorf("7 steps of a full batch came to %+v", r)
	}
	for j := range 3 {
		mean := 0.0
		for i := range 10 {
			mean += src.X.At(3*i+j) / 10
		}
		want := mean + math.Pow(0.8, 7)*(start[j]-mean)
		if got := q.w.Value().At(j); math.Abs(got-want) > 1e-12 {
			t.Errorf("w[%d] is %v, want %v", j, got, want)
		}
	}
}

// TestRegression compares a graph with the same descent in plain loops over the same batches.
func TestRegression(t *testing.T) {
	g, src, key := newRegression(t, graph.Float64, 0), examples(15, 3), graph.NewKey(8)
	w := append([]float64(nil), g.p.Lookup("w").Value().F64...)
	w = append(w, 0)
	last, sum := 0.0, 0.0
	for epoch := range 3 {
		sum = 0
		for b := range src.Batches(key.Fork("order").At(uint64(epoch)), 4) {
			grad := make([]float64, 4)
			for i := range b.N {
				d := w[3] - b.Y.At(i)
				for j := range 3 {
					d += w[j] * b.X.At(3*i+j)
				}
				for j := range 3 {
					grad[j] += 2 * d * b.X.At(3*i+j) / float64(b.N)
				}
				grad[3] += 2 * d / float64(b.N)
				sum += d * d
			}
			for j := range w {
				w[j] -= 0.1 * grad[j]
			}
		}
		last = sum / 15
	}
	r := mustRun(t, g, src, Config{Epochs: 3, BatchSize: 4, Key: key, Optim: optim.Config{Method: optim.SGD, Rate: 0.1}})
	for j := range w {
		got := g.p.Lookup("b").Value().At(0)
		if j < 3 {
			got = g.p.Lookup("w").Value().At(j)
		}
		if math.Abs(got-w[j]) > 1e-12 {
			t.Errorf("weight %d is %v, want %v", j, got, w[j])
		}
	}
	if r.Step != 12 || math.Abs(r.History.Records[2].Train[Loss]-last) > 1e-12 {
		t.Errorf("last epoch's loss is %v after step %d, want %v after 12", r.History.Records[2].Train[Loss], r.Step, last)
	}
}

// TestChain shows that the loop trains on an estimate that is no gradient: the model's means come to
// those of the data.
func TestChain(t *testing.T) {
	c, src := newChain(t), examples(200, 3)
	mustRun(t, c, src, Config{Epochs: 100, BatchSize: 20, Optim: optim.Config{Method: optim.SGD, Rate: 0.05}})
	for j := range 3 {
		mean := 0.0
		for i := range 200 {
			mean += src.X.At(3*i+j) / 200
		}
		if p := 1 / (1 + math.Exp(-c.bias.Value().At(j))); math.Abs(p-mean) > 0.05 {
			t.Errorf("mean %d is %v, the data's %v", j, p, mean)
		}
	}
}

// TestAccumulate compares a step of several batches with that of one large one. 18 examples in
// batches of 5 end with one of 3, which must weigh less.
func TestAccumulate(t *testing.T) {
	for _, dtype := range []graph.DType{graph.Float32, graph.Float64} {
		tolerance := 1e-6
		if dtype == graph.Float64 {
			tolerance = 1e-13
		}
		for _, n := range []int{20, 18} {
			small, large := newRegression(t, dtype, 0), newRegression(t, dtype, 0)
			cfg := Config{Steps: 6, BatchSize: 5, Accumulate: 4, Optim: optim.Config{Method: optim.SGD, Rate: 0.1}}
			a := mustRun(t, small, examples(n, 3).Ordered(), cfg)
			cfg.BatchSize, cfg.Accumulate = n, 1
			b := mustRun(t, large, examples(n, 3).Ordered(), cfg)
			for _, q := range small.p.List() {
				for i := range q.Size {
					if x, y := q.Value().At(i), large.p.Lookup(q.Name).Value().At(i); math.Abs(x-y) > tolerance {
						t.Errorf("%v, %d examples: %s[%d] is %v, in one batch %v", dtype, n, q.Name, i, x, y)
					}
				}
			}
			x, y := a.History.Records[5].Train[Loss], b.History.Records[5].Train[Loss]
			if a.Epoch != 6 || a.Examples != 6*n || math.Abs(x-y) > 10*tolerance {
				t.Errorf("%v: %d examples came to %+v, loss %v, in one batch %v", dtype, n, a, x, y)
			}
		}
	}
}

// TestKeys wants a key of its own for every batch, in and between steps.
func TestKeys(t *testing.T) {
	q := newQuadratic(t, graph.Float32)
	mustRun(t, q, examples(20, 3), Config{Epochs: 3, BatchSize: 5, Accumulate: 3, Key: graph.NewKey(6)})
	seen := map[graph.Key]bool{}
	for _, k := range q.keys {
		if seen[k] || k.Seed != 6 {
			t.Errorf("key %v is used twice, or not of the seed", k)
		}
		seen[k] = true
	}
	if len(seen) != 12 {
		t.Errorf("%d keys, want 12", len(seen))
	}
}

// bare yields the batches of a set from one memory that it spoils as soon as it may.
type bare struct{ *data.Set }

func (s bare) Batches(key graph.Key, size int) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		for b, err := range s.Set.Batches(key, size) {
			if !yield(b, err) {
				return
			}
			for i := range b.X.F32 {
				b.X.F32[i] = float32(math.NaN())
			}
		}
	}
}

func (s bare) Len() int { return -1 }

// TestBareSource also trains on a source that does not know its length.
func TestBareSource(t *testing.T) {
	a, b := objectives["regression"](t), objectives["regression"](t)
	cfg := Config{Epochs: 3, BatchSize: 4}
	mustRun(t, a, examples(15, 3), cfg)
	r := mustRun(t, b, bare{examples(15, 3)}, cfg)
	if values(a.Params()) != values(b.Params()) || r.Step != 12 || r.Examples != 45 {
		t.Errorf("a source of unknown length trains otherwise: %+v", r)
	}
}

// TestAverage scores and leaves the averages of the weights.
func TestAverage(t *testing.T) {
	q, src := newQuadratic(t, graph.Float64), examples(10, 3)
	average := append([]float64(nil), q.w.Value().F64...)
	var raw []float64
	cfg := Config{
		Steps: 9, BatchSize: 10, Valid: src, EvalEvery: Interval{Steps: 9},
		Optim: optim.Config{Method: optim.SGD, Rate: 0.2, EMA: 0.5},
		Hooks: []Hook{{OnStep: func(s State) error {
			decay := min(0.5, (1+float64(s.Step))/(10+float64(s.Step)))
			raw = s.Params.Lookup("w").Value().F64
			for j := range average {
				average[j] = decay*average[j] + (1-decay)*raw[j]
			}
			return nil
		}}},
	}
	r := mustRun(t, q, src, cfg)
	loss := 0.0
	for i := range 30 {
		loss += math.Pow(average[i%3]-src.X.At(i), 2) / 2 / 10
	}
	if got := r.History.Records[8].Valid[Loss]; math.Abs(got-loss) > 1e-12 {
		t.Errorf("the averages score %v, want %v", got, loss)
	}
	for j, want := range average {
		if got := q.w.Value().At(j); math.Abs(got-want) > 1e-12 {
			t.Errorf("the run leaves w[%d] = %v, want the average %v", j, got, want)
		}
	}
}

// TestAllocations counts what a step allocates beyond the objective's own metrics.
func TestAllocations(t *testing.T) {
	for name, most := range map[string]uint64{"quadratic": 40, "regression": 300} {
		obj := objectives[name](t)
		var from, to runtime.MemStats
		cfg := Config{Steps: 300, BatchSize: 5, Hooks: []Hook{{OnStep: func(s State) error {
			switch s.Step {
			case 100:
				runtime.ReadMemStats(&from)
			case 300:
				runtime.ReadMemStats(&to)
			}
			return nil
		}}}}
		mustRun(t, obj, examples(500, 3), cfg)
		mallocs, size := (to.Mallocs-from.Mallocs)/200, (to.TotalAlloc-from.TotalAlloc)/200
		t.Logf("%s: %d allocations, %d bytes a step", name, mallocs, size)
		if mallocs > most || size > 32<<10 {
			t.Errorf("%s: %d allocations, %d bytes a step", name, mallocs, size)
		}
	}
}

func TestEvaluate(t *testing.T) {
	q, src := newQuadratic(t, graph.Float64), examples(10, 3)
	want, err := q.Evaluate(graph.NewKey(0), data.Batch{N: 10, X: src.X})
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1, 3, 10, 99} {
		got, err := Evaluate(context.Background(), q, graph.NewKey(0), src, size)
		if err != nil || math.Abs(got[Loss]-want[Loss]) > 1e-12 {
			t.Errorf("in batches of %d: %v (%v), want %v", size, got, err, want)
		}
	}
}
