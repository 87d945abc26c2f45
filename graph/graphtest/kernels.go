package graphtest

import (
	"fmt"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/internal/kernel"
)

// A KernelCase is one kernel on fixed arguments, for benchmarks outside of this tree.
type KernelCase struct {
	Name     string
	Flops    float64 // multiplications and additions of one call of Run; 0 where that says little
	Elements float64 // numbers that one call of Run produces or takes
	Run      func()
}

// PeakLoop runs multiply-adds in registers alone and returns how many operations that were: the time
// it takes gives the machine's peak for one thread.
func PeakLoop[T graph.Float](iterations int) (flops int) { return kernel.PeakLoop[T](iterations) }

// MatMulCases are matrix products in all transpose forms, at the sizes of a dense layer's forward and
// backward pass, square, and small.
func MatMulCases[T graph.Float]() []KernelCase {
	var cases []KernelCase
	for _, s := range [][3]int{{100, 500, 784}, {784, 500, 100}, {512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048}, {1, 500, 784}, {4, 500, 784}, {16, 500, 784}} {
		for _, form := range [][2]bool{{false, false}, {false, true}, {true, false}, {true, true}} {
			cases = append(cases, MatMulCase[T](s[0], s[1], s[2], form[0], form[1]))
		}
	}
	return cases
}

// MatMulCase is the product of an m×k by a k×n matrix, of which either may lie transposed in memory.
func MatMulCase[T graph.Float](m, n, k int, transA, transB bool) KernelCase {
	letter := map[bool]string{false: "N", true: "T"}
	c, a, b := make([]T, m*n), uniform[T](m*k), uniform[T](k*n)
	return KernelCase{
		Name:     fmt.Sprintf("%dx%dx%d/%s%s", m, k, n, letter[transA], letter[transB]),
		Flops:    2 * float64(m) * float64(n) * float64(k),
		Elements: float64(m) * float64(n),
		Run:      func() { kernel.MatMul(c, a, b, m, n, k, transA, transB, false, nil) },
	}
}

// VectorCases are the vector functions, on arrays that fit in the second cache.
func VectorCases() []KernelCase {
	const n = 16384
	x, y := uniform[float32](n), make([]float32, n)
	s := kernel.Stream{Key: 1}
	cases := []KernelCase{
		{Name: "exp", Run: func() { kernel.Exp(y, x) }},
		{Name: "log", Run: func() { kernel.Log(y, x) }},
		{Name: "tanh", Run: func() { kernel.Tanh(y, x) }},
		{Name: "sigmoid", Run: func() { kernel.Sigmoid(y, x) }},
		{Name: "softplus", Run: func() { kernel.Softplus(y, x) }},
		{Name: "erf", Run: func() { kernel.Erf(y, x) }},
		{Name: "sum", Run: func() { kernel.Sum(x) }},
		{Name: "dot", Run: func() { kernel.Dot(x, y) }},
		{Name: "softmax", Run: func() { kernel.Softmax(y, x, n/128, 128) }},
		{Name: "uniform", Run: func() { kernel.Uniform(y, s, 0) }},
		{Name: "bernoulli", Run: func() { kernel.Bernoulli(y, x, s, 0) }},
		{Name: "normal", Run: func() { kernel.Normal(y, s, 0) }},
	}
	for i := range cases {
		cases[i].Elements = n
	}
	return cases
}

func uniform[T graph.Float](n int) []T {
	x := make([]T, n)
	graph.Uniform(graph.NewKey(1), x)
	return x
}
