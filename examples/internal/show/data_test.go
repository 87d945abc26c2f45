package show

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/latent-go/latent/graph"
)

// TestInput reads each kind of data, and splits what has no test set.
func TestInput(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	folder := filepath.Join(dir, "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.png", "b.png"} {
		f, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 5, 7))); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	table := write("t.csv", []byte("1,2,3,4\n5,6,7,8\n0,0,0,1\n9,9,9,0\n"))
	idx := write("images", append([]byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}, 0, 255, 51, 102))
	flat := write("labels", []byte{0, 0, 8, 1, 0, 0, 0, 2, 7, 7})
	for _, c := range []struct {
		in            Input
		training, out int
		shape         []int
	}{
		{Input{Path: "digits"}, 10_000, 2000, []int{1, 28, 28}},
		{Input{Path: table, HeldOut: 0.25}, 3, 1, []int{4}},
		{Input{Path: table, HeldOut: 0.5, Shape: "2x2"}, 2, 2, []int{1, 2, 2}},
		{Input{Path: table, HeldOut: 0.5, Label: "-1"}, 2, 2, []int{3}},
		{Input{Path: idx, HeldOut: 0.5}, 1, 1, []int{1, 1, 2}},
		{Input{Path: folder, HeldOut: 0.5, Size: 6}, 1, 1, []int{1, 6, 6}},
	} {
		training, test, err := c.in.Load(t.Context(), graph.NewKey(1))
		if err != nil {
			t.Errorf("%+v: %v", c.in, err)
			continue
		}
		if training.Len() != c.training || test.Len() != c.out || !slices.Equal(training.Shape(), c.shape) {
			t.Errorf("%+v: %d and %d examples of shape %v, expected %d and %d of %v", c.in, training.Len(), test.Len(), training.Shape(), c.training, c.out, c.shape)
		}
	}
	all, test, err := Data(t.Context(), idx, "")
	if err != nil || test != nil || !slices.Equal(all.X.F32, []float32{0, 1, 0.2, 0.4}) {
		t.Errorf("bytes became %v (%v)", all.X, err)
	}
	for _, in := range []Input{{Path: "nowhere"}, {Path: flat, HeldOut: 0.5}, {Path: table}, {Path: table, HeldOut: 0.5, Shape: "3x3"}, {Path: table, HeldOut: 0.5, Label: "height"}} {
		if _, _, err := in.Load(t.Context(), graph.NewKey(1)); err == nil {
			t.Errorf("%+v gave no error", in)
		}
	}
}
