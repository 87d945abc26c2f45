package main

import (
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

func TestBarsAndStripes(t *testing.T) {
	set, err := barsAndStripes(3)
	if err != nil {
		t.Fatal(err)
	}
	if set.Len() != 16 {
		t.Fatalf("%d images of 3x3, expected 16", set.Len())
	}
	count := map[string]int{}
	for i := range set.Len() {
		image := set.X.F32[9*i : 9*i+9]
		rows, columns, text := true, true, ""
		for j, v := range image {
			rows = rows && v == image[j/3*3]
			columns = columns && v == image[j%3]
			text += string(rune('0' + int(v)))
		}
		if !rows && !columns {
			t.Errorf("image %s has neither uniform rows nor uniform columns", text)
		}
		count[text]++
	}
	for text, n := range count {
		if uniform := text == "000000000" || text == "111111111"; uniform != (n == 2) {
			t.Errorf("image %s is there %d times", text, n)
		}
	}
}

func TestRectangles(t *testing.T) {
	const n = 400
	set, err := makeRectangles(graph.NewKey(1), n)
	if err != nil {
		t.Fatal(err)
	}
	tall, highest := 0, 0
	for i := range n {
		top, bottom, left, right, white := side, -1, side, -1, 0
		for j, v := range set.X.F32[i*side*side : (i+1)*side*side] {
			if v == 1 {
				y, x := j/side, j%side
				top, bottom, left, right = min(top, y), max(bottom, y), min(left, x), max(right, x)
				white++
			}
		}
		h, w := bottom-top+1, right-left+1
		outline := 2*(h+w) - 4
		if h == 1 || w == 1 {
			outline = h * w
		}
		label := 0
		if h > w {
			label = 1
		}
		if white != outline || max(h-w, w-h) < 3 || set.Y.Int[i] != label {
			t.Fatalf("image %d: %d white pixels in a box of %dx%d, label %d", i, white, h, w, set.Y.Int[i])
		}
		tall, highest = tall+label, max(highest, h)
	}
	if tall < n*4/10 || tall > n*6/10 || highest != side {
		t.Errorf("%d of %d are taller than wide, the highest is %d", tall, n, highest)
	}
}

func TestNudge(t *testing.T) {
	set, err := data.NewSet(graph.Floats32([]float32{1, 2, 3, 4}, 1, 4), graph.Ints([]int{7}, 1))
	if err != nil {
		t.Fatal(err)
	}
	got, err := nudge(set, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{1, 2, 3, 4, 0, 1, 0, 3, 2, 0, 4, 0, 0, 0, 1, 2, 3, 4, 0, 0}
	for i, v := range want {
		if got.X.F32[i] != v || got.Y.Int[i/4] != 7 {
			t.Fatalf("images %v with labels %v, expected %v", got.X.F32, got.Y.Int, want)
		}
	}
}

func TestDrawBasic(t *testing.T) {
	x := make([]float32, 30)
	labels := make([]int, 30)
	for i := range x {
		x[i], labels[i] = float32(i)/30, i
	}
	half := func(lo, hi int) *data.Set {
		set, err := data.NewSet(graph.Floats32(x[lo:hi], hi-lo, 1, 1, 1), graph.Ints(labels[lo:hi], hi-lo))
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	s, err := drawBasic(graph.NewKey(1), half(0, 20), half(20, 30), 10, 4, 12)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	late := 0
	for i, set := range []*data.Set{s.train, s.valid, s.test} {
		if set.Len() != []int{10, 4, 12}[i] {
			t.Errorf("part %d has %d examples", i, set.Len())
		}
		for j, label := range set.Y.Int {
			if seen[label] || set.X.F32[j] != x[label] {
				t.Errorf("part %d: example %d is there twice or has another's label", i, label)
			}
			seen[label] = true
			if i == 0 && label >= 20 {
				late++
			}
		}
	}
	if late == 0 || late == 10 {
		t.Error("the training part is drawn from one of the two sets only")
	}
}

// TestAbsentData asks for the sets that are not downloaded, from nowhere and from an empty folder.
func TestAbsentData(t *testing.T) {
	for _, root := range []string{"", t.TempDir()} {
		t.Setenv("LATENT_DATA", root)
		if _, _, err := loadBinarized(); err == nil {
			t.Error("binarised MNIST: no error")
		}
		if _, err := loadDNA(); err == nil {
			t.Error("DNA: no error")
		}
		if _, err := loadDigits8x8(); err == nil {
			t.Error("digits: no error")
		}
	}
}
