package bench

import (
	"sync"
	"testing"
	"time"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/graphtest"
	"github.com/latent-go/latent/graph/optim"
)

// peak32 and peak64 are the multiply-add peaks of one thread in flop/s, the best of several tries, as
// others may load the machine.
var (
	peak32 = sync.OnceValue(peak[float32])
	peak64 = sync.OnceValue(peak[float64])
)

func peak[T graph.Float]() float64 {
	best := 0.0
	for range 20 {
		start := time.Now()
		flops := graphtest.PeakLoop[T](200_000)
		best = max(best, float64(flops)/time.Since(start).Seconds())
	}
	return best
}

// BenchmarkMatMul reports GFLOP/s and the share of one thread's multiply-add peak; run it with
// -cpu 1 and again with -cpu 2.
func BenchmarkMatMul(b *testing.B) {
	b.Run("float32", func(b *testing.B) { matmul(b, graphtest.MatMulCases[float32](), peak32) })
	b.Run("float64", func(b *testing.B) { matmul(b, graphtest.MatMulCases[float64](), peak64) })
}

func matmul(b *testing.B, cases []graphtest.KernelCase, peak func() float64) {
	for _, c := range cases {
		b.Run(c.Name, func(b *testing.B) {
			limit := peak()
			c.Run() // the system hands out the memory of the result now
			for b.Loop() {
				c.Run()
			}
			rate := c.Flops * float64(b.N) / b.Elapsed().Seconds()
			b.ReportMetric(rate/1e9, "GFLOP/s")
			b.ReportMetric(100*rate/limit, "%peak")
		})
	}
}

// BenchmarkVector reports billions of numbers a second.
func BenchmarkVector(b *testing.B) {
	for _, c := range graphtest.VectorCases() {
		b.Run(c.Name, func(b *testing.B) {
			for b.Loop() {
				c.Run()
			}
			b.ReportMetric(c.Elements*float64(b.N)/b.Elapsed().Seconds()/1e9, "G/s")
		})
	}
}

// BenchmarkOptimiser times one update of the 784,000 weights of a 784-1000 layer.
func BenchmarkOptimiser(b *testing.B) {
	for _, m := range []optim.Method{optim.SGD, optim.Momentum, optim.Nesterov, optim.Adam, optim.AdamW, optim.RMSProp, optim.AdaGrad} {
		b.Run(m.String(), func(b *testing.B) {
			p := graph.NewParams(graph.Float32, graph.NewKey(1))
			q, err := p.Add("w", true, graph.Glorot, 784, 1000)
			if err != nil {
				b.Fatal(err)
			}
			graph.Uniform(graph.NewKey(2), graph.Grads[float32](q))
			o, err := optim.New(optim.Config{Method: m}, p)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := o.Step(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(q.Size)*float64(b.N)/b.Elapsed().Seconds()/1e9, "G/s")
		})
	}
}
