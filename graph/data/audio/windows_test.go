package audio

import (
	"math"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data"
)

func TestContext(t *testing.T) {
	a := graph.Floats32([]float32{1, 10, 2, 20, 3, 30}, 3, 2)
	for k, want := range [][]float32{
		{1, 10, 2, 20, 3, 30},
		{1, 10, 1, 10, 2, 20, 1, 10, 2, 20, 3, 30, 2, 20, 3, 30, 3, 30},
	} {
		x, err := Context(a, k)
		if err != nil || !slices.Equal(x.F32, want) || !slices.Equal(x.Shape, []int{3, 2 * (2*k + 1)}) {
			t.Errorf("%d on each side: %v, %v", k, x, err)
		}
	}
}

// clips are three of 4, 1 and 6 frames of one number, that of the frame.
func clips() []graph.Array {
	x := []float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	return []graph.Array{graph.Floats32(x[:4], 4, 1), graph.Floats32(x[4:5], 1, 1), graph.Floats32(x[5:], 6, 1)}
}

// TestWindows: an epoch has every frame once, with its own neighbours and target, none of another clip.
func TestWindows(t *testing.T) {
	labels := make([]int, 11)
	numbers := make([]float32, 22)
	for i := range labels {
		labels[i], numbers[2*i], numbers[2*i+1] = 100+i, float32(-i), float32(i*i)
	}
	for name, y := range map[string]graph.Array{"labels": graph.Ints(labels, 11), "numbers": graph.Floats32(numbers, 11, 2), "none": {}} {
		w, err := NewWindows(clips(), 2, y)
		if err != nil {
			t.Fatal(err)
		}
		if w.Len() != 11 || !slices.Equal(w.Shape(), []int{5}) {
			t.Errorf("%d of shape %v", w.Len(), w.Shape())
		}
		var seen []int
		for b, err := range w.Batches(graph.NewKey(1), 4) {
			if err != nil || b.N > 4 || b.X.Shape[0] != b.N {
				t.Fatal(b.N, b.X.Shape, err)
			}
			for i := range b.N {
				row := b.X.Rows(i, i+1).F32
				frame := int(row[2])
				seen = append(seen, frame)
				first, last := 0, 3
				if frame == 4 {
					first, last = 4, 4
				} else if frame > 4 {
					first, last = 5, 10
				}
				for j, v := range row {
					if want := min(max(frame+j-2, first), last); int(v) != want {
						t.Errorf("%s: window of %d: %v", name, frame, row)
					}
				}
				switch {
				case b.Y.Int != nil && b.Y.Int[i] != 100+frame, b.Y.F32 != nil && (b.Y.F32[2*i] != float32(-frame) || b.Y.F32[2*i+1] != float32(frame*frame)):
					t.Errorf("%s: target of frame %d: %v", name, frame, b.Y)
				case b.Y.IsZero() != (name == "none"):
					t.Errorf("%s: targets %v", name, b.Y)
				}
			}
		}
		if sorted := slices.Sorted(slices.Values(seen)); len(seen) != 11 || len(slices.Compact(sorted)) != 11 || slices.IsSorted(seen) {
			t.Errorf("%s: frames in the order %v", name, seen)
		}
	}
}

// TestWindowsAsSource normalises windows as it does any other source.
func TestWindowsAsSource(t *testing.T) {
	w, err := NewWindows(clips(), 1, graph.Array{})
	if err != nil {
		t.Fatal(err)
	}
	z, err := data.FitStandard(w)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean of the middle", float64(z.Shift[1]), 5, 1e-5)
	near(t, "deviation of the middle", float64(z.Scale[1]), math.Sqrt(10), 1e-5)
	one, two := order(w, 1), order(w, 2)
	if !slices.Equal(one, order(w, 1)) || slices.Equal(one, two) {
		t.Errorf("orders %v, %v", one, two)
	}
}

func order(w *Windows, seed uint64) []float32 {
	var x []float32
	for b := range w.Batches(graph.NewKey(seed), 3) {
		x = append(x, b.X.F32...)
	}
	return x
}

func TestWindowsErrors(t *testing.T) {
	a := graph.Floats32(make([]float32, 6), 3, 2)
	for name, c := range map[string]struct {
		clips []graph.Array
		k     int
		y     graph.Array
		want  error
		say   string
	}{
		"none":     {nil, 0, graph.Array{}, data.ErrEmpty, ""},
		"negative": {[]graph.Array{a}, -1, graph.Array{}, data.ErrConfig, "-1 frames"},
		"many":     {[]graph.Array{a}, 1001, graph.Array{}, data.ErrConfig, "1001 frames"},
		"sizes":    {[]graph.Array{a, a.Reshape(2, 3)}, 0, graph.Array{}, graph.ErrShape, "clip 1"},
		"NaN":      {[]graph.Array{a, graph.Floats32([]float32{0, float32(math.NaN())}, 1, 2)}, 0, graph.Array{}, graph.ErrNotFinite, "clip 1"},
		"targets":  {[]graph.Array{a}, 0, graph.Ints(make([]int, 2), 2), graph.ErrShape, "3 frames"},
		"doubles":  {[]graph.Array{a}, 0, graph.Floats64(make([]float64, 3), 3), graph.ErrShape, "float32"},
		"broken":   {[]graph.Array{a}, 0, graph.Ints(make([]int, 2), 3), graph.ErrShape, "targets"},
	} {
		_, err := NewWindows(c.clips, c.k, c.y)
		wantError(t, name, err, c.want, c.say)
	}
	w, err := NewWindows([]graph.Array{a}, 0, graph.Array{})
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 4} {
		for _, err := range w.Batches(graph.Key{}, size) {
			wantError(t, "batch", err, data.ErrBatch, "3 frames")
		}
	}
}
