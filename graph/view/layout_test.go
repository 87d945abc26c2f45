package view

import (
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

func colourAt(img image.Image, x, y int) color.RGBA {
	return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
}

func greyOf(l uint8) color.RGBA { return color.RGBA{l, l, l, 0xff} }

// wantSize fails unless the picture has w x h pixels.
func wantSize(t *testing.T, img image.Image, w, h int) {
	t.Helper()
	if img.Bounds() != image.Rect(0, 0, w, h) {
		t.Fatalf("the picture is %v, want %d x %d", img.Bounds(), w, h)
	}
}

// Three images of 2 x 3 pixels in two columns at scale 2: every pixel of the sheet is checked.
func TestGridPixelByPixel(t *testing.T) {
	x := make([]float32, 18)
	for i := range x {
		x[i] = float32(i) / 17
	}
	for name, a := range map[string]graph.Array{
		"(n, d)":       graph.Floats32(x, 3, 6),
		"(n, y, x)":    graph.Floats32(x, 3, 2, 3),
		"(n, c, y, x)": graph.Floats32(x, 3, 1, 2, 3),
	} {
		img, err := Grid(a, Layout{Y: 2, X: 3, Columns: 2, Scale: 2})
		if err != nil {
			t.Fatal(err)
		}
		wantSize(t, img, 2+2*(6+2), 2+2*(4+2))
		for py := range 14 {
			for px := range 18 {
				want := paper
				cx, cy := (px-2)/8, (py-2)/6 // cell
				ix, iy := (px-2)%8/2, (py-2)%6/2
				if i := cy*2 + cx; px >= 2 && py >= 2 && ix < 3 && iy < 2 && i < 3 {
					want = greyOf(uint8(float64(x[i*6+iy*3+ix])*255 + 0.5))
				}
				if got := colourAt(img, px, py); got != want {
					t.Fatalf("%s: pixel (%d, %d) is %v, want %v", name, px, py, got, want)
				}
			}
		}
	}
}

func TestGridColours(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	x := []float64{-3, 0, 0.5, 1, 7, nan, inf, -inf, 1e-300}
	want := []color.RGBA{greyOf(0), greyOf(0), greyOf(128), greyOf(255), greyOf(255), notANumber, greyOf(255), greyOf(0), greyOf(0)}
	img, err := Grid(graph.Floats64(x, 1, 9), Layout{Scale: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		if got := colourAt(img, gap+i%3, gap+i/3); got != w {
			t.Errorf("%v is shown as %v, want %v", x[i], got, w)
		}
	}
	bits, err := Grid(graph.Ints([]int{0, 1, 1, 0}, 1, 4), Layout{Scale: 1})
	if err != nil || colourAt(bits, gap+1, gap) != greyOf(255) || colourAt(bits, gap, gap) != greyOf(0) {
		t.Errorf("integers are shown wrongly, %v", err)
	}
}

func TestGridOfColourImages(t *testing.T) {
	// One image of 1 x 2 pixels: red then a mixture, as three planes.
	x := []float32{1, 0.2, 0, 0.4, 0, 0.6}
	want := []color.RGBA{{255, 0, 0, 255}, {51, 102, 153, 255}}
	for _, a := range []graph.Array{graph.Floats32(x, 1, 3, 1, 2), graph.Floats32(x, 1, 6)} {
		img, err := Grid(a, Layout{Y: 1, X: 2, Scale: 1})
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if got := colourAt(img, gap+i, gap); got != w {
				t.Errorf("shape %v, pixel %d is %v, want %v", a.Shape, i, got, w)
			}
		}
	}
	img, err := Grid(graph.Floats32(make([]float32, 2*48), 2, 48), Layout{Scale: 1}) // 3 x 4 x 4
	if err != nil {
		t.Fatal(err)
	}
	wantSize(t, img, 2+2*6, 2+6)
}

func TestGridDefaults(t *testing.T) {
	img, err := Grid(graph.Floats32(make([]float32, 100*784), 100, 784), Layout{})
	if err != nil {
		t.Fatal(err)
	}
	wantSize(t, img, 2+10*(84+2), 2+10*(84+2)) // ten columns at scale 3
}

func TestLabelsAreNotClipped(t *testing.T) {
	label := "a label wider than its image"
	img, err := Grid(graph.Floats32(make([]float32, 8), 2, 4), Layout{Scale: 1, Columns: 2, Labels: []string{label, ""}})
	if err != nil {
		t.Fatal(err)
	}
	if w := newTypesetter().width(label); img.Bounds().Dx() < 2*w {
		t.Errorf("the sheet is %d wide, a label alone %d", img.Bounds().Dx(), w)
	}
	dark := 0 // in the left half, below the image; the border must stay free
	for y := gap + 2; y < img.Bounds().Dy(); y++ {
		for x := range img.Bounds().Dx() {
			if colourAt(img, x, y).R < 0x80 {
				dark++
				if x < gap || x >= img.Bounds().Dx()/2 || y == img.Bounds().Dy()-1 {
					t.Fatalf("the label reaches (%d, %d) of %v", x, y, img.Bounds())
				}
			}
		}
	}
	if dark == 0 {
		t.Error("no label was written")
	}
}

func TestImagesRefused(t *testing.T) {
	f := func(shape ...int) graph.Array {
		n := 1
		for _, d := range shape {
			n *= d
		}
		return graph.Floats32(make([]float32, n), shape...)
	}
	for name, c := range map[string]struct {
		a    graph.Array
		l    Layout
		says string
	}{
		"zero Array":         {graph.Array{}, Layout{}, "exactly one of"},
		"no image":           {graph.Array{Shape: []int{0, 4}, F32: []float32{}}, Layout{}, "positive"},
		"wrong length":       {graph.Floats32(make([]float32, 3), 1, 4), Layout{}, "needs 4 elements"},
		"vector":             {f(4), Layout{}, "(n, d)"},
		"five dimensions":    {f(1, 1, 1, 2, 2), Layout{}, "(n, d)"},
		"not square":         {f(1, 6), Layout{}, "not square"},
		"size does not fit":  {f(1, 6), Layout{Y: 2, X: 2}, "not 2 rows of 2"},
		"half a size":        {f(1, 6), Layout{Y: 2}, "not 2 rows of 0"},
		"negative size":      {f(1, 6), Layout{Y: -2, X: -3}, "rows"},
		"size and shape":     {f(1, 2, 3), Layout{Y: 3, X: 2}, "layout says 3 of 2"},
		"two channels":       {f(1, 2, 2, 2), Layout{}, "2 channels"},
		"negative columns":   {f(1, 4), Layout{Columns: -1}, "columns"},
		"negative scale":     {f(1, 4), Layout{Scale: -1}, "scale"},
		"huge scale":         {f(1, 4), Layout{Scale: math.MaxInt}, "scale"},
		"huge sheet":         {f(4, 4), Layout{Scale: 10000}, "at most"},
		"too few labels":     {f(2, 4), Layout{Labels: []string{"a"}}, "1 labels for 2 images"},
		"endless label":      {f(1, 4), Layout{Labels: []string{strings.Repeat("m", 1<<23)}}, "at most"},
		"huge size no match": {f(1, 4), Layout{Y: math.MaxInt, X: math.MaxInt}, "rows"},
	} {
		if img, err := Grid(c.a, c.l); img != nil || err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.says)
		}
		if img, err := Compare([]Row{{"row", c.a}}, c.l); img != nil || err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: Compare gives error %v, want one that says %q", name, err, c.says)
		}
	}
}

