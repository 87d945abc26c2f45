package kernel

import (
	"math"
	"slices"
	"testing"
)

// softmaxByHand returns the probabilities, their logarithms and the logarithm of the
// normaliser of a row, which must have a finite element.
func softmaxByHand(row []float64) (p, logP []float64, logSum float64) {
	m, sum := slices.Max(row), 0.0
	for _, v := range row {
		sum += math.Exp(v - m)
	}
	for _, v := range row {
		p = append(p, math.Exp(v-m)/sum)
		logP = append(logP, v-m-math.Log(sum))
	}
	return p, logP, m + math.Log(sum)
}

// softmaxInputs are rows of cols logits: ordinary, large, equal, far apart, and masked.
func softmaxInputs[T Float](cols int) []T {
	var x []T
	ordinary := sequence[T](cols, 6)
	x = append(x, ordinary...)
	for _, f := range []func(i int, v T) T{
		func(_ int, v T) T { return v + 10000 },
		func(_ int, v T) T { return v * 1e30 },
		func(_ int, v T) T { return -5000 },
		func(i int, v T) T {
			if i%3 == 1 {
				return T(math.Inf(-1))
			}
			return v
		},
	} {
		for i, v := range ordinary {
			x = append(x, f(i, v))
		}
	}
	return x
}

func testSoftmax[T Float](t *testing.T) {
	for _, cols := range []int{1, 2, 3, 10, 15, 16, 17, 33, 64, 100, 1000} {
		x := softmaxInputs[T](cols)
		rows := len(x) / cols
		p, logP, lse := make([]T, len(x)), slices.Clone(x), make([]T, rows)
		Softmax(p, x, rows, cols)
		LogSoftmax(logP, logP, rows, cols)
		LogSumExp(lse, x, rows, cols)
		for r := range rows {
			row := widen(x[r*cols : (r+1)*cols])
			wantP, wantLogP, wantLSE := softmaxByHand(row)
			if err := within(lse[r], wantLSE, 4*epsilon[T](), 1); err != nil {
				t.Fatalf("LogSumExp of row %d of %d: %v", r, cols, err)
			}
			for c, want := range wantP {
				i := r*cols + c
				// An error of a unit in a logit of size 8 counts eightfold.
				if err := within(p[i], want, 32*epsilon[T](), 0); err != nil {
					t.Fatalf("Softmax of row %d of %d: %v", r, cols, err)
				}
				if err := within(logP[i], wantLogP[c], 2*epsilon[T](), 16); err != nil {
					t.Fatalf("LogSoftmax of row %d of %d: %v", r, cols, err)
				}
			}
			if sum := Sum(p[r*cols : (r+1)*cols]); math.Abs(sum-1) > 4*epsilon[T]()+float64(cols)*0x1p-53 {
				t.Fatalf("Softmax of row %d of %d sums to %v", r, cols, sum)
			}
		}
	}
}

func TestSoftmax(t *testing.T) {
	for _, l := range Levels() {
		at(l, func() {
			testSoftmax[float32](t)
			testSoftmax[float64](t)
		})
	}
}

// TestSoftmaxDegenerate asserts what the documentation says of rows of -Inf, of NaN and of
// no columns.
func TestSoftmaxDegenerate(t *testing.T) {
	for _, l := range Levels() {
		at(l, func() {
			const cols = 19
			masked := slices.Repeat([]float32{float32(math.Inf(-1))}, cols)
			p, logP, lse := make([]float32, cols), make([]float32, cols), make([]float32, 1)
			Softmax(p, masked, 1, cols)
			LogSoftmax(logP, masked, 1, cols)
			LogSumExp(lse, masked, 1, cols)
			if !slices.Equal(p, make([]float32, cols)) || !slices.Equal(logP, masked) || lse[0] != masked[0] {
				t.Errorf("a row of -Inf at %v gives %v, %v and %v", l, p, logP, lse)
			}
			masked[7] = float32(math.NaN())
			Softmax(p, masked, 1, cols)
			LogSumExp(lse, masked, 1, cols)
			if p[7] == p[7] || lse[0] == lse[0] {
				t.Errorf("NaN in a row at %v gives %v and %v", l, p, lse)
			}
			LogSumExp(lse, nil, 1, 0)
			if !math.IsInf(float64(lse[0]), -1) {
				t.Errorf("LogSumExp of nothing is %v", lse)
			}
			Softmax[float32](nil, nil, 3, 0)
		})
	}
}

// rowFunction is a function of the rows of a matrix, such as Softmax.
type rowFunction func(dst, x []float64, rows, cols int)

// checkRowGradient returns the largest difference of grad, from the output of f, to finite
// differences of dy.f(x).
func checkRowGradient(f rowFunction, grad func(dx, y, dy []float64, rows, cols int)) float64 {
	const rows, cols, h = 3, 21, 1e-6
	x, dy := sequence[float64](rows*cols, 9), sequence[float64](rows*cols, 10)
	y, dx := make([]float64, len(x)), make([]float64, len(x))
	f(y, x, rows, cols)
	grad(dx, y, dy, rows, cols)
	loss := func() float64 {
		f(y, x, rows, cols)
		return Dot(y, dy)
	}
	most := 0.0
	for i, v := range x {
		x[i] = v + h
		up := loss()
		x[i] = v - h
		down := loss()
		x[i] = v
		most = max(most, math.Abs(dx[i]-(up-down)/(2*h)))
	}
	return most
}

func TestSoftmaxGradients(t *testing.T) {
	for _, l := range Levels() {
		at(l, func() {
			if off := checkRowGradient(Softmax[float64], SoftmaxGrad[float64]); !(off < 1e-6) {
				t.Errorf("SoftmaxGrad at %v is off by %v", l, off)
			}
			if off := checkRowGradient(LogSoftmax[float64], LogSoftmaxGrad[float64]); !(off < 1e-6) {
				t.Errorf("LogSoftmaxGrad at %v is off by %v", l, off)
			}
		})
	}
	if off := checkRowGradient(LogSoftmax[float64], SoftmaxGrad[float64]); off < 1e-3 {
		t.Errorf("a wrong gradient is off by %v only", off)
	}
}

// TestSoftmaxSteps does what Softmax and its gradient do by the functions that are steps of them.
func TestSoftmaxSteps(t *testing.T) {
	const n = 37
	for _, l := range Levels() {
		at(l, func() {
			x, dy := sequence[float32](n, 11), sequence[float32](n, 12)
			want, got := make([]float32, n), make([]float32, n)
			Softmax(want, x, 1, n)
			sum := ExpSum(got, x, SoftmaxShift(x))
			Scale(got, float32(1/sum), got)
			if !slices.Equal(got, want) {
				t.Errorf("at %v the steps give %v, Softmax %v", l, got, want)
			}
			y := slices.Clone(want)
			SoftmaxGrad(want, y, dy, 1, n)
			SoftmaxGradFrom(got, y, dy, float32(Dot(dy, y)))
			if !slices.Equal(got, want) {
				t.Errorf("at %v the steps give %v, SoftmaxGrad %v", l, got, want)
			}
			if s := SoftmaxShift([]float32{float32(math.Inf(-1))}); s != 0 {
				t.Errorf("at %v a row of -Inf is shifted by %v", l, s)
			}
		})
	}
}
