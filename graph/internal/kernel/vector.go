package kernel

// The assembly for AVX2 and AVX-512, and the functions that enter it into the table of
// implementations below, are generated.
//
//go:generate go -C gen run ./vector -out ../vector_amd64.s -stubs ../vector_amd64.go -pkg kernel -table ../vector_table_amd64.go

// vectorKernels is one implementation of every vector function and reduction. The meaning
// of each field is the generic function of the same name, addGeneric for add and so on.
// All slices of a call have the same length; dst may be one of the inputs.
type vectorKernels[T Float] struct {
	// dst[i] = f(x[i])
	exp, log, tanh, sigmoid, softplus, logSigmoid, erf func(dst, x []T)
	square, sqrt, abs, neg, relu, gelu                 func(dst, x []T)

	// dst[i] = f(x[i], s); axpy also reads dst
	addScalar, scale, axpy, leakyReLU, elu func(dst, x []T, s T)

	// dst[i] = f(x[i], y[i]); mulAdd also reads dst
	add, sub, mul, div, mulAdd                              func(dst, x, y []T)
	addSigmoid, addTanh, addReLU                            func(dst, x, y []T)
	sigmoidGrad, tanhGrad, reluGrad, softplusGrad, geluGrad func(dst, x, y []T)
	leakyReLUGrad, eluGrad, squaredErrorGrad, bernoulliGrad func(dst, x, y []T, s T)
	softmaxGrad, logSoftmaxGrad                             func(dst, x, y []T, s T)

	// reductions
	sum, sumSquares      func(x []T) float64
	sumZeros, max        func(x []T) T
	dot, squaredErrorSum func(x, y []T) float64
	bernoulliSum         func(x, y []T) float64
	bernoulliSumGrad     func(dst, x, y []T, s T) float64
	sumExp               func(x []T, s T) float64
	expSum               func(dst, x []T, s T) float64
	columnSums           func(dst, x []T)
	transpose            func(dst, x []T, rows, cols int)
}

// vector32 and vector64 hold the implementations by level. Where a level has no assembly
// for a kernel, it has the generic function.
var (
	vector32 = vectorLevels(vectorAVX2F32, vectorAVX512F32)
	vector64 = vectorLevels(vectorAVX2F64, vectorAVX512F64)
)

func vectorLevels[T Float](avx2, avx512 func(*vectorKernels[T])) [3]vectorKernels[T] {
	g := vectorGeneric[T]()
	ks := [3]vectorKernels[T]{Generic: g, AVX2: g, AVX512: g}
	avx2(&ks[AVX2])
	avx512(&ks[AVX512])
	return ks
}

// vector returns the implementations for T at the level in use.
func vector[T Float]() *vectorKernels[T] {
	var ks any = &vector32[level]
	if _, ok := any(T(0)).(float64); ok {
		ks = &vector64[level]
	}
	return ks.(*vectorKernels[T])
}

const (
	errLengths = "kernel: slices differ in length"
	errShape   = "kernel: slice length is not rows*cols"
)

func checkLen2[T Float](dst, x []T) {
	if len(x) != len(dst) {
		panic(errLengths)
	}
}

func checkLen3[T Float](dst, x, y []T) {
	if len(x) != len(dst) || len(y) != len(dst) {
		panic(errLengths)
	}
}

// checkRows panics unless x holds rows rows of cols elements.
func checkRows[T Float](x []T, rows, cols int) {
	if rows < 0 || cols < 0 || len(x) != rows*cols {
		panic(errShape)
	}
}