func TestFiltersHaveTheirOwnScales(t *testing.T) {
	nan := float32(math.NaN())
	// Four units of 2 x 2 inputs: unit j is column j.
	w := graph.Floats32([]float32{
		1, 100, 0, nan,
		-1, -100, 0, 2,
		0.5, 50, 0, -4,
		0, 0, 0, float32(math.Inf(-1)),
	}, 4, 4)
	img, err := Filters(w, Layout{Scale: 1})
	if err != nil {
		t.Fatal(err)
	}
	wantSize(t, img, 2+2*4, 2+2*4)
	at := func(unit, i int) color.RGBA { return colourAt(img, gap+unit%2*4+i%2, gap+unit/2*4+i/2) }
	red, blue, white := diverging(1), diverging(-1), greyOf(255)
	for unit, want := range [][]color.RGBA{
		{red, blue, diverging(0.5), white},
		{red, blue, diverging(0.5), white},
		{white, white, white, white},
		{notANumber, diverging(0.5), blue, blue},
	} {
		for i := range want {
			if got := at(unit, i); got != want[i] {
				t.Errorf("unit %d, input %d is %v, want %v", unit, i, got, want[i])
			}
		}
	}
	if red.R < 2*red.B || blue.B < 2*blue.R || colourAt(img, 0, 0) != frame {
		t.Errorf("positive is %v, negative %v, the frame %v", red, blue, colourAt(img, 0, 0))
	}
}

