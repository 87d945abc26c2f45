package kernel

import (
	"fmt"
	"testing"
	"unsafe"
)

// checkPackRows compares f with packRowsGeneric: it may read nothing but the strips, and write
// nothing but them and packSlack elements after the last.
func checkPackRows[T Float](f func(dst *T, dstStep int, src *T, srcStep, strips, k, width int), strips, k, width int, g *lcg) error {
	size := int(unsafe.Sizeof(T(0)))
	step := strips*width + g.int(5)
	stride := k*width + packSlack
	src := newGuarded((k-1)*step+strips*width, func() T { return T(g.float()) })
	dst := newGuarded(strips*stride, guardValue[T])
	want := make([]T, len(dst.data))
	packRowsGeneric(&want[0], stride*size, &src.data[0], step*size, strips, k, width)
	f(&dst.data[0], stride*size, &src.data[0], step*size, strips, k, width)
	for s := range strips {
		for i := range k * width {
			if dst.data[s*stride+i] != want[s*stride+i] {
				return fmt.Errorf("%d strips of %d×%d: element %d of strip %d is %v, want %v",
					strips, k, width, i, s, dst.data[s*stride+i], want[s*stride+i])
			}
		}
	}
	if !dst.intact() || !src.intact() {
		return fmt.Errorf("%d strips of %d×%d: wrote out of bounds", strips, k, width)
	}
	return nil
}

func testPackRows[T Float](t *testing.T) {
	g := lcg(11)
	tiles := matMulStateOf[T]().tiles()
	for width := 1; width <= tiles.rows; width++ {
		for strips := 1; strips <= 4; strips++ {
			for k := 1; k <= 6; k++ {
				if err := checkPackRows(tiles.packRows, strips, k, width, &g); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func TestPackRows(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		t.Run("float32", testPackRows[float32])
		t.Run("float64", testPackRows[float64])
	})
}

// TestPackRowsChecker feeds wrong functions to the checker.
func TestPackRowsChecker(t *testing.T) {
	type pack = func(dst *float64, dstStep int, src *float64, srcStep, strips, k, width int)
	for name, f := range map[string]pack{
		"leaves out the last row": func(dst *float64, dstStep int, src *float64, srcStep, strips, k, width int) {
			packRowsGeneric(dst, dstStep, src, srcStep, strips, k-1, width)
		},
		"takes wider strips": func(dst *float64, dstStep int, src *float64, srcStep, strips, k, width int) {
			packRowsGeneric(dst, dstStep, src, srcStep, strips, k, width+1)
		},
		"writes too much": func(dst *float64, dstStep int, src *float64, srcStep, strips, k, width int) {
			packRowsGeneric(dst, dstStep, src, srcStep, strips, k, width)
			*(*float64)(unsafe.Add(unsafe.Pointer(dst), strips*dstStep)) = 1
		},
	} {
		g := lcg(12)
		if checkPackRows(f, 2, 3, 5, &g) == nil {
			t.Errorf("packing that %s is accepted", name)
		}
	}
}

// checkTransposed compares f with transposeRowsGeneric: it may read nothing but the rows, and write
// nothing but their columns and, of short rows, what would be columns up to shortRow.
func checkTransposed[T Float](f func(dst []T, width int, src []T, step, rows, k int), rows, k int, g *lcg) error {
	width, step := rows+g.int(5), k+g.int(5)
	size := int(unsafe.Sizeof(T(0)))
	src := newGuarded((rows-1)*step+k, func() T { return T(g.float()) })
	used := (k-1)*width + rows
	dst := newGuarded(max(used, (shortRow-1)*width+rows), guardValue[T])
	want := newGuarded(used, guardValue[T])
	transposeRowsGeneric(&want.data[0], width*size, &src.data[0], step*size, rows, k, 0)
	f(dst.data, width, src.data, step, rows, k)
	for i, y := range want.data {
		if x := dst.data[i]; x != y && !(isGuard(x) && isGuard(y)) {
			return fmt.Errorf("%d×%d: element %d is %v, want %v", rows, k, i, x, y)
		}
	}
	if !dst.intact() || !src.intact() {
		return fmt.Errorf("%d×%d: wrote out of bounds", rows, k)
	}
	return nil
}

func testTransposed[T Float](t *testing.T) {
	g := lcg(13)
	for rows := 1; rows <= 34; rows++ {
		for _, k := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15, 16, 17, 20, 24, 26, 31, 32, 33, 100} {
			if err := checkTransposed(matMulStateOf[T]().tiles().transposed, rows, k, &g); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestTransposed(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		t.Run("float32", testTransposed[float32])
		t.Run("float64", testTransposed[float64])
	})
}

// TestTransposedChecker feeds wrong functions to the checker.
func TestTransposedChecker(t *testing.T) {
	type turn = func(dst []float64, width int, src []float64, step, rows, k int)
	right := func(dst []float64, width int, src []float64, step, rows, k int) {
		transposeRowsGeneric(&dst[0], width*8, &src[0], step*8, rows, k, 0)
	}
	for name, f := range map[string]turn{
		"leaves out a row": func(dst []float64, width int, src []float64, step, rows, k int) {
			right(dst, width, src, step, rows-1, k)
		},
		"leaves out a column": func(dst []float64, width int, src []float64, step, rows, k int) {
			right(dst, width, src, step, rows, k-1)
		},
		"writes too much": func(dst []float64, width int, src []float64, step, rows, k int) {
			right(dst, width, src, step, rows, k)
			*(*float64)(unsafe.Add(unsafe.Pointer(&dst[0]), 8*len(dst))) = 1
		},
		"writes between columns": func(dst []float64, width int, src []float64, step, rows, k int) {
			right(dst, width, src, step, rows, k)
			dst[width-1] = 1
		},
		"does not turn": func(dst []float64, width int, src []float64, step, rows, k int) { copy(dst, src) },
	} {
		g := lcg(14)
		if checkTransposed(f, 5, 9, &g) == nil {
			t.Errorf("a function that %s is accepted", name)
		}
	}
}
