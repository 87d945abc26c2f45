package view

import (
	"image"
	"image/color"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/latent-go/latent/graph"
)

// count is how many pixels have about the colour c, and the mean of their places.
func count(img image.Image, c color.RGBA) (n int, x, y float64) {
	near := func(a, b uint8) bool { return math.Abs(float64(a)-float64(b)) < 12 }
	for py := range img.Bounds().Dy() {
		for px := range img.Bounds().Dx() {
			if g := colourAt(img, px, py); near(g.R, c.R) && near(g.G, c.G) && near(g.B, c.B) {
				n++
				x += float64(px)
				y += float64(py)
			}
		}
	}
	return n, x / float64(n), y / float64(n)
}

func curves(t *testing.T, a Axes, s ...Series) image.Image {
	t.Helper()
	img, err := Curves(s, a)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestCurvesShowEverySeries(t *testing.T) {
	up := Series{X: []float64{0, 1}, Y: []float64{0, 1}}
	low := Series{X: []float64{0, 1}, Y: []float64{0, 0}}
	img := curves(t, Axes{}, up, low)
	n0, _, y0 := count(img, palette[0])
	n1, _, y1 := count(img, palette[1])
	if n0 < 500 || n1 < 500 {
		t.Errorf("the curves have %d and %d pixels", n0, n1)
	}
	if y1 < y0+100 { // pictures count rows from the top
		t.Errorf("the curve at 0 lies at row %v, the rising one at %v", y1, y0)
	}
}

func TestCurveGaps(t *testing.T) {
	nan := math.NaN()
	whole := curves(t, Axes{}, Series{X: []float64{0, 1, 2, 3}, Y: []float64{1, 1, 1, 1}})
	gappy := curves(t, Axes{}, Series{X: []float64{0, 1, 1.5, 2, 3}, Y: []float64{1, 1, nan, 1, 1}})
	a, _, _ := count(whole, palette[0])
	b, _, _ := count(gappy, palette[0])
	if ratio := float64(b) / float64(a); ratio < 0.6 || ratio > 0.75 {
		t.Errorf("with the middle third missing, %.2f of the curve is drawn", ratio)
	}
	single := curves(t, Axes{}, Series{X: []float64{1}, Y: []float64{1}})
	if n, _, _ := count(single, palette[0]); n < 10 {
		t.Errorf("a series of one point has %d pixels", n)
	}
}

func TestSpread(t *testing.T) {
	s := Series{X: []float64{0, 1, 2}, Y: []float64{1, 1, 1}}
	a, _, _ := count(curves(t, Axes{}, s, Series{X: []float64{0, 2}, Y: []float64{0, 4}}), palette[0])
	for _, logY := range []bool{false, true} {
		s.Spread = []float64{0.5, 2, math.NaN()} // 1-2 has no logarithm
		b, _, _ := count(curves(t, Axes{LogY: logY}, s, Series{X: []float64{0, 2}, Y: []float64{0.1, 4}}), palette[0])
		if b < a+100 {
			t.Errorf("logarithmic %v: %d pixels without bars, %d with", logY, a, b)
		}
	}
}

func TestPieces(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	s := Series{X: []float64{0, 1, 2, 3, 4, nan, 6, 7}, Y: []float64{nan, 10, 100, inf, 0, 1, 1000, 1e301}}
	for logY, want := range map[bool][]int{false: {2, 1, 1}, true: {2, 1, 1}} {
		pieces, err := s.pieces(logY)
		if err != nil {
			t.Fatal(err)
		}
		if logY { // 0 has no logarithm, 1e301 has
			if len(pieces) != 2 || len(pieces[0]) != 2 || pieces[0][1].Y != 2 || len(pieces[1]) != 2 {
				t.Errorf("logarithmic pieces are %v", pieces)
			}
			continue
		}
		if len(pieces) != len(want) {
			t.Fatalf("pieces are %v, want lengths %v", pieces, want)
		}
		for i, n := range want {
			if len(pieces[i]) != n {
				t.Errorf("pieces are %v, want lengths %v", pieces, want)
			}
		}
	}
}

func TestExtremeCurvesAreDrawn(t *testing.T) {
	x := []float64{0, 1, 2}
	for name, y := range map[string][]float64{
		"constant":        {5, 5, 5},
		"zero":            {0, 0, 0},
		"subnormal":       {5e-324, 5e-324, 1e-323},
		"one ulp":         {1, math.Nextafter(1, 2), 1},
		"large, one ulp":  {1e15, 1e15 + 0.125, 1e15},
		"very large":      {-1e300, 0, 1e300},
		"wide":            {1e-300, 1, 1e300},
		"large and small": {1e-12, 1e12, 1},
		"negative":        {-3, -2, -1e-9},
	} {
		for _, logY := range []bool{false, true} {
			_, err := Curves([]Series{{Name: name, X: x, Y: y}}, Axes{LogY: logY})
			if undrawable := logY && (y[0] == 0 || y[0] < 0 && y[2] < 0); (err != nil) != undrawable {
				t.Errorf("%s, logarithmic %v: error %v", name, logY, err)
			}
			if _, err := Curves([]Series{{Name: name, X: y, Y: x}}, Axes{}); err != nil {
				t.Errorf("%s along x: error %v", name, err)
			}
		}
	}
}

func TestCurvesRefused(t *testing.T) {
	for name, s := range map[string][]Series{
		"none":    nil,
		"lengths": {{Name: "a", X: []float64{1, 2}, Y: []float64{1}}},
		"empty":   {{Name: "a"}},
		"all NaN": {{Name: "good", X: []float64{1}, Y: []float64{1}}, {Name: "a", X: []float64{1}, Y: []float64{math.NaN()}}},
		"spread":  {{Name: "a", X: []float64{1, 2}, Y: []float64{1, 2}, Spread: []float64{1}}},
	} {
		img, err := Curves(s, Axes{})
		if img != nil || err == nil || len(s) > 0 && !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("%s: error %v, want one that names the series", name, err)
		}
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		log    bool
		want   string
	}{
		{0, 1, false, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{-0.03, 0.17, false, "0.00 0.05 0.10 0.15"},
		{0, 60000, false, "0 10000 20000 30000 40000 50000 60000"},
		{-4.4, 4.4, false, "-4 -2 0 2 4"},
		{1e-6, 5e-6, false, "1e-06 2e-06 3e-06 4e-06 5e-06"},
		{0, 2e7, false, "0 5000000 10000000 15000000 20000000"},
		{-2.1, 0.1, true, "0.01 0.02 0.05 0.1 0.2 0.5 1"},
		{-4, 0, true, "0.0001 0.001 0.01 0.1 1"},
		{math.Log10(0.19), math.Log10(0.81), true, "0.2 0.3 0.4 0.5 0.6 0.7 0.8"},
		{-20, 20, true, "1e-20 1e-15 1e-10 1e-05 1 1e+05 1e+10 1e+15 1e+20"},
	} {
		var got []string
		if c.log {
			for _, tick := range (logTicks{}).Ticks(c.lo, c.hi) {
				if tick.Label == "" {
					continue
				}
				got = append(got, tick.Label)
				v, err := strconv.ParseFloat(tick.Label, 64)
				if err != nil || math.Abs(math.Log10(v)-tick.Value) > 1e-9 {
					t.Errorf("label %q stands at %v", tick.Label, tick.Value)
				}
			}
		} else {
			for _, tick := range (linearTicks{}).Ticks(c.lo, c.hi) {
				got = append(got, tick.Label)
				v, err := strconv.ParseFloat(tick.Label, 64)
				if err != nil || math.Abs(v-tick.Value) > 1e-9*math.Abs(c.hi-c.lo) {
					t.Errorf("label %q stands at %v", tick.Label, tick.Value)
				}
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("ticks of %v to %v are %q, want %q", c.lo, c.hi, s, c.want)
		}
	}
}

// TestWholeTicks checks that whole numbers, as of layers, are marked by whole numbers, and others are not.
func TestWholeTicks(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want string
	}{
		{[]float64{1, 2}, "1 2"},
		{[]float64{0, 600}, "0 100 200 300 400 500 600"},
		{[]float64{1, math.NaN(), 2}, "1 2"},
		{[]float64{1, 1.5, 2}, "1.0 1.2 1.4 1.6 1.8 2.0"},
	} {
		var got []string
		for _, tick := range xTicks([]Series{{X: []float64{1}}, {X: c.x}}).Ticks(c.x[0], c.x[len(c.x)-1]) {
			got = append(got, tick.Label)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("ticks of %v are %q, want %q", c.x, s, c.want)
		}
	}
}

func TestLegendStandsBesideThePlot(t *testing.T) {
	s := Series{X: []float64{0, 1}, Y: []float64{0, 1}}
	plain := curves(t, Axes{Title: "t"}, s)
	s.Name = "a name of some length"
	named := curves(t, Axes{Title: "t"}, s)
	if named.Bounds().Dx() < plain.Bounds().Dx()+150 {
		t.Errorf("with a legend the picture is %v, without %v", named.Bounds(), plain.Bounds())
	}
	many := make([]Series, 40)
	for i := range many {
		many[i] = s
	}
	if tall := curves(t, Axes{}, many...); tall.Bounds().Dy() <= named.Bounds().Dy() {
		t.Errorf("40 names fit a picture of %v", tall.Bounds())
	}
	s.Name = strings.Repeat("long ", 1000)
	if long := curves(t, Axes{}, s); long.Bounds().Dx() > 2*named.Bounds().Dx() {
		t.Errorf("an endless name makes a picture of %v", long.Bounds())
	}
}

func TestScatterColoursClasses(t *testing.T) {
	n := 300
	x := make([]float32, 2*n)
	labels := make([]int, n)
	for i := range n { // three columns of points, from left to right
		labels[i] = []int{7, -1, 30}[i%3] // sorted: -1, 7, 30
		x[2*i] = float32(labels[i])
		x[2*i+1] = float32(i)
	}
	x[0] = float32(math.NaN()) // is left out
	img, err := Scatter(graph.Floats32(x, n, 2), labels, Axes{Title: "codes"})
	if err != nil {
		t.Fatal(err)
	}
	last := 0.0
	for k := range 3 {
		n, at, _ := count(img, palette[k])
		if n < 1000 || at < last+50 {
			t.Errorf("class %d has %d pixels about column %v, the one before %v", k, n, at, last)
		}
		last = at
	}
	if n, _, _ := count(img, palette[3]); n > 100 {
		t.Errorf("a fourth class has %d pixels", n)
	}
	if _, err := Scatter(graph.Floats32(x, n, 2), nil, Axes{}); err != nil {
		t.Errorf("without labels: %v", err)
	}
}

func TestScatterRefused(t *testing.T) {
	nan := math.NaN()
	many := make([]int, 31)
	for i := range many {
		many[i] = i
	}
	for name, c := range map[string]struct {
		points graph.Array
		labels []int
		want   error
	}{
		"zero Array":       {graph.Array{}, nil, graph.ErrShape},
		"three columns":    {graph.Floats32(make([]float32, 3), 1, 3), nil, graph.ErrShape},
		"vector":           {graph.Floats32(make([]float32, 2), 2), nil, graph.ErrShape},
		"too few labels":   {graph.Floats32(make([]float32, 4), 2, 2), []int{1}, graph.ErrShape},
		"no labels at all": {graph.Floats32(make([]float32, 4), 2, 2), []int{}, graph.ErrShape},
		"too many classes": {graph.Floats32(make([]float32, 62), 31, 2), many, graph.ErrShape},
		"all NaN":          {graph.Floats64([]float64{nan, 0, 1, nan}, 2, 2), nil, graph.ErrNotFinite},
	} {
		if img, err := Scatter(c.points, c.labels, Axes{}); img != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
}