func TestFiltersOfColourImages(t *testing.T) {
	w := graph.Floats32([]float32{2, -2, 1}, 3, 1) // one pixel of three planes
	img, err := Filters(w, Layout{Y: 1, X: 1, Scale: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := colourAt(img, gap, gap), (color.RGBA{255, 0, 191, 255}); got != want {
		t.Errorf("the filter is %v, want %v", got, want)
	}
}

func TestFiltersRefused(t *testing.T) {
	for _, a := range []graph.Array{{}, graph.Floats32(make([]float32, 4), 4), graph.Floats32(make([]float32, 6), 6, 1), graph.Floats32(make([]float32, 8), 2, 2, 2)} {
		if img, err := Filters(a, Layout{}); img != nil || !errors.Is(err, graph.ErrShape) {
			t.Errorf("weights of shape %v: error %v, want ErrShape", a.Shape, err)
		}
	}
}

func TestDivergingIsMonotonic(t *testing.T) {
	lightness := func(c color.RGBA) int { return int(c.R) + int(c.G) + int(c.B) }
	for i := range 100 {
		v := float64(i) / 100
		for _, s := range []float64{1, -1} {
			if lightness(diverging(s*v)) < lightness(diverging(s*(v+0.01))) {
				t.Errorf("%v is darker than %v", s*v, s*(v+0.01))
			}
		}
	}
	if diverging(5) != diverging(1) || diverging(-5) != diverging(-1) {
		t.Error("values beyond the ends are not clamped")
	}
}

// Two rows of three images in two columns, hence two blocks.
func TestCompareLaysOutRowsAndBlocks(t *testing.T) {
	images := func(first float32) graph.Array {
		x := make([]float32, 3*400)
		for i := range x {
			x[i] = first + 0.1*float32(i/400)
		}
		return graph.Floats32(x, 3, 20, 20)
	}
	rows := []Row{{"original", images(0.1)}, {"reconstructed", images(0.6)}}
	img, err := Compare(rows, Layout{Columns: 2, Scale: 1})
	if err != nil {
		t.Fatal(err)
	}
	// Levels met down a line through the middle of each column, without repetition.
	scan := func(x int) (levels []uint8) {
		for y := range img.Bounds().Dy() {
			if l := colourAt(img, x, y).R; l != 255 && (len(levels) == 0 || levels[len(levels)-1] != l) {
				levels = append(levels, l)
			}
		}
		return levels
	}
	right := img.Bounds().Dx() - gap - 10
	for x, want := range map[int][]uint8{
		right - 22: {26, 153, 77, 204}, // 0.1, 0.6, then image 2: 0.3, 0.8
		right:      {51, 179},          // 0.2, 0.7, then nothing
	} {
		got := scan(x)
		if len(got) != len(want) {
			t.Fatalf("down column %d the levels are %d, want %d", x, got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("down column %d the levels are %d, want %d", x, got, want)
			}
		}
	}
	for y := range img.Bounds().Dy() { // captions do not touch the border
		if colourAt(img, 0, y) != paper || colourAt(img, 3, y) != paper {
			t.Fatal("a caption touches the left border")
		}
	}
}

func TestCompareRefused(t *testing.T) {
	a := graph.Floats32(make([]float32, 8), 2, 4)
	for name, rows := range map[string][]Row{
		"no rows":          nil,
		"another number":   {{"a", a}, {"b", graph.Floats32(make([]float32, 4), 1, 4)}},
		"another size":     {{"a", a}, {"b", graph.Floats32(make([]float32, 18), 2, 9)}},
		"one not an image": {{"a", a}, {"b", graph.Array{}}},
	} {
		if img, err := Compare(rows, Layout{}); img != nil || !errors.Is(err, graph.ErrShape) {
			t.Errorf("%s: error %v, want ErrShape", name, err)
		}
	}
}
