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
