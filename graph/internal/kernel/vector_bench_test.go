package kernel

import "testing"

// BenchmarkVector reports billions of elements a second, on arrays that fit the L2 cache.
func BenchmarkVector(b *testing.B) {
	benchmarkVector[float32](b, "f32")
	benchmarkVector[float64](b, "f64")
}

func benchmarkVector[T Float](b *testing.B, name string) {
	const rows, cols = 64, 256
	const n = rows * cols
	x, y, dst := sequence[T](n, 1), sequence[T](n, 2), make([]T, n)
	for _, f := range []struct {
		name string
		run  func()
	}{
		{"Exp", func() { Exp(dst, x) }},
		{"Log", func() { Log(dst, x) }},
		{"Tanh", func() { Tanh(dst, x) }},
		{"Sigmoid", func() { Sigmoid(dst, x) }},
		{"Softplus", func() { Softplus(dst, x) }},
		{"Erf", func() { Erf(dst, x) }},
		{"GELU", func() { GELU(dst, x) }},
		{"Add", func() { Add(dst, x, y) }},
		{"SigmoidGrad", func() { SigmoidGrad(dst, x, y) }},
		{"BernoulliSumGrad", func() { BernoulliSumGrad(dst, x, y, 1) }},
		{"Sum", func() { Sum(x) }},
		{"Dot", func() { Dot(x, y) }},
		{"AllFinite", func() { AllFinite(x) }},
		{"ColumnSums", func() { ColumnSums(dst[:cols], x, rows, cols) }},
		{"Softmax", func() { Softmax(dst, x, rows, cols) }},
		{"Transpose", func() { Transpose(dst, x, rows, cols) }},
	} {
		for _, l := range Levels() {
			b.Run(f.name+"/"+name+"/"+l.String(), func(b *testing.B) {
				defer SetLevel(l)()
				for b.Loop() {
					f.run()
				}
				b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds()/1e9, "G/s")
			})
		}
	}
}
