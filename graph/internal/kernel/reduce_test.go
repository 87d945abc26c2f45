package kernel

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// A reducer is a reduction over pairs, and the term it sums.
type reducer[T Float] struct {
	name string
	run  func(x, y []T) float64
	term func(x, y float64) float64

	// tolerance is in units of T's epsilon relative to |term|, beside that of the sum in
	// float64.
	tolerance float64
}

func reducers[T Float]() []reducer[T] {
	return []reducer[T]{
		{"Sum", func(x, _ []T) float64 { return Sum(x) }, func(x, _ float64) float64 { return x }, 0},
		{"SumSquares", func(x, _ []T) float64 { return SumSquares(x) }, func(x, _ float64) float64 { return x * x }, 0},
		{"Dot", Dot[T], func(x, y float64) float64 { return x * y }, 0},
		{"SquaredErrorSum", SquaredErrorSum[T], func(x, y float64) float64 { return (x - y) * (x - y) }, 0},
		{"BernoulliSum", BernoulliSum[T], bernoulliNLL, 4},
		{"BernoulliSumGrad", func(x, y []T) float64 {
			return BernoulliSumGrad(make([]T, len(x)), x, y, 1)
		}, bernoulliNLL, 4},
		{"sumExp", func(x, _ []T) float64 { return vector[T]().sumExp(x, 8) },
			func(x, _ float64) float64 { return math.Exp(x - 8) }, 16},
		{"expSum", func(x, _ []T) float64 { return vector[T]().expSum(make([]T, len(x)), x, 8) },
			func(x, _ float64) float64 { return math.Exp(x - 8) }, 16},
	}
}

// check checks r on n elements at an offset, in the midst of NaN, which must not be read.
func (r reducer[T]) check(n, offset int) error {
	inNaN := func(v []T) []T {
		b := slices.Repeat([]T{T(math.NaN())}, n+80)
		copy(b[40+offset:], v)
		return b[40+offset : 40+offset+n]
	}
	x, y := sequence[T](n, 1), sequence[T](n, 2)
	sum, size := 0.0, 0.0
	for i, v := range x {
		term := r.term(float64(v), float64(y[i]))
		sum += term
		size += math.Abs(term)
	}
	got := r.run(inNaN(x), inNaN(y))
	tolerance := size * (r.tolerance*epsilon[T]() + float64(n+1)*0x1p-53)
	if !(math.Abs(got-sum) <= tolerance) {
		return fmt.Errorf("sum of %d is %v, want %v", n, got, sum)
	}
	if again := r.run(x, y); again != got {
		return fmt.Errorf("sum of %d depends on the alignment: %v and %v", n, got, again)
	}
	return nil
}

func (r reducer[T]) checkLengths() error {
	for _, n := range lengths() {
		if err := r.check(n, n%7); err != nil {
			return err
		}
	}
	return nil
}

// lengths are sizes around those of vectors and unrolled loops, and larger ones.
func lengths() []int {
	ns := []int{100, 127, 128, 129, 200, 1000, 8192}
	for n := range 71 {
		ns = append(ns, n)
	}
	return ns
}

func testReducers[T Float](t *testing.T) {
	for _, l := range Levels() {
		at(l, func() {
			for _, r := range reducers[T]() {
				if err := r.checkLengths(); err != nil {
					t.Errorf("%s at %v: %v", r.name, l, err)
				}
			}
		})
	}
}

func TestReducersFloat32(t *testing.T) { testReducers[float32](t) }
func TestReducersFloat64(t *testing.T) { testReducers[float64](t) }

func TestReducerCheckRejects(t *testing.T) {
	identity := func(x, _ float64) float64 { return x }
	wrong := map[string]func(x, _ []float32) float64{
		"without the last": func(x, _ []float32) float64 { return Sum(x[:max(0, len(x)-1)]) },
		"one too many":     func(x, _ []float32) float64 { return Sum(x[:min(len(x)+1, cap(x))]) },
		"in float32": func(x, _ []float32) float64 {
			var sum float32
			for _, v := range x {
				sum += v
			}
			return float64(sum)
		},
	}
	for name, f := range wrong {
		if (reducer[float32]{name, f, identity, 0}).checkLengths() == nil {
			t.Errorf("a sum %s passed", name)
		}
	}
}

func testMaxAndFinite[T Float](t *testing.T) {
	inf, nan := T(math.Inf(1)), T(math.NaN())
	if got := Max[T](nil); got != -inf {
		t.Errorf("the maximum of nothing is %v", got)
	}
	for _, n := range lengths()[7:] {
		x := sequence[T](n, 3)
		if got, want := Max(x), maxGeneric(x); got != want {
			t.Errorf("the maximum of %d is %v, want %v", n, got, want)
		}
		if !AllFinite(x) {
			t.Errorf("%d finite numbers pass for infinite", n)
		}
		for i := range x {
			old := x[i]
			x[i] = 9
			if got := Max(x); got != 9 {
				t.Errorf("the maximum of %d, element %d, is %v", n, i, got)
			}
			for _, bad := range []T{nan, inf, -inf} {
				x[i] = bad
				if AllFinite(x) {
					t.Errorf("%v at %d of %d passes for finite", bad, i, n)
				}
			}
			x[i] = nan
			rest := slices.Concat(x[:i], x[i+1:])
			if got, want := Max(x), maxGeneric(rest); got != want {
				t.Errorf("the maximum of %d beside NaN at %d is %v, want %v", n, i, got, want)
			}
			x[i] = old
		}
	}
	negative := slices.Repeat([]T{-3}, 50)
	if got := Max(negative[:21]); got != -3 {
		t.Errorf("the maximum of -3 is %v", got)
	}
}

func TestMaxAndFinite(t *testing.T) {
	for _, l := range Levels() {
		at(l, func() {
			testMaxAndFinite[float32](t)
			testMaxAndFinite[float64](t)
		})
	}
}

func testRowAndColumnSums[T Float](t *testing.T) {
	for _, rows := range []int{0, 1, 2, 7, 40} {
		for _, cols := range append(lengths()[7:], 130, 200, 257) {
			x := sequence[T](rows*cols, 4)
			rowSums, colSums := make([]float64, rows), make([]float64, cols)
			for i, v := range x {
				rowSums[i/cols] += float64(v)
				colSums[i%cols] += float64(v)
			}
			gotRows, gotCols := make([]T, rows), make([]T, cols+1)
			gotCols[cols] = 77
			RowSums(gotRows, x, rows, cols)
			ColumnSums(gotCols[:cols], x, rows, cols)
			for r, want := range rowSums {
				if err := within(gotRows[r], want, epsilon[T](), float64(8*cols)); err != nil {
					t.Fatalf("row %d of %d by %d: %v", r, rows, cols, err)
				}
			}
			for c, want := range colSums {
				if err := within(gotCols[c], want, epsilon[T](), float64(8*rows)); err != nil {
					t.Fatalf("column %d of %d by %d: %v", c, rows, cols, err)
				}
			}
			if gotCols[cols] != 77 {
				t.Fatalf("ColumnSums wrote past %d columns", cols)
			}
		}
	}
}

func TestRowAndColumnSums(t *testing.T) {
	for _, l := range Levels() {
		at(l, func() {
			testRowAndColumnSums[float32](t)
			testRowAndColumnSums[float64](t)
		})
	}
}
