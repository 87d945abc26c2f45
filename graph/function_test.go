package graph_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/op"
)

// encoder is a Function from x (n, 5) to a code (n, 3) and its noisy copy.
func encoder(p *graph.Params) *graph.Function {
	return graph.NewFunction(p, func(b *graph.Builder, n int) []*node {
		x := b.Input("x", n, 5)
		h := op.Affine(x, b.Param("w", graph.Glorot, 5, 3), b.Param("b", graph.NormalWith(1), 3), op.TanhActivation)
		return nodes{h, op.Add(h, op.Normal(h))}
	})
}

func newParams() *graph.Params { return graph.NewParams(graph.Float32, graph.NewKey(4)) }

func TestFunctionTakesAnyBatchSize(t *testing.T) {
	f := encoder(newParams())
	x := normals32(1, 40, 5)
	all := must[[]graph.Array](t)(f.Run(key, 40, x))
	for round := range 2 {
		for n := 1; n <= 40; n++ { // more sizes than are kept
			outs := must[[]graph.Array](t)(f.Run(key, n, x.Rows(0, n)))
			for i := range outs[0].Len() {
				near(t, fmt.Sprintf("round %d, n = %d", round, n), outs[0].At(i), all[0].At(i), 1e-6)
			}
		}
		if f.Idle() > 16 {
			t.Errorf("%d programs are kept", f.Idle())
		}
	}
	_, err := f.Run(key, 0, x)
	wantError(t, err, graph.ErrShape, "0 examples")
	_, err = f.Run(key, 3, x)
	wantError(t, err, graph.ErrShape, "(40, 5)", "(3, 5)")
	empty := graph.NewFunction(newParams(), func(*graph.Builder, int) []*node { return nil })
	wantError(t, empty.Prepare(1), graph.ErrShape, "output")
	bad := graph.NewFunction(newParams(), func(b *graph.Builder, n int) []*node { return nodes{op.Add(b.Input("x", n), b.Input("y", n+1))} })
	wantError(t, bad.Prepare(3), graph.ErrShape, "x(3)", "y(4)", "function_test.go")
}

// TestFunctionIsConcurrent calls one Function, not prepared, from 16 goroutines; run it with -race.
func TestFunctionIsConcurrent(t *testing.T) {
	f := encoder(newParams())
	x := normals32(1, 8, 5)
	want := map[int][]graph.Array{}
	reference := encoder(newParams())
	for n := 1; n <= 8; n++ {
		want[n] = must[[]graph.Array](t)(reference.Run(key.At(uint64(n)), n, x.Rows(0, n)))
	}
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			for i := range 6 {
				n := 1 + (g+i)%8
				outs, err := f.Run(key.At(uint64(n)), n, x.Rows(0, n))
				if err != nil {
					t.Error(err)
					return
				}
				if !sameBits(outs[0], want[n][0]) || !sameBits(outs[1], want[n][1]) {
					t.Errorf("goroutine %d, n = %d: other bits", g, n)
				}
			}
		})
	}
	wg.Wait()
}

// TestModelsAreBuiltConcurrently builds and trains different graphs at once; run it with -race.
func TestModelsAreBuiltConcurrently(t *testing.T) {
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			p := graph.NewParams(graph.Float32, graph.NewKey(uint64(g)))
			f := graph.NewGradient(p, func(b *graph.Builder, n int) []*node {
				h := b.Input("x", n, 3+g)
				for l := range 3 {
					h = op.Dropout(op.Affine(h, b.Param(fmt.Sprint("w", l), graph.Glorot, h.Dim(1), 4), nil, op.ReLUActivation), 0.3)
				}
				return nodes{op.Mean(op.SquaredError(h, op.StopGradient(op.Scale(h, 0.5))))}
			})
			for n := 1; n < 5; n++ {
				if _, err := f.Run(key, n, normals32(1, n, 3+g)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestMap(t *testing.T) {
	p := newParams()
	f := encoder(p)
	x := normals32(2, 23, 5)
	whole := must[[]graph.Array](t)(f.Run(key, 23, x))
	for _, size := range []int{1, 5, 8, 23, 100} {
		outs := must[[]graph.Array](t)(f.Map(key, size, x))
		if outs[0].Check() != nil || outs[0].Shape[0] != 23 || outs[0].Shape[1] != 3 {
			t.Fatalf("size %d: shape %v, %v", size, outs[0].Shape, outs[0].Check())
		}
		for i := range whole[0].Len() {
			near(t, fmt.Sprint("size ", size), outs[0].At(i), whole[0].At(i), 1e-6)
		}
	}
	_, err := f.Map(key, 0, x)
	wantError(t, err, graph.ErrShape)
	_, err = f.Map(key, 5)
	wantError(t, err, graph.ErrShape)
	_, err = f.Map(key, 5, x, graph.Floats32([]float32{1}))
	wantError(t, err, graph.ErrShape, "input 1", "scalar")
	_, err = f.Map(key, 5, x, normals32(1, 22, 5))
	wantError(t, err, graph.ErrShape, "23", "22")
	_, err = f.Map(key, 5, graph.Floats32(make([]float32, 3), 2, 2))
	wantError(t, err, graph.ErrShape, "input 0")
	total := graph.NewFunction(p, func(b *graph.Builder, n int) []*node { return nodes{op.Sum(b.Input("x", n, 5))} })
	_, err = total.Map(key, 5, x)
	wantError(t, err, graph.ErrShape, "output 0", "joined")
}

// gradientBits trains one step of a net with dropout and sampling, large enough to be split over threads,
// from a fresh build, and returns the loss and the whole gradient slab.
func gradientBits(t *testing.T) graph.Array {
	p := newParams()
	f := graph.NewGradient(p, func(b *graph.Builder, n int) []*node {
		x := b.Input("x", n, 120)
		w := b.Param("w", graph.Glorot, 120, 90)
		h := op.Dropout(op.Affine(x, w, b.Param("b", nil, 90), op.SigmoidActivation), 0.25)
		z := op.Add(op.Bernoulli(op.Sigmoid(h)), op.Mul(h, op.Normal(h)))
		logits := op.AffineT(op.Add(z, op.Mul(h, h)), w, b.Param("c", nil, 120), op.Identity)
		return nodes{op.Mean(op.BernoulliNLL(logits, op.Sigmoid(x)))}
	})
	outs := must[[]graph.Array](t)(f.Run(key, 150, normals32(3, 150, 120)))
	_, grads := graph.Slab[float32](p)
	bits := append(append([]float32{}, outs[0].F32...), grads...)
	return graph.Floats32(bits, len(bits))
}

func TestBitsDoNotDependOnThreadsOrBuild(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := gradientBits(t)
	for _, threads := range []int{1, 2, 4, 2, 4} {
		runtime.GOMAXPROCS(threads)
		if !sameBits(gradientBits(t), want) {
			t.Errorf("other bits with %d threads", threads)
		}
	}
}
