package voices

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/latent-go/latent/graph"
	"github.com/latent-go/latent/graph/data/audio"
)

func write(t *testing.T, dir string, rate int, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := audio.WriteWAV(filepath.Join(dir, name), audio.Wave{Rate: rate, Samples: []float32{0.5, -0.5, 0.25}}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWords(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 8000, "7_ann_12.wav", "7_bob_0.wav", "one_ann_3.wav")
	words, err := Words(dir, graph.NewKey(1))
	if err != nil || len(words) != 3 {
		t.Fatal(words, err)
	}
	if w := words[0]; w.Label != "7" || w.Speaker != "ann" || w.N != 12 || len(w.Samples) != 3 {
		t.Errorf("%+v", w)
	}
	if !slices.Equal(Labels(words), []string{"7", "one"}) || !slices.Equal(Speakers(words), []string{"ann", "bob"}) {
		t.Error(Labels(words), Speakers(words))
	}
	for _, name := range []string{"7_ann.wav", "7_ann_x.wav", "_ann_3.wav", "7_a_b_3.wav", "7_ann_-3.wav"} {
		dir := t.TempDir()
		write(t, dir, 8000, name)
		if _, err := Words(dir, graph.NewKey(1)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoise(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 8000, "rain.wav")
	if clips, err := Noise(dir, 8000, graph.NewKey(1)); err != nil || len(clips) != 1 {
		t.Error(clips, err)
	}
	if _, err := Noise(dir, 16000, graph.NewKey(1)); err == nil || !strings.Contains(err.Error(), "16000") {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	t.Setenv("LATENT_DATA", "")
	if _, err := Words("fsdd", graph.NewKey(1)); err == nil || !strings.Contains(err.Error(), "LATENT_DATA") {
		t.Error(err)
	}
	if _, err := Noise("esc10", 8000, graph.NewKey(1)); err == nil || !strings.Contains(err.Error(), "LATENT_DATA") {
		t.Error(err)
	}
	root := t.TempDir()
	t.Setenv("LATENT_DATA", root)
	if _, err := Words("fsdd", graph.NewKey(1)); !os.IsNotExist(cause(err)) {
		t.Error(err)
	}
}

func cause(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok || os.IsNotExist(err) {
			return err
		}
		err = u.Unwrap()
	}
}

// TestRealSets reads the two sets that have names, where they are present, and counts what their authors count.
func TestRealSets(t *testing.T) {
	root := os.Getenv("LATENT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	for _, name := range []string{"fsdd", "noise-esc10"} {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Skip("no recordings")
		}
	}
	t.Setenv("LATENT_DATA", root)
	words, err := Words("fsdd", graph.NewKey(1))
	if err != nil {
		t.Fatal(err)
	}
	seconds, test := 0.0, 0
	for _, w := range words {
		seconds += w.Seconds()
		if w.N < 5 {
			test++
		}
	}
	if len(words) != 3000 || len(Labels(words)) != 10 || len(Speakers(words)) != 6 || test != 300 || math.Abs(seconds-1312) > 1 {
		t.Errorf("%d words, %v by %v, %d for the test, %v s", len(words), Labels(words), Speakers(words), test, seconds)
	}
	noise, err := Noise("esc10", 8000, graph.NewKey(1))
	if err != nil || len(noise) != 200 {
		t.Errorf("%d clips of noise, %v", len(noise), err)
	}
}

// TestSynthetic: what is made is of the key, audible, and not clipped.
func TestSynthetic(t *testing.T) {
	words := syntheticWords(graph.NewKey(1), 2, 3)
	if len(words) != 2*3*len(lexicon) || len(Labels(words)) != len(lexicon) || len(Speakers(words)) != 2 {
		t.Errorf("%d words, %v, %v", len(words), Labels(words), Speakers(words))
	}
	for i, w := range syntheticWords(graph.NewKey(1), 2, 3) {
		if !slices.Equal(w.Samples, words[i].Samples) {
			t.Fatal("same key, other samples")
		}
	}
	if slices.Equal(syntheticWords(graph.NewKey(2), 1, 1)[0].Samples, words[0].Samples) {
		t.Error("other key, same samples")
	}
	waves := syntheticNoise(graph.NewKey(1), 8000)
	if len(waves) != 40 {
		t.Errorf("%d clips of noise", len(waves))
	}
	for _, w := range words {
		waves = append(waves, w.Clip)
	}
	for i, c := range waves {
		energy, peak := 0.0, 0.0
		for _, v := range c.Samples {
			energy += float64(v) * float64(v) / float64(len(c.Samples))
			peak = max(peak, math.Abs(float64(v)))
		}
		if !(energy > 1e-4) || i >= 40 && peak >= 1 {
			t.Errorf("%s: power %v, peak %v", c.Name, energy, peak)
		}
	}
}

func TestImage(t *testing.T) {
	a := graph.Floats32([]float32{0, 10, 5, 20}, 2, 2) // two frames: (0, 10), (5, 20)
	got := Image(a, 4, 0, 10)
	want := []float32{1, 1, 1, 1, 0, 0.5, 0, 0.5}
	if !slices.Equal(got.F32, want) || !slices.Equal(got.Shape, []int{1, 4, 2}) {
		t.Errorf("%v", got)
	}
	if low, high := Range(a); low != 0 || high != 20 {
		t.Error(low, high)
	}
	if low, high := Range(graph.Floats32([]float32{3}, 1)); low != 3 || high != 4 {
		t.Error(low, high)
	}
}
