package vae

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
	"github.com/pkg/errors"
)

// Bound returns the importance-weighted lower bound of log p(x) (n), in nats as float64, of examples
// (n, ...) by k samples for each, at least 1 (Burda et al. 2015, equation 8). It rises with k and goes
// to log p(x); papers use 5,000. The samples are computed a few hundred at a time: memory does not grow with
// k. With Binarize each example is drawn once for all its samples. It ends early with the error of ctx.
func (m *Model) Bound(ctx context.Context, key graph.Key, x graph.Array, k int, labels ...int) (graph.Array, error) {
	var bounds []logMeanExp
	err := m.sample(ctx, key, x, k, labels, func(n int) { bounds = make([]logMeanExp, n) }, func(i int, weight, _ float64) {
		bounds[i].add(weight)
	})
	if err != nil {
		return graph.Array{}, err
	}
	values := make([]float64, len(bounds))
	for i := range values {
		values[i] = bounds[i].value()
	}
	return graph.Floats64(values, len(values)), nil
}

// ReconstructionProbability returns log p(x|z) (n), in nats as float64, of examples (n, ...), averaged over
// k samples of z from the posterior of each: low for an anomaly, which the latent units cannot
// describe (An & Cho 2015). Unlike Score it does not count how improbable the latent units are. With
// Binarize each example is drawn once.
func (m *Model) ReconstructionProbability(ctx context.Context, key graph.Key, x graph.Array, k int, labels ...int) (graph.Array, error) {
	var means []float64
	err := m.sample(ctx, key, x, k, labels, func(n int) { means = make([]float64, n) }, func(i int, _, likelihood float64) {
		means[i] += likelihood / float64(k)
	})
	if err != nil {
		return graph.Array{}, err
	}
	return graph.Floats64(means, len(means)), nil
}

// sample draws k samples for each example and calls see with the number of the example, log p(x, z) -
// log q(z|x), and log p(x|z); before, it calls start with the number of examples. Different examples
// may be seen at once, but the samples of one come one by one, in order.
func (m *Model) sample(ctx context.Context, key graph.Key, x graph.Array, k int, labels []int, start func(n int), see func(i int, weight, likelihood float64)) error {
	if k < 1 {
		return errors.Wrapf(ErrConfig, "%d samples of each example, expected at least 1", k)
	}
	in, err := m.given(x, labels)
	if err != nil {
		return err
	}
	if m.cfg.Binarize {
		if in[0], err = graph.First(m.binarize.Map(key.Fork("binarize"), chunk, in[0])); err != nil {
			return err
		}
	}
	posterior, err := m.encode.Map(graph.Key{}, chunk, in...)
	if err != nil {
		return err
	}
	in = append(in, posterior...)
	n := in[0].Shape[0]
	start(n)
	// A run computes s samples for each of a few examples; the last run of an example may draw some too many.
	runs := (k + chunk - 1) / chunk
	s := (k + runs - 1) / runs
	group := max(1, chunk/s)
	weigh := m.weigh.samples(m, s)
	return parallel((n+group-1)/group, func(g int) error {
		lo, hi := g*group, min((g+1)*group, n)
		for r := range runs {
			if err := ctx.Err(); err != nil {
				return err
			}
			outs, err := weigh.Run(key.ForkN(g).ForkN(r), hi-lo, part(in, lo, hi)...)
			if err != nil {
				return err
			}
			if err := outs[0].CheckFinite(); err != nil {
				return errors.WithMessagef(err, "importance weights of examples %d to %d", lo, hi-1)
			}
			for i := lo; i < hi; i++ {
				for j := range min(s, k-r*s) {
					at := (i-lo)*s + j
					see(i, outs[0].At(at), outs[1].At(at))
				}
			}
		}
		return nil
	})
}

// part is rows lo to hi-1 of each array.
func part(in []graph.Array, lo, hi int) []graph.Array {
	some := make([]graph.Array, len(in))
	for i, a := range in {
		some[i] = a.Rows(lo, hi)
	}
	return some
}

// A weigher makes the function that computes importance weights, and keeps the one last used.
type weigher struct {
	mu sync.Mutex
	k  int
	f  *graph.Function
}

// samples returns the function that draws k samples for each of n examples: x (n, d), labels if there are
// any, mean and log-variance (n, l), results log weights and log-likelihoods (n k).
func (w *weigher) samples(m *Model, k int) *graph.Function {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.f == nil || w.k != k {
		cfg := m.cfg
		w.k, w.f = k, graph.NewFunction(m.params, func(b *graph.Builder, n int) []*graph.Node {
			x, y := cfg.inputs(b, n)
			mean, logVar := b.Input("mean", n, cfg.Latent), b.Input("logvar", n, cfg.Latent)
			z, noise := drawNormal(mean, logVar, k)
			likelihood := op.Neg(cfg.nll(b, cfg.output(b, z, y), x))
			return []*graph.Node{op.Add(op.LogPriorRatio(logVar, noise, z), likelihood), likelihood}
		})
	}
	return w.f
}

// parallel calls f for 0 to n-1, on as many goroutines as there are threads, and returns the first error.
func parallel(n int, f func(i int) error) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || failed.Load() != nil {
					return
				}
				if err := f(i); err != nil {
					failed.CompareAndSwap(nil, &err)
					return
				}
			}
		})
	}
	wait.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}
