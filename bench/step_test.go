package bench

import (
	"testing"

	"github.com/latent-go/latent/bench/stock"
)

// BenchmarkStep times whole training steps.
func BenchmarkStep(b *testing.B) {
	for _, w := range Workloads {
		b.Run(w.Name+"/latent", func(b *testing.B) { measure(b, w, w.New) })
		if w.Units != nil { // else stock operations do not express it
			b.Run(w.Name+"/gorgonia", func(b *testing.B) {
				measure(b, w, func() (func() error, error) { return newStock(w) })
			})
		}
	}
}

func newStock(w Workload) (func() error, error) {
	batch := Batch(w.Batch)
	return stock.New(w.Name, w.Units, w.Batch, batch.X.F32, batch.Y.Int)
}

func measure(b *testing.B, w Workload, build func() (func() error, error)) {
	step, err := build()
	if err != nil {
		b.Fatal(err)
	}
	for range 3 { // warm up
		if err := step(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := step(); err != nil {
			b.Fatal(err)
		}
	}
	seconds := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(float64(w.Batch)/seconds, "examples/s")
	b.ReportMetric(w.Flops/seconds/1e9, "GFLOP/s")
}
