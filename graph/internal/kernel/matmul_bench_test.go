package kernel

import (
	"fmt"
	"testing"
	"time"
	"unsafe"
)

// BenchmarkMatMul reports the speed of products beside the peak of one thread, measured in turns
// so that both see the same clock; of both, the quickest run counts, as what other programs take
// is not of interest. The flag -cpu 1,2 compares numbers of threads.
func BenchmarkMatMul(b *testing.B) {
	for _, l := range Levels() {
		restore := SetLevel(l)
		b.Run(fmt.Sprintf("%v/float32", l), benchmarkMatMul[float32])
		b.Run(fmt.Sprintf("%v/float64", l), benchmarkMatMul[float64])
		restore()
	}
}

func benchmarkMatMul[T Float](b *testing.B) {
	for _, s := range []struct {
		m, k, n        int
		transA, transB bool
	}{
		{100, 784, 500, false, false}, {100, 784, 500, false, true}, {100, 500, 784, false, true},
		{784, 100, 500, true, false}, {100, 1000, 1000, false, false}, {1000, 100, 1000, true, false},
		{512, 512, 512, false, false}, {512, 512, 512, true, true}, {1024, 1024, 1024, false, false},
		{1, 784, 500, false, false}, {1, 784, 500, false, true}, {16, 256, 1024, false, false},
	} {
		form := map[bool]string{false: "N", true: "T"}
		b.Run(fmt.Sprintf("%dx%dx%d%s%s", s.m, s.k, s.n, form[s.transA], form[s.transB]), func(b *testing.B) {
			x, y, z := make([]T, s.m*s.k), make([]T, s.k*s.n), make([]T, s.m*s.n)
			for i := range x {
				x[i] = T(i%7) - 3
			}
			for i := range y {
				y[i] = T(i%5) - 2
			}
			flops := 2 * s.m * s.n * s.k
			b.SetBytes(int64(unsafe.Sizeof(T(0))) * int64(len(x)+len(y)+len(z)))
			product, peak := time.Hour, time.Hour // of the quickest run
			peakFlops := 0
			for b.Loop() {
				start := time.Now()
				MatMul(z, x, y, s.m, s.n, s.k, s.transA, s.transB, false, nil)
				middle := time.Now()
				peakFlops = PeakLoop[T](8000)
				product = min(product, middle.Sub(start))
				peak = min(peak, time.Since(middle))
			}
			speed := float64(flops) / product.Seconds() / 1e9
			peakSpeed := float64(peakFlops) / peak.Seconds() / 1e9
			b.ReportMetric(speed, "GFLOP/s")
			b.ReportMetric(100*speed/peakSpeed, "%peak")
		})
	}
}
